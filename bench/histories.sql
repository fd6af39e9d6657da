-- A fleet with a past, as settlement would have left it: each account bought one to four months ago and was renewed since.
-- Expects the tables `past` (an account each: n, bucket, account_id, method_id, subscription_id, first_at, months, and what it
-- is: ended, owing, credit, seats, metered, disputed) and `turn` (a period of an account each: with the ids of its attempt,
-- payment, proof and invoice, its start and end, and whether it is the last, and unpaid). Rows lie in the order of time, so
-- those of a bucket are scattered over the whole table, as they would be.

insert into account (bucket, id, segment, currency, country, time_zone, email, name, entity, terms_days, created_at)
select bucket, account_id, 'standard', 'USD', 'US', 'UTC', 'billing@site-' || n || '.example', 'Site ' || n, 'main', 0,
       first_at
from past order by n;

insert into method (bucket, id, account_id, provider, token, kind, label, fingerprint, off_session, priority, state,
    created_at, usable_since)
select bucket, method_id, account_id, 'sandbox', 'vm_' || replace(method_id::text, '-', ''), 'card',
       'Visa •••• 4242', 'a1b2c3d4e5f60718', true, 0, 'active', first_at, first_at
from past order by n;

insert into attempt (bucket, id, account_id, path, intent, claim, state, input_hash, plan, fingerprint, amount, currency,
    provider, method_id, off_session, setup, ref, cause, tries, created_at, expires_at, finished_at)
select bucket, attempt_id, account_id, case month when 0 then 'purchase' else 'renewal' end,
       case month when 0 then 'start' else 'renew' end, 'sub:' || subscription_id,
       case when unpaid then 'failed' else 'committed' end, '\x00', '{}', 'past', 2000, 'USD', 'sandbox', method_id,
       month > 0, false, 'pi_' || replace(attempt_id::text, '-', ''),
       case when unpaid then 'authentication_required' end, 1, starts_at, starts_at + interval '30 minutes', starts_at
from turn order by month, n;

insert into payment (bucket, id, account_id, attempt_id, provider, ref, amount, currency, disposition, invoice_id,
    received_at)
select bucket, payment_id, account_id, attempt_id, 'sandbox', 'pi_' || replace(attempt_id::text, '-', ''), 2000, 'USD',
       'applied', invoice_id, starts_at
from turn where not unpaid order by month, n;

insert into proof (bucket, id, account_id, attempt_id, kind, of_plan, amount, currency, payment_id, grace_until,
    recorded_at)
select bucket, proof_id, account_id, attempt_id, case when unpaid then 'grace' else 'payment' end, true, 2000, 'USD',
       case when not unpaid then payment_id end, case when unpaid then starts_at + %(grace)s::interval end, starts_at
from turn order by month, n;

insert into invoice (bucket, id, account_id, subscription_id, series, number, state, currency, total, paid, issued_at,
    due_at, paid_at, version, proof_id, paid_proof_id)
select bucket, invoice_id, account_id, subscription_id, 'SOL-' || upper(lpad(to_hex(bucket::integer), 2, '0')),
       row_number() over (partition by bucket order by month, n), case when unpaid then 'open' else 'paid' end, 'USD', 2000,
       case when unpaid then 0 else 2000 end, starts_at, starts_at, case when not unpaid then starts_at end, 1, proof_id,
       case when not unpaid then proof_id end
from turn order by month, n;

insert into invoice_line (bucket, invoice_id, position, kind, description, explanation, quantity, amount, price_id,
    item_id, object, period_start, period_end)
select bucket, invoice_id, 1, 'charge', to_json('Zone Pro, zone:site-' || n || '.example'), to_json('1 × 20.00'::text), 1, 2000,
       'zone-pro-usd-month@1', item_id, 'zone:site-' || n || '.example', starts_at, ends_at
from turn order by month, n;

insert into subscription (bucket, id, account_id, state, currency, interval_unit, interval_count, anchor_at, time_zone,
    period_index, period_start, period_end, version, due_at, ended_at, end_reason, grace_until, grace_invoice, proof_id,
    booked_end)
select t.bucket, t.subscription_id, t.account_id, case when p.ended then 'ended' else 'active' end, 'USD', 'month', 1,
       p.first_at, 'UTC', t.month, t.starts_at, t.ends_at, t.month + 1, case when not p.ended then t.ends_at end,
       case when p.ended then t.ends_at end, case when p.ended then 'asked_for' end,
       case when t.unpaid then t.starts_at + %(grace)s::interval end, case when t.unpaid then t.invoice_id end, t.proof_id,
       t.ends_at
from turn t join past p on p.n = t.n where t.latest order by p.n;

create temporary table thing as
select p.*, t.starts_at, t.ends_at, t.proof_id, t.unpaid, i.*
from past p join turn t on t.n = p.n and t.latest
cross join lateral (values
    (p.item_id, 'zone-pro-usd-month@1', 'zone-pro', 'zone', 1, 1, true),
    (p.seats_id, 'seats-usd-month@1', 'seats', 'seats', 5, 2, p.seats),
    (p.requests_id, 'requests-usd-month@1', 'requests', 'requests', 1, 3, p.metered))
    i (thing_id, price_id, product_id, family, quantity, position, there)
where i.there;

insert into item (bucket, id, account_id, subscription_id, price_id, family, object, quantity, position, ended_at,
    booked_price, booked_quantity)
select bucket, thing_id, account_id, subscription_id, price_id, family, 'zone:site-' || n || '.example', quantity, position,
       case when ended then ends_at end, price_id, quantity
from thing order by n, position;

insert into entitlement (bucket, item_id, account_id, subscription_id, product_id, object, quantity, features,
    starts_at, ends_at, proof_id)
select bucket, thing_id, account_id, subscription_id, product_id, 'zone:site-' || n || '.example', quantity,
       r.features, starts_at, case when unpaid then starts_at + %(grace)s::interval else ends_at + %(collecting)s::interval end,
       proof_id
from thing h join product r on r.id = h.product_id where not ended order by n, position;

insert into usage_period (bucket, item_id, starts_at, ends_at, account_id, subscription_id, price_id, meter, object,
    look_at)
select bucket, thing_id, starts_at, ends_at, account_id, subscription_id, price_id, 'requests',
       'zone:site-' || n || '.example', ends_at
from thing where family = 'requests' and not ended order by n;

insert into credit_grant (bucket, id, account_id, kind, currency, amount, remaining, priority, reason, granted_by, key,
    input_hash, cause_id, granted_at, expires_at)
select bucket, grant_id, account_id, 'goodwill', 'USD', 500, 300, 50, 'welcome', 'support', 'welcome', '\x00', grant_id,
       first_at, case when n %% 2 = 0 then %(now)s::timestamptz + interval '90 days' end
from past where credit order by n;

insert into dispute (bucket, id, account_id, payment_id, provider, payment_ref, ref, amount, currency, state, reason,
    opened_at, evidence_due_by, changed_at, fee, fee_currency, version, to_debt, from_credit, written_off, recorded_at)
select t.bucket, p.dispute_id, t.account_id, t.payment_id, 'sandbox', 'pi_' || replace(t.attempt_id::text, '-', ''),
       'dp_' || p.n, 2000, 'USD', 'needs_response', 'fraudulent', t.starts_at, t.starts_at + interval '90 days', t.starts_at,
       0, 'USD', 1, 0, 0, 0, t.starts_at
from past p join turn t on t.n = p.n and t.month = 0 where p.disputed order by p.n;

insert into invoice_series (bucket, series, last) select bucket, series, max(number) from invoice group by bucket, series;
