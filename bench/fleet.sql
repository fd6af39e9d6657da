-- A fleet of accounts that bought one subscription a month ago, as settlement would have left them: every law holds.
-- Expects the temporary table `chosen` (n, bucket, ids, token, start and end of the period) and the table `template`
-- with the plan of one such purchase, whose ids stand for those of each account.

insert into account (bucket, id, segment, currency, country, time_zone, email, name, entity, terms_days, created_at)
select bucket, account_id, 'standard', 'USD', 'US', time_zone, 'billing@site-' || n || '.example',
       'Site ' || n, 'main', terms_days, bought_at
from chosen order by bucket, account_id;

insert into attempt (bucket, id, account_id, path, intent, claim, state, key, input_hash, plan, fingerprint, amount,
    currency, provider, off_session, setup, ref, tries, created_at, expires_at, finished_at)
select bucket, attempt_id, account_id, 'purchase', 'start', 'new:zone@' || c.object, 'committed', 'seed', '\x00',
       replace(replace(replace(replace(t.plan, t.account, account_id::text), t.subscription, subscription_id::text),
                       t.item, item_id::text), t.object, c.object)::json,
       t.fingerprint, t.amount, 'USD', 'sandbox', false, false, 'pi_' || replace(attempt_id::text, '-', ''), 1,
       bought_at, bought_at + interval '30 minutes', bought_at
from chosen c, template t order by bucket, attempt_id;

insert into payment (bucket, id, account_id, attempt_id, provider, ref, amount, currency, disposition, invoice_id,
    received_at)
select bucket, payment_id, account_id, attempt_id, 'sandbox', 'pi_' || replace(attempt_id::text, '-', ''), t.amount,
       'USD', 'applied', invoice_id, bought_at
from chosen c, template t order by bucket, payment_id;

insert into proof (bucket, id, account_id, attempt_id, kind, of_plan, amount, currency, payment_id, recorded_at)
select bucket, proof_id, account_id, attempt_id, 'payment', true, t.amount, 'USD', payment_id, bought_at
from chosen c, template t order by bucket, proof_id;

insert into subscription (bucket, id, account_id, state, currency, interval_unit, interval_count, anchor_at, time_zone,
    period_index, period_start, period_end, version, due_at, proof_id, booked_end)
select bucket, subscription_id, account_id, 'active', 'USD', 'month', 1, bought_at, time_zone, 0, bought_at, ends_at,
       1, ends_at, proof_id, ends_at
from chosen order by bucket, subscription_id;

insert into item (bucket, id, account_id, subscription_id, price_id, family, object, quantity, position,
    booked_price, booked_quantity)
select bucket, item_id, account_id, subscription_id, t.price_id, t.family, c.object, 1, 1, t.price_id, 1
from chosen c, template t order by bucket, item_id;

insert into method (bucket, id, account_id, provider, token, kind, label, fingerprint, off_session, priority, state,
    created_at, usable_since)
select bucket, method_id, account_id, 'sandbox', token, 'card', 'Visa •••• 4242', 'a1b2c3d4e5f60718', true, 0,
       'active', bought_at, bought_at
from chosen order by bucket, method_id;

insert into invoice (bucket, id, account_id, subscription_id, series, number, state, currency, total, paid, issued_at,
    due_at, paid_at, version, proof_id, paid_proof_id)
select bucket, invoice_id, account_id, subscription_id, series, place, 'paid', 'USD', t.amount, t.amount, bought_at,
       bought_at, bought_at, 1, proof_id, proof_id
from chosen c, template t order by bucket, invoice_id;

insert into invoice_series (bucket, series, last) select bucket, series, max(place) from chosen group by bucket, series;

insert into invoice_line (bucket, invoice_id, position, kind, description, explanation, quantity, amount, price_id,
    item_id, object, period_start, period_end)
select bucket, invoice_id, 1, 'charge', replace(t.description, t.object, c.object)::json, t.explanation::json, 1, t.amount, t.price_id,
       item_id, c.object, bought_at, ends_at
from chosen c, template t order by bucket, invoice_id;

insert into posting (bucket, cause_id, position, account_id, debit, credit, amount, currency, invoice_id, booked_at)
select bucket, proof_id, p.position, account_id, p.debit, p.credit, t.amount, 'USD', invoice_id, bought_at
from chosen c, template t,
     (values (1, 'receivable', 'deferred_revenue'), (2, 'cash:sandbox', 'receivable')) p (position, debit, credit)
order by bucket, proof_id;

insert into entitlement (bucket, item_id, account_id, subscription_id, product_id, object, quantity, features,
    starts_at, ends_at, proof_id)
select bucket, item_id, account_id, subscription_id, t.product_id, c.object, 1, t.features, bought_at,
       ends_at + t.grace, proof_id
from chosen c, template t order by bucket, item_id;

insert into event (bucket, seq, account_id, type, data, occurred_at)
select bucket, (place - 1) * 4 + e.nth, account_id, e.type,
       case e.nth
           when 1 then json_build_object('segment', 'standard', 'currency', 'USD')
           when 2 then json_build_object('subscription_id', subscription_id, 'proof', 'payment', 'period_end', ends_at)
           when 3 then json_build_object('invoice_id', invoice_id, 'number', series || '-' || lpad(place::text, 6, '0'),
               'total', t.amount, 'currency', 'USD', 'proof', 'payment', 'payment_id', payment_id)
           else json_build_object('method_id', method_id, 'provider', 'sandbox', 'label', 'Visa •••• 4242') end,
       bought_at
from chosen c, template t, (values (1, 'account.created'), (2, 'subscription.started'), (3, 'invoice.paid'),
     (4, 'method.added')) e (nth, type)
order by bucket, place, e.nth;

update event_head h set last = c.last
from (select bucket, max(place) * 4 as last from chosen group by bucket) c where c.bucket = h.bucket;
