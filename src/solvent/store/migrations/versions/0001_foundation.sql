-- Foundation: reference tables, and the tables of one account's rows.
--
-- Rules (docs/decisions/0004-buckets.md): every owned row carries its account's bucket first in its primary, unique
-- and foreign keys; ids are made by us, and their last byte is the bucket; no identity column; no key spans buckets.
--
-- A foreign key costs about ten microseconds a row written. These names of other rows have none:
--   account_id below the account's own tables: the row's parent has it; the law "what hangs together" (store/laws.py)
--       compares the two. event, posting, recompute_queue: written with a parent, or read by joining the account.
--   invoice.subscription_id: written in one statement with its subscription; the same law compares them.
--   attempt.method_id: a note beside the token, which is what is charged; methods are detached, never deleted.
--   attempt.settles: a plan whose invoice is not there is stale, and commits nothing. subscription.claimed_by: written with it.
--   posting.cause_id, posting.invoice_id: L3, L4 and L7 compare the ledger with payments, credit and debts.
--   credit_grant.cause_id, credit_use.cause_id, chargeback.cause_id: likewise.
--   item.price_id, entitlement.product_id: an item is written by joining its price; prices and products are kept.
--   invoice_line.item_id, price_id, product_id: what the document said, not what is.
--   invoice_line.invoice_item_id, invoice_item.claimed_by: written with it; a law compares lines and items.
--   usage_event.account_id: whoever writes events has seen the account, and accounts are kept. usage_tally, usage_member
--       are written with events.
--   usage_period.price_id: the price of an item, written with it.
--   coupon_redemption.coupon_id, invoice_line.coupon_id: coupons are kept, as prices are.
--   coupon_seat.attempt_id: of an account in any bucket; a seat whose attempt is not there is nobody's.
--   transfer.id, account_id: an adapter's note of an attempt, which is in the journal before its provider is asked.
--   inbox.key: a stranger's word. bucket_lease.worker_id: a lease outlives the worker that took it.
--   examined.account_id: written by reading the account, and may be lost like any note.

-- ─── reference tables: small, the same everywhere ──────────────────────────────────────────────────────────────

create table legal_entity (
    id            text primary key,
    name          text not null,
    country       text not null,
    series_prefix text not null unique
);

-- What a legal entity's invoices say of it. Each is read from the version that held when it was issued.
create table legal_entity_version (
    entity_id  text not null references legal_entity (id),
    valid_from timestamptz not null,
    name       text not null,
    country    text not null,
    profile    jsonb not null,            -- address, registration, tax ids, e-mail, bank accounts
    primary key (entity_id, valid_from)
);

create table product (
    id          text primary key,
    name        text not null,
    family      text not null,
    object_kind text not null,
    quantity_max integer check (quantity_max > 0),
    features    jsonb not null,
    includes    text[] not null default '{}',
    tax_category text not null default 'standard',
    takes_credit boolean not null default true,
    ending      text,                             -- of the names that it registers
    authentication text not null default 'automatic' check (authentication in ('automatic', 'preferred', 'required')),
    names       jsonb not null default '{}'       -- what it is called, by language; name in all others
);

create table meter (
    id          text primary key,
    name        text not null,
    unit        text not null,
    names       jsonb not null default '{}',
    units       jsonb not null default '{}',
    aggregation text not null check (aggregation in ('sum', 'max', 'last', 'unique'))
);

-- What product services ask about; once one is declared, all are.
create table feature (
    id      text primary key,
    kind    text not null check (kind in ('flag', 'limit', 'quota', 'text')),
    combine text not null check (combine in ('largest', 'sum')),
    unit    text,
    meter   text references meter (id),
    check ((meter is not null) = (kind = 'quota')),
    check (kind in ('limit', 'quota') or (combine = 'largest' and unit is null))
);

create table price (
    id             text primary key,              -- key@version
    key            text not null,
    version        integer not null check (version > 0),
    product_id     text not null references product (id),
    currency       text not null,
    interval_unit  text,
    interval_count integer check (interval_count > 0),
    scheme         text not null,
    unit_amount    bigint not null,
    tiers          jsonb not null default '[]',
    package_size   integer not null check (package_size > 0),
    trial_days     integer not null check (trial_days >= 0),
    supersedes     text references price (id),
    meter          text references meter (id),    -- paid in arrears, by usage
    scale          smallint not null default 0 check (scale >= 0),    -- amounts are in 10^-scale minor units
    threshold      bigint check (threshold > 0),
    active         boolean not null,
    tax_behavior   text not null default 'exclusive' check (tax_behavior in ('exclusive', 'inclusive')),
    unique (key, version),
    check ((interval_unit is null) = (interval_count is null)),
    check (meter is not null or (scale = 0 and threshold is null)),
    check (meter is null or interval_unit is not null)
);
create unique index price_active on price (key) where active;

-- When invoices of a segment's accounts are due, unless an account has terms of its own, and what is paid by one invoice.
create table segment_terms (
    segment text primary key,
    days    integer not null check (days between 0 and 120),
    together text not null default 'instant' check (together in ('instant', 'in_advance', 'never'))
);

-- What a coupon takes off, and who may redeem it when: of each code one version is on offer at most.
create table coupon (
    id                text primary key,              -- code@version
    code              text not null,
    version           integer not null check (version > 0),
    name              text not null,
    names             jsonb not null default '{}',
    duration          text not null check (duration in ('once', 'repeating', 'forever')),
    ppm               integer check (ppm between 1 and 1000000),
    amount            bigint check (amount > 0),
    currency          text,
    periods           integer check (periods > 0),
    products          text[] not null default '{}',
    redemptions_max   integer check (redemptions_max > 0),
    per_account_max   integer check (per_account_max > 0),
    valid_from        timestamptz,
    valid_until       timestamptz,
    exclusive         boolean not null,
    priority          integer not null,
    supersedes        text references coupon (id),
    active            boolean not null,
    unique (code, version),
    check ((ppm is null) <> (amount is null)),
    check ((amount is null) = (currency is null)),
    check ((duration = 'repeating') = (periods is not null)),
    check (valid_from < valid_until)
);
create unique index coupon_offered on coupon (code) where active;

-- What the merchant decided for a segment, from when on. What has been decided stays.
create table policy_edition (
    segment        text not null,
    effective_from timestamptz not null,
    name           text not null,
    body           text not null,
    applied_at     timestamptz not null check (effective_from >= applied_at),
    primary key (segment, effective_from)
);

-- Whose consequences the engine applies. The newest row counts; what was set stays, with who and why.
create table engine_mode (
    revision          bigint primary key check (revision > 0),
    mode              text not null check (mode in ('off', 'observe', 'share', 'on')),
    share             smallint not null check (share between 0 and 100),
    accounts          uuid[] not null,
    excluded_segments text[] not null,
    excluded_accounts uuid[] not null,
    caps              jsonb not null,       -- accounts by consequence, within so many hours
    cap_hours         smallint not null check (cap_hours between 1 and 168),
    set_by            text not null check (set_by <> ''),
    reason            text not null check (reason <> ''),
    set_at            timestamptz not null
);

create table catalog_revision (
    only_row boolean primary key default true check (only_row),
    revision bigint not null
);
insert into catalog_revision (revision) values (1);

-- Taxes: rates with their validity, and where each legal entity collects them. `known_from` is when a row came to be
-- known: it counts for nothing that was charged before.
create table tax_rate (
    id         text primary key,
    country    text not null,
    region     text,
    category   text not null,
    name       text not null,
    ppm        integer not null check (ppm between 0 and 1000000),
    valid_from date not null,
    known_from timestamptz not null,
    replaces_wider boolean not null check (region is not null or not replaces_wider),
    names      jsonb not null default '{}'        -- what it is called, by language; name in all others
);

create table tax_registration (
    entity_id   text not null references legal_entity (id),
    country     text not null,
    region      text not null,                 -- empty: the whole country
    number      text not null,
    known_from  timestamptz not null,
    known_until timestamptz check (known_until > known_from),
    primary key (entity_id, country, region, known_from)
);
create unique index tax_registration_live on tax_registration (entity_id, country, region) where known_until is null;

-- Which key signs when follows from these moments (core/signing.py).
create table signing_key (
    kid        text primary key,
    made_at    timestamptz not null,
    signs_from timestamptz not null check (signs_from >= made_at),
    public     bytea not null check (octet_length(public) = 32),
    private    bytea not null,
    protected  boolean not null                     -- encrypted under SOLVENT_SECRET
);

create table api_key (
    id         uuid primary key,
    hash       bytea not null unique,
    label      text not null,
    scopes     text[] not null,
    created_at timestamptz not null,
    revoked_at timestamptz
);

-- Under which links to pay are proved. Deleting it makes all links that were given out useless.
create table link_key (
    id      smallint primary key check (id = 1),
    secret  bytea not null check (sealed or length(secret) = 32),
    sealed  boolean not null,
    made_at timestamptz not null
);

-- Which worker serves which buckets for now; `sweep` is how far each provider has been polled, and its statement read.
create table worker (
    id          uuid primary key,
    alive_until timestamptz not null
);

create table bucket_lease (
    bucket       smallint primary key,
    worker_id    uuid,
    leased_until timestamptz not null default '-infinity'
);

-- What was measured of the whole database, the last time of each day (UTC): `figures` by name, violations by law.
create table kpi_day (
    day         date primary key,
    measured_at timestamptz not null check (day = (measured_at at time zone 'UTC')::date),
    took_s      double precision not null check (took_s >= 0),
    figures     jsonb not null,
    laws        jsonb not null
);

create table sweep (
    provider    text primary key,
    swept_until timestamptz not null,
    stated_until timestamptz                    -- how far its statement was read
);

-- How asking a provider went: its poll, its statement.
create table poll_try (
    provider    text not null,
    what        text not null check (what in ('poll', 'statement')),
    tried_at    timestamptz not null,
    answered_at timestamptz,
    failures    integer not null check (failures >= 0), -- since it last answered
    reason      text,                                   -- of the last failure
    primary key (provider, what),
    check (failures = 0 or reason is not null)
);

-- What happened how often, over all processes: rare things, each counted as it happens.
create table counter (
    kind     text not null,
    about    text not null,
    label    text not null,
    times    bigint not null check (times > 0),
    first_at timestamptz not null,
    last_at  timestamptz not null,
    primary key (kind, about, label)
);

-- What a comparison of the books with a provider's lists and statement came to: the merchant's, of all accounts.
create table reconciliation (
    id          uuid primary key,
    provider    text not null,
    since       timestamptz not null,
    until       timestamptz not null,
    made_at     timestamptz not null,
    differences integer not null check (differences >= 0),
    repaired    integer not null check (repaired between 0 and differences),
    body        json not null
);

-- A price is immutable: only its being on sale may change, and it is never deleted.
create function refuse() returns trigger language plpgsql as $$
begin
    raise exception '% on % is refused: its rows are immutable', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;

create function refuse_price_change() returns trigger language plpgsql as $$
begin
    if (to_jsonb(old) - 'active') is distinct from (to_jsonb(new) - 'active') then
        raise exception 'price % is immutable: a new version supersedes it', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

create function refuse_coupon_change() returns trigger language plpgsql as $$
begin
    if (to_jsonb(old) - 'active') is distinct from (to_jsonb(new) - 'active') then
        raise exception 'coupon % is immutable: a new version supersedes it', old.id
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

create trigger coupon_is_immutable before update on coupon for each row execute function refuse_coupon_change();
create trigger coupon_is_kept before delete or truncate on coupon for each statement execute function refuse();
create trigger price_is_immutable before update on price for each row execute function refuse_price_change();
create trigger price_is_kept before delete or truncate on price for each statement execute function refuse();
create trigger legal_entity_version_is_immutable before update or delete or truncate on legal_entity_version
    for each statement execute function refuse();
create trigger reconciliation_is_immutable before update or delete or truncate on reconciliation
    for each statement execute function refuse();
create trigger tax_rate_is_immutable before update or delete or truncate on tax_rate
    for each statement execute function refuse();
create trigger engine_mode_is_immutable before update or delete or truncate on engine_mode
    for each statement execute function refuse();
create trigger policy_edition_is_immutable before update or delete or truncate on policy_edition
    for each statement execute function refuse();
create trigger tax_registration_is_kept before delete or truncate on tax_registration
    for each statement execute function refuse();
create trigger product_is_kept before delete or truncate on product for each statement execute function refuse();

-- ─── the account and how to collect from it ────────────────────────────────────────────────────────────────────

create table account (
    bucket     smallint not null check (bucket between 0 and 255),
    id         uuid not null,
    segment    text not null,
    currency   text not null,
    country    text not null,
    time_zone  text not null,
    email      text not null,
    name       text not null,
    entity     text not null,
    terms_days integer check (terms_days between 0 and 120),    -- its own; null: those of its segment
    together   text check (together in ('instant', 'in_advance', 'never')),   -- likewise
    test_now   timestamptz,
    address    jsonb,
    region     text,
    tax_id     text,
    tax_exempt boolean not null default false,
    tax_past   json,                            -- what country, region, tax_id and tax_exempt were before, until when
    language   text not null default 'en' check (language in ('en', 'de')),
    profile_past json,                          -- what name, email and address were before, until when
    closed_at  timestamptz,                     -- null: open
    created_at timestamptz not null,
    primary key (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15))
) with (fillfactor = 90);

create table method (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    provider    text not null,
    token       text not null,
    kind        text not null,
    label       text not null,
    fingerprint text,
    off_session boolean not null,
    priority    integer not null,
    state       text not null check (state in ('active', 'invalid', 'detached')),
    invalid_by  text,                           -- the failure that put it out of use
    created_at  timestamptz not null,
    usable_since timestamptz not null,          -- when it was added, or came back into use
    expires_on  date,                           -- the last day on which it works, where its provider says so
    told_expiry date,                           -- the last day of which its customer was told
    look_at     timestamptz,                    -- when its provider is asked how it stands, by the account's clock
    primary key (bucket, id),
    unique (bucket, provider, token),
    foreign key (bucket, account_id) references account (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check (look_at is null or state <> 'detached'),
    check (case state when 'active' then invalid_by is null when 'invalid' then invalid_by is not null else true end)
);
create index method_of_account on method (bucket, account_id);
create index method_look on method (bucket, look_at) where look_at is not null;
-- What a notification names: a token may have a mandate behind it.
create index method_named on method (bucket, split_part(token, '/', 1)) where state <> 'detached';

create table payer (                            -- who an account is at a provider
    bucket     smallint not null,
    account_id uuid not null,
    provider   text not null,
    ref        text not null,
    primary key (bucket, account_id, provider),
    foreign key (bucket, account_id) references account (bucket, id)
);
create index payer_known_as on payer (bucket, provider, ref);

-- Payers that the look across buckets found to be an account of another bucket as well. Written by it alone.
create table shared_payer (
    bucket     smallint not null,
    account_id uuid not null,
    provider   text not null,
    ref        text not null,
    other      uuid not null,                   -- of another bucket, so no key can hold it
    primary key (bucket, account_id, provider),
    foreign key (bucket, account_id) references account (bucket, id)
);

-- ─── the journal of attempts: all that steps 1–4 leave ─────────────────────────────────────────────────────────

-- What customers mean to buy, until they pay it. Nothing is committed by it: it can be changed, and left alone.
create table cart (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    version     integer not null check (version >= 1),
    key         text not null,           -- the caller's Idempotency-Key
    input_hash  bytea not null,
    coupons     json not null,           -- codes
    locale      text,
    success_url text,
    cancel_url  text,
    created_at  timestamptz not null,
    expires_at  timestamptz not null check (expires_at > created_at),
    canceled_at timestamptz,
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    unique (bucket, account_id, key),
    check (bucket = get_byte(uuid_send(id), 15))
);
create index cart_of_account on cart (bucket, account_id, id);
create index cart_by_end on cart (bucket, expires_at);       -- to forget those that nobody paid
create table cart_line (
    bucket      smallint not null,
    cart_id     uuid not null,
    id          uuid not null,
    position    integer not null,
    price_id    text not null,
    quantity    integer not null check (quantity >= 1),
    object      text not null,
    primary key (bucket, cart_id, id),
    foreign key (bucket, cart_id) references cart (bucket, id) on delete cascade,
    check (bucket = get_byte(uuid_send(id), 15))
);

create table attempt (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    path        text not null,
    intent      text not null,
    claim       text not null,
    state       text not null,
    key         text,                    -- the caller's Idempotency-Key
    input_hash  bytea,                   -- of what came with that key
    request     json,                    -- the change as asked for, to plan it anew
    plan        json not null,
    fingerprint text not null,
    amount      bigint not null check (amount >= 0),
    currency    text not null,
    provider    text,
    method_id   uuid,
    method_token text,
    return_url  text,                    -- where a redirect ends
    method_kind text,                    -- which kind of method the customer chose to bring
    off_session boolean not null,
    setup       boolean not null,
    ref         text,
    action      json                     -- what the customer must still do, without what lets somebody do it
        check (action is null or (action ->> 'client_secret') is null and (action ->> 'url') is null),
    cause       text,
    settles     uuid[],                  -- the invoices that it pays
    tries       integer not null default 0,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    look_at     timestamptz,             -- lease while a caller is at work, then the janitor's next look
    stuck_reason text,                   -- why the last look came to nothing; the next one clears it
    said        text                     -- what the provider last said of it, in our words
        check (said in ('succeeded', 'requires_action', 'processing', 'failed', 'unknown')),
    said_cause  text,
    said_at     timestamptz,             -- when we heard it
    finished_at timestamptz,
    bills_usage boolean not null default false,
    cart_id     uuid,                    -- the cart that it pays
    slots       text[],                  -- what it takes anew: family@object
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, cart_id) references cart (bucket, id) on delete set null (cart_id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check (state in ('opening', 'requires_action', 'processing', 'unknown', 'failed', 'committed', 'returned')),
    check ((look_at is null) = (state in ('failed', 'committed', 'returned'))),
    check ((said is null) = (said_at is null) and (said is not null or said_cause is null)),
    check ((finished_at is null) = (state not in ('failed', 'committed', 'returned'))),
    check (key is null or input_hash is not null)
) with (fillfactor = 80, toast_tuple_target = 128);
-- A plan is written once and the row around it twice: out of line, the second time costs only the row.
alter table attempt alter column plan set storage external, alter column request set storage external;

-- L2: at most one open attempt about one thing (a subscription, an invoice, a purchase).
create unique index attempt_in_flight on attempt (bucket, account_id, claim)
    where state in ('opening', 'requires_action', 'processing', 'unknown');
-- L2: and at most one that bills an account's usage, beside a renewal or by itself.
create unique index attempt_bills_usage on attempt (bucket, account_id)
    where bills_usage and state in ('opening', 'requires_action', 'processing', 'unknown');
-- L2: a cart is paid once, whatever its attempts are called.
create unique index attempt_cart on attempt (bucket, cart_id) where cart_id is not null and state = 'committed';
create index attempt_of_cart on attempt (bucket, cart_id) where cart_id is not null;
create unique index attempt_key on attempt (bucket, account_id, key) where key is not null;
create index attempt_look on attempt (bucket, look_at) where look_at is not null;
create index attempt_contradicted on attempt (bucket, account_id)  -- what is not as its provider last said
    where state = 'failed' and said = 'succeeded'
       or state = 'committed' and cause is null and said = 'failed'
       or look_at is not null and said in ('failed', 'succeeded');
create index attempt_stuck on attempt (bucket, id) where stuck_reason is not null;
-- What has just failed is told to product services as not given until it is paid.
create index attempt_failed on attempt (bucket, account_id, finished_at) where state = 'failed' and not off_session;
create index attempt_settles on attempt (bucket, account_id) where settles is not null;

-- Payments that customers make by themselves, and the merchant records: what was asked for, by the attempt's id, and what came.
create table transfer (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    amount      bigint not null check (amount > 0),
    currency    text not null,
    asked_at    timestamptz not null,
    until       timestamptz not null check (until > asked_at),
    canceled_at timestamptz,
    primary key (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15))
);
create table transfer_receipt (
    bucket      smallint not null,
    transfer_id uuid not null,
    reference   text not null check (reference <> ''),
    amount      bigint not null check (amount > 0),
    received_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (bucket, transfer_id, reference),
    foreign key (bucket, transfer_id) references transfer (bucket, id)
);

-- An invoice that the merchant has not issued yet: it has no number, and owes nobody anything. Once its attempt is in the
-- journal it stays as it is.
create table invoice_draft (
    bucket     smallint not null,
    id         uuid not null,
    account_id uuid not null,
    state      text not null check (state in ('draft', 'issued', 'voided')),
    version    integer not null check (version > 0),
    lines      json not null,
    reference  text,
    notes      text,
    terms_days integer check (terms_days >= 0),             -- null: those of the account
    include_items boolean not null default false,           -- what waits for an invoice comes along
    attempt_id uuid,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, attempt_id) references attempt (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check ((attempt_id is not null) = (state = 'issued'))
);
create index invoice_draft_of_account on invoice_draft (bucket, account_id, id);
create index invoice_draft_of_attempt on invoice_draft (bucket, attempt_id) where attempt_id is not null;
create function refuse_draft_change() returns trigger language plpgsql as $$
begin
    if old.state <> 'draft' or new.version <> old.version + 1 or new.account_id <> old.account_id then
        raise exception 'draft % is % and stays as it is', old.id, old.state using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger invoice_draft_moves_on before update on invoice_draft
    for each row execute function refuse_draft_change();

-- How often a code has been redeemed, or is about to be: by all accounts (holder *:CODE, in the bucket of the code), or
-- by one (holder ACCOUNT:CODE, in its own). An attempt takes its seat when it is opened, in a statement of its own, for
-- no transaction spans buckets; whose it is and whether it is taken for good is what the journal says of the attempt.
create table coupon_tally (
    bucket smallint not null check (bucket between 0 and 255),
    holder text not null,
    most   integer not null,                        -- as the last seat found it
    taken  integer not null check (taken between 0 and most),
    primary key (bucket, holder)
);
create table coupon_seat (
    bucket     smallint not null,
    holder     text not null,
    attempt_id uuid not null,
    kept       boolean not null default false,      -- its attempt is known to have committed
    taken_at   timestamptz not null,
    primary key (bucket, holder, attempt_id),
    foreign key (bucket, holder) references coupon_tally (bucket, holder)
);
create index coupon_seat_held on coupon_seat (bucket, holder, taken_at) where not kept;

-- ─── committed state: written by settlement alone ──────────────────────────────────────────────────────────────

-- Money that came to us. One row per movement, whatever became of it. Without an attempt it came by none of the providers,
-- and the merchant vouches for its reference.
create table payment (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    attempt_id  uuid,
    provider    text not null,
    ref         text not null check (ref <> ''),
    part        smallint not null default 1 check (part > 0),       -- of money that pays several debts, one for each
    amount      bigint not null check (amount > 0),
    currency    text not null,
    disposition text not null check (disposition in ('applied', 'credited', 'refunded')),
    reason      text,
    invoice_id  uuid,
    of_debt     smallint not null default 1 check (of_debt > 0),   -- which one its invoice has been: charged back, it is owed anew
    received_at timestamptz not null,
    primary key (bucket, id),
    foreign key (bucket, attempt_id) references attempt (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check ((disposition = 'applied') = (invoice_id is not null)),
    check ((disposition = 'applied') = (reason is null)),
    check ((attempt_id is null) = (provider in ('bank_transfer', 'cheque', 'other'))),
    check (attempt_id is not null or disposition <> 'refunded')
);
-- L3: one movement, one row; or one for each debt that it pays.
create unique index payment_movement on payment (bucket, provider, ref, part) where attempt_id is not null;
create unique index payment_reference on payment (bucket, account_id, provider, ref, part) where attempt_id is null;
-- L2: one debt is charged once.
create unique index payment_of_debt on payment (bucket, invoice_id, of_debt)
    where disposition = 'applied' and attempt_id is not null;
create index payment_of_account on payment (bucket, account_id, received_at, id);
create index payment_received on payment (bucket, received_at, id);
create index payment_of_currency on payment (bucket, currency, received_at, id);

-- The recorded fact that let a commit happen. Exactly one commit per plan: that is the unique index.
create table proof (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    attempt_id  uuid,                    -- none: a payment from outside any provider
    kind        text not null,
    of_plan     boolean not null,        -- commits the attempt's plan (else: later money for what it left unpaid)
    amount      bigint not null check (amount >= 0),
    currency    text not null,
    payment_id  uuid,
    grace_until timestamptz,
    recorded_at timestamptz not null,
    primary key (bucket, id),
    foreign key (bucket, attempt_id) references attempt (bucket, id),
    foreign key (bucket, payment_id) references payment (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check (kind in ('payment', 'nothing_due', 'credit', 'trial', 'terms', 'grace')),
    check ((kind = 'payment') = (payment_id is not null)),
    check (attempt_id is not null or (kind = 'payment' and not of_plan)),
    check ((kind = 'grace') = (grace_until is not null)),
    check (kind not in ('payment', 'credit', 'terms', 'grace') or amount > 0),
    check (kind not in ('nothing_due', 'trial') or amount = 0)
);
create unique index proof_of_plan on proof (bucket, attempt_id) where of_plan;                        -- L2
create unique index proof_of_payment on proof (bucket, payment_id) where payment_id is not null;      -- L3

create table subscription (
    bucket         smallint not null,
    id             uuid not null,
    account_id     uuid not null,
    state          text not null check (state in ('trialing', 'active', 'ended')),
    currency       text not null,
    interval_unit  text not null,
    interval_count integer not null check (interval_count > 0),
    anchor_at      timestamptz not null,
    time_zone      text not null,
    period_index   integer not null check (period_index >= 0),
    period_start   timestamptz not null,
    period_end     timestamptz not null,
    pending        json,
    grace_until    timestamptz,
    grace_invoice  uuid,
    ended_at       timestamptz,
    end_reason     text,
    coupons        json,                 -- those that count for it, with what they took of the current period; null: none
    version        integer not null check (version > 0),
    due_at         timestamptz,
    claimed_by     uuid,                 -- the last attempt that was to renew it together with others
    waits_until    timestamptz,          -- due, and to be invoiced with usage whose last events arrive until then
    stuck_until    timestamptz,          -- due, and cannot be renewed: put off until then; the next version clears it
    stuck_times    integer,
    stuck_reason   text,
    proof_id       uuid not null,                                                                     -- L1
    booked_end     timestamptz not null, -- the end of the period as it was committed: this counts, whatever period_end says
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, proof_id) references proof (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check (period_start < period_end),
    check ((state = 'ended') = (due_at is null)),
    check ((state = 'ended') = (ended_at is not null)),
    check ((grace_until is null) = (grace_invoice is null)),
    check ((stuck_until is null) = (stuck_reason is null))
) with (fillfactor = 80);
create index subscription_due on subscription (bucket, due_at, account_id) where due_at is not null;
create index subscription_stuck on subscription (bucket, stuck_until) where stuck_until is not null;
create index subscription_of_account on subscription (bucket, account_id);

create table item (
    bucket          smallint not null,
    id              uuid not null,
    account_id      uuid not null,
    subscription_id uuid not null,
    price_id        text not null,
    family          text not null,
    object          text not null,
    quantity        integer not null check (quantity > 0),
    position        integer not null check (position > 0),      -- its place in the subscription's list
    ended_at        timestamptz,
    changed_at      timestamptz,                                -- when the rest of a period was last charged for it
    booked_price    text not null,                              -- as it was committed: these two count, whatever
    booked_quantity integer not null,                           -- price_id and quantity say
    primary key (bucket, id),
    foreign key (bucket, subscription_id) references subscription (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15))
);
-- Items of one family exclude each other on one billable object.
create unique index item_exclusive on item (bucket, account_id, family, object) where ended_at is null;
create index item_of_subscription on item (bucket, subscription_id) where ended_at is null;

create table invoice_series (
    bucket smallint not null,
    series text not null,
    last   bigint not null check (last >= 0),
    primary key (bucket, series)
);

create table invoice (
    bucket          smallint not null,
    id              uuid not null,
    account_id      uuid not null,
    subscription_id uuid,
    series          text not null,
    number          bigint not null check (number > 0),
    state           text not null check (state in ('open', 'paid', 'resolved', 'uncollectible')),
    currency        text not null,
    tax             bigint not null default 0,                  -- part of the total
    total           bigint not null check (total >= 0),
    paid            bigint not null check (paid >= 0),              -- less what credit notes and lost disputes took of it
    credited        bigint not null default 0 check (credited >= 0),
    charged_back    bigint not null default 0 check (charged_back >= 0),     -- of what was paid, by disputes that were lost
    reopened        smallint not null default 0 check (reopened >= 0),       -- how often that made it owed again
    debt            bigint not null generated always as (total - credited - paid) stored check (debt >= 0),   -- L7
    issued_at       timestamptz not null,
    due_at          timestamptz not null,
    paid_at         timestamptz,            -- since when nothing is owed
    given_up_at     timestamptz,
    given_up_scope  text check (given_up_scope in ('account', 'subscription')),      -- what ended with it
    version         integer not null check (version > 0),
    proof_id        uuid not null,                                                                    -- L1
    paid_proof_id   uuid,
    reference       text,                   -- the customer's own, as a purchase order; printed, as the notes are
    notes           text,
    language        text not null default 'en' check (language in ('en', 'de')),    -- in which it is printed
    primary key (bucket, id),
    unique (bucket, series, number),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, proof_id) references proof (bucket, id),
    foreign key (bucket, paid_proof_id) references proof (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check ((state in ('open', 'uncollectible')) = (debt > 0)),
    check (state <> 'paid' or (credited = 0 and charged_back = 0 and paid_proof_id is not null)),      -- L1
    check ((charged_back > 0) = (reopened > 0)),
    check (paid_proof_id is null or state in ('paid', 'resolved')),
    check ((state in ('paid', 'resolved')) = (paid_at is not null)),
    check (state <> 'resolved' or credited > 0 or charged_back > 0 or given_up_at is not null),
    check ((given_up_at is null) = (given_up_scope is null)),
    check (case state when 'uncollectible' then given_up_at is not null
                      when 'resolved' then true else given_up_at is null end)
);
-- A payment names its invoice, that its proof, and that the payment: whoever writes them one by one needs it deferred.
alter table payment add constraint payment_invoice_fkey
    foreign key (bucket, invoice_id) references invoice (bucket, id) deferrable initially deferred;
alter table subscription add constraint subscription_grace_fkey
    foreign key (bucket, grace_invoice) references invoice (bucket, id);
create index invoice_owed on invoice (bucket, account_id) where state in ('open', 'uncollectible');
create index invoice_of_account on invoice (bucket, account_id, issued_at, id);
-- Pages over all accounts: of each series, of a currency, and of those that are not simply paid.
create index invoice_of_series on invoice (bucket, series, issued_at, id);
create index invoice_of_currency on invoice (bucket, currency, issued_at, id);
create index invoice_unsettled on invoice (bucket, issued_at, id) where state <> 'paid';

create table invoice_line (
    bucket       smallint not null,
    invoice_id   uuid not null,
    position     integer not null check (position > 0),
    kind         text not null,
    description  json not null,                                 -- what it says, in parts that any language can say
    explanation  json not null,
    quantity     bigint not null,
    amount       bigint not null,
    price_id     text,
    item_id      uuid,
    object       text,
    period_start timestamptz,
    period_end   timestamptz,
    inclusive    boolean not null default false,                -- whether the amount contains the tax
    tax          bigint not null default 0,
    taxes        json,                                          -- how the tax comes about
    tax_point    timestamptz,                                   -- of a credit: when its time was charged
    coupon_id    text,                                          -- of a discount: where it comes from
    product_id   text,                                          -- of a line without a price: what it is for
    invoice_item_id uuid,                                       -- what had waited for this invoice
    primary key (bucket, invoice_id, position),
    foreign key (bucket, invoice_id) references invoice (bucket, id),
    check ((period_start is null) = (period_end is null)),
    check (taxes is not null or tax = 0),
    check ((kind = 'discount') = (coupon_id is not null))
);

-- What waits for the account's next invoice. Until it is on one it owes nobody anything; only a commit puts it there.
-- `claimed_by` is the last attempt that was to invoice it: as long as that is in flight, no other may.
create table invoice_item (
    bucket     smallint not null,
    id         uuid not null,
    account_id uuid not null,
    state      text not null check (state in ('waiting', 'invoiced', 'removed')),
    version    integer not null check (version > 0),
    currency   text not null,
    amount     bigint not null check (amount <> 0),             -- of its line
    line       json not null,
    claimed_by uuid,
    invoice_id uuid,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, invoice_id) references invoice (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check ((invoice_id is not null) = (state = 'invoiced'))
);
create index invoice_item_of_account on invoice_item (bucket, account_id, id);
create index invoice_item_waiting on invoice_item (bucket, account_id, id) where state = 'waiting';
create function refuse_invoice_item_change() returns trigger language plpgsql as $$
begin
    if old.state <> 'waiting' or (new.account_id, new.currency) <> (old.account_id, old.currency)
       or (new.version <> old.version + 1 and (to_jsonb(new) - 'claimed_by') <> (to_jsonb(old) - 'claimed_by')) then
        raise exception 'invoice item % is % and stays as it is', old.id, old.state using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger invoice_item_moves_on before update on invoice_item
    for each row execute function refuse_invoice_item_change();
create trigger invoice_item_is_kept before delete or truncate on invoice_item
    for each statement execute function refuse();

-- A credit note lowers one invoice. Those of an invoice follow one another: each begins where the one before ended, so
-- that they sum to what the last one says, which its trigger keeps within the invoice's total. One over nothing, which
-- takes a charge back together with the unused time that paid for it, stands beside this chain.
create table credit_note (
    bucket          smallint not null,
    id              uuid not null,
    account_id      uuid not null,
    invoice_id      uuid not null,
    series          text not null,
    number          bigint not null check (number > 0),
    currency        text not null,
    amount          bigint not null check (amount >= 0),
    credited_before bigint not null check (credited_before >= 0),
    credited_after  bigint not null,
    follows         bigint generated always as (nullif(credited_before, 0)) stored,
    chained_from    bigint generated always as (case when amount > 0 then credited_before end) stored,
    chained_to      bigint generated always as (case when amount > 0 then credited_after end) stored,
    to_debt         bigint not null check (to_debt >= 0),
    to_refund       bigint not null check (to_refund >= 0),
    to_credit       bigint not null check (to_credit >= 0),
    reason          text not null check (reason <> ''),
    issued_by       text not null check (issued_by <> ''),
    key             text not null,
    input_hash      bytea not null,
    issued_at       timestamptz not null,
    -- Of time that nobody uses any more: how that was counted.
    counted         text check (counted in ('seconds', 'days', 'seconds_of_30', 'days_of_30')),
    of_usage        boolean not null default false,             -- gives back usage billed beyond what was used
    primary key (bucket, id),
    unique (bucket, series, number),
    unique (bucket, account_id, key),
    unique (bucket, invoice_id, chained_from),
    unique (bucket, invoice_id, chained_to),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, invoice_id) references invoice (bucket, id),
    foreign key (bucket, invoice_id, follows) references credit_note (bucket, invoice_id, chained_to),
    check (bucket = get_byte(uuid_send(id), 15)),
    check (credited_after = credited_before + amount),
    check (amount = to_debt + to_refund + to_credit),
    check (amount > 0 or counted is not null)
);
create index credit_note_of_account on credit_note (bucket, account_id, issued_at, id);
create index credit_note_issued on credit_note (bucket, issued_at, id);
create index credit_note_of_currency on credit_note (bucket, currency, issued_at, id);

-- What is credited of each line of the invoice, by its position there.
create table credit_note_line (
    bucket         smallint not null,
    credit_note_id uuid not null,
    invoice_id     uuid not null,
    position       integer not null,
    kind           text not null,
    description    json not null,
    amount         bigint not null check (amount <> 0),         -- with its tax
    tax            bigint not null check (abs(tax) <= abs(amount)),
    taxes          json,                                        -- of each tax of the line, what is credited
    period_start   timestamptz,
    period_end     timestamptz,
    explanation    json,                                        -- why so much, of usage
    primary key (bucket, credit_note_id, position),
    foreign key (bucket, credit_note_id) references credit_note (bucket, id),
    foreign key (bucket, invoice_id, position) references invoice_line (bucket, invoice_id, position),
    check ((period_start is null) = (period_end is null)),
    check (taxes is not null or tax = 0)
);
create index credit_note_line_of_invoice on credit_note_line (bucket, invoice_id);

-- A coupon that an account redeemed: for a subscription, or by a one-off purchase. What it is and takes does not change;
-- it counts for more periods, and once is over.
create table coupon_redemption (
    bucket          smallint not null,
    id              uuid not null,
    account_id      uuid not null,
    subscription_id uuid,
    coupon_id       text not null,
    code            text not null,
    attempt_id      uuid not null,
    proof_id        uuid not null,
    periods_used    integer not null check (periods_used >= 0),
    redeemed_at     timestamptz not null,
    ended_at        timestamptz,
    primary key (bucket, id),
    unique nulls not distinct (bucket, attempt_id, code, subscription_id),  -- once for each part of a cart
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, subscription_id) references subscription (bucket, id),
    foreign key (bucket, attempt_id) references attempt (bucket, id),
    foreign key (bucket, proof_id) references proof (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check (subscription_id is not null or ended_at is not null)
);
create index coupon_redemption_of_account on coupon_redemption (bucket, account_id, id);
create index coupon_redemption_of_code on coupon_redemption (bucket, code, id);
create index coupon_redemption_of_subscription on coupon_redemption (bucket, subscription_id)
    where subscription_id is not null;

-- The ledger. A posting moves `amount` from the credited to the debited ledger account, so every row, and with it
-- every transaction (`cause_id`) and currency, balances by construction (L4).
create table posting (
    bucket     smallint not null,
    cause_id   uuid not null,
    position   integer not null check (position > 0),
    account_id uuid not null,
    debit      text not null,
    credit     text not null,
    amount     bigint not null check (amount > 0),
    currency   text not null,
    invoice_id uuid,
    booked_at  timestamptz not null,
    primary key (bucket, cause_id, position),                             -- L2: one cause is booked once
    check (bucket = get_byte(uuid_send(cause_id), 15)),
    check (debit <> credit)
);
create index posting_of_account on posting (bucket, account_id, currency);
create index posting_of_bad_debt on posting (bucket, cause_id, position) where debit = 'bad_debt' or credit = 'bad_debt';
create trigger posting_is_immutable before update or delete or truncate on posting
    for each statement execute function refuse();

-- What became bad debt and what is none any more, so far: sums over the postings of a bucket, so that watching them does not
-- cost by the history. Written in the statement that writes the postings.
create table bad_debt_tally (
    bucket    smallint not null check (bucket between 0 and 255),
    direction text not null check (direction in ('in', 'out')),
    reason    text not null,
    currency  text not null,
    times     bigint not null check (times > 0),
    amount    bigint not null check (amount > 0),
    primary key (bucket, direction, reason, currency)
);

-- Account credit, grant by grant. `cause_id` is that of its posting. What is `remaining` only goes down, by a use.
create table credit_grant (
    bucket     smallint not null,
    id         uuid not null,
    account_id uuid not null,
    kind       text not null check (kind in ('goodwill', 'sponsored', 'prepaid', 'returned')),
    currency   text not null,
    amount     bigint not null check (amount > 0),
    remaining  bigint not null check (remaining between 0 and amount),
    priority   smallint not null check (priority between 0 and 100),
    excludes   jsonb not null default '[]',                     -- products that it may not pay
    reason     text not null check (reason <> ''),
    granted_by text,                    -- whoever gave it; none: a commit did
    key        text,                    -- the same key of whoever gave it is the same grant
    input_hash bytea,
    cause_id   uuid not null,
    invoice_id uuid,                    -- by which it was bought
    granted_at timestamptz not null,
    expires_at timestamptz check (expires_at > granted_at),
    returns    uuid,                    -- given credit of which a credit note gave this back
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, invoice_id) references invoice (bucket, id),
    foreign key (bucket, returns) references credit_grant (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check (kind <> 'returned' or expires_at is null),           -- what is the customer's money does not expire
    check ((kind = 'prepaid') = (invoice_id is not null)),
    check ((kind in ('goodwill', 'sponsored')) = (granted_by is not null)),
    check (returns is null or kind in ('goodwill', 'sponsored')),
    check ((kind in ('goodwill', 'sponsored') and returns is null) = (key is not null)),
    check ((key is null) = (input_hash is null))
) with (fillfactor = 90);
create index credit_grant_of_account on credit_grant (bucket, account_id, id);
create index credit_grant_left on credit_grant (bucket, account_id) where remaining > 0;
create unique index credit_grant_of_key on credit_grant (bucket, account_id, key) where key is not null;
create index credit_grant_returned on credit_grant (bucket, returns) where returns is not null;
create unique index credit_grant_bought on credit_grant (bucket, invoice_id) where invoice_id is not null;

create table credit_use (
    bucket     smallint not null,
    cause_id   uuid not null,           -- of its posting
    position   integer not null check (position > 0),
    account_id uuid not null,
    grant_id   uuid not null,
    kind       text not null check (kind in ('invoice', 'expired', 'voided', 'refunded', 'charged_back')),
    amount     bigint not null check (amount > 0),
    invoice_id uuid,
    line       integer,                 -- its position on that invoice
    used_at    timestamptz not null,
    primary key (bucket, cause_id, position),
    foreign key (bucket, grant_id) references credit_grant (bucket, id),
    foreign key (bucket, invoice_id, line) references invoice_line (bucket, invoice_id, position),
    check ((kind = 'invoice') = (invoice_id is not null and line is not null)),
    check ((invoice_id is null) = (line is null))
);
create index credit_use_of_grant on credit_use (bucket, grant_id);
create index credit_use_of_account on credit_use (bucket, account_id, cause_id, position);
create index credit_use_of_invoice on credit_use (bucket, invoice_id) where invoice_id is not null;

create table entitlement (
    bucket          smallint not null,
    item_id         uuid not null,
    account_id      uuid not null,
    subscription_id uuid not null,
    product_id      text not null,
    object          text not null,
    quantity        integer not null,
    features        jsonb not null,
    starts_at       timestamptz not null,
    ends_at         timestamptz not null check (ends_at > starts_at),
    proof_id        uuid not null,                                                                    -- L1
    primary key (bucket, item_id),
    foreign key (bucket, item_id) references item (bucket, id),
    foreign key (bucket, subscription_id) references subscription (bucket, id),
    foreign key (bucket, proof_id) references proof (bucket, id)
) with (fillfactor = 80);
create index entitlement_of_account on entitlement (bucket, account_id);

-- Refunds of a payment follow one another as credit notes do, and are never more than it was.
create table refund (
    bucket     smallint not null,
    id         uuid not null,
    account_id uuid not null,
    payment_id uuid not null,
    credit_note_id  uuid,
    amount     bigint not null check (amount > 0),
    currency   text not null,
    refunded_before bigint default 0 check (refunded_before >= 0),     -- none: a second try, in the place of the first
    refunded_after  bigint generated always as (refunded_before + amount) stored,
    follows         bigint generated always as (nullif(refunded_before, 0)) stored,
    reason     text not null,
    state      text not null check (state in ('due', 'processing', 'succeeded', 'failed', 'returned')),
    ref        text,
    look_at    timestamptz,
    created_at timestamptz not null,
    returned_at timestamptz,             -- it had succeeded, and came back
    retry_of   uuid,                     -- the refund that this one sends again: by itself, or (with a key) out of credit
    key        text,                     -- of one out of account credit: the same key is the same refund
    input_hash bytea,
    primary key (bucket, id),
    check ((key is null) = (input_hash is null)),
    check (key is null or credit_note_id is null),
    unique (bucket, retry_of),
    unique (bucket, id, payment_id, amount),
    foreign key (bucket, retry_of, payment_id, amount) references refund (bucket, id, payment_id, amount),
    check ((refunded_before is null) = (retry_of is not null)),
    check ((returned_at is null) = (state <> 'returned')),
    unique (bucket, payment_id, refunded_before),
    unique (bucket, payment_id, refunded_after),
    foreign key (bucket, payment_id) references payment (bucket, id),
    foreign key (bucket, payment_id, follows) references refund (bucket, payment_id, refunded_after),
    foreign key (bucket, credit_note_id) references credit_note (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check ((look_at is null) = (state in ('succeeded', 'failed', 'returned')))
);
create unique index refund_of_credit_note on refund (bucket, credit_note_id) where credit_note_id is not null;
create unique index refund_of_key on refund (bucket, account_id, key) where key is not null;
create index refund_of_account on refund (bucket, account_id, created_at, id);
create index refund_recorded on refund (bucket, created_at, id);
create index refund_of_currency on refund (bucket, currency, created_at, id);
create index refund_look on refund (bucket, look_at) where look_at is not null;

-- A payment that its payer contests: `payment_id`, or the first where the money paid several debts. What a lost one took
-- stays, whatever is decided later: `to_debt` of invoices, which are owed again, `from_credit` of the account's credit,
-- and `written_off`, which only goes down, into `from_credit`: where a refund that was counted as gone was refused.
create table dispute (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    payment_id  uuid not null,
    provider    text not null,
    payment_ref text not null,
    ref         text not null check (ref <> ''),
    amount      bigint not null check (amount > 0),
    currency    text not null,
    state       text not null,
    reason      text not null,
    opened_at   timestamptz not null,
    evidence_due_by timestamptz,
    changed_at  timestamptz,                -- as its provider says
    fee         bigint not null check (fee >= 0),
    fee_currency text not null,
    version     integer not null check (version > 0),
    to_debt     bigint not null check (to_debt >= 0),
    from_credit bigint not null check (from_credit >= 0),
    written_off bigint not null check (written_off >= 0),
    recorded_at timestamptz not null,
    lost_at     timestamptz,
    decided_at  timestamptz,
    primary key (bucket, id),
    unique (bucket, provider, ref),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, payment_id) references payment (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check (state in ('warning', 'needs_response', 'under_review', 'won', 'withdrawn', 'lost', 'accepted')),
    check ((decided_at is null) = (state in ('warning', 'needs_response', 'under_review'))),
    check (lost_at is not null or state not in ('lost', 'accepted')),
    check (to_debt + from_credit + written_off = case when lost_at is null then 0 else amount end)
);
create index dispute_of_account on dispute (bucket, account_id, id);
create index dispute_of_payment on dispute (bucket, provider, payment_ref);
create index dispute_open on dispute (bucket, account_id) where decided_at is null;

-- What a lost dispute took, by payment: when it was lost, and later of a refund that its provider refused. `cause_id` is
-- that of its posting.
create table chargeback (
    bucket      smallint not null,
    dispute_id  uuid not null,
    payment_id  uuid not null,
    cause_id    uuid not null,
    account_id  uuid not null,
    to_debt     bigint not null check (to_debt >= 0),
    from_credit bigint not null check (from_credit >= 0),
    primary key (bucket, dispute_id, payment_id, cause_id),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, dispute_id) references dispute (bucket, id),
    foreign key (bucket, payment_id) references payment (bucket, id),
    check (to_debt + from_credit > 0)
);
create index chargeback_of_payment on chargeback (bucket, payment_id);
create unique index chargeback_of_debt on chargeback (bucket, dispute_id, payment_id) where to_debt > 0;

-- What a provider kept of a payment or refund, by its own name for the movement; below zero: given back. `payment_id` is the
-- payment, or that of the refund.
create table provider_fee (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    payment_id  uuid not null,
    provider    text not null,
    movement    text not null check (movement <> ''),
    amount      bigint not null check (amount <> 0),
    currency    text not null,
    charged_at  timestamptz not null,
    recorded_at timestamptz not null,
    primary key (bucket, id),
    unique (bucket, provider, movement),                                                              -- L2
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, payment_id) references payment (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15))
);

-- One metered item over one span of time at one price, and what was billed of it: `billed_amount` is the price of
-- `billed_quantity`, on invoices, less the credit notes for what was billed too much of it.
create table usage_period (
    bucket            smallint not null,
    item_id           uuid not null,
    starts_at         timestamptz not null,
    ends_at           timestamptz not null check (ends_at > starts_at),
    account_id        uuid not null,
    subscription_id   uuid not null,
    price_id          text not null,
    meter             text not null,
    object            text not null,
    look_at           timestamptz,             -- when it is billed after its end; null: it has been
    billed_quantity   bigint not null default 0,
    billed_amount     bigint not null default 0 check (billed_amount >= 0),
    version           integer not null default 1 check (version > 0),
    primary key (bucket, item_id, starts_at),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, subscription_id) references subscription (bucket, id),
    foreign key (bucket, item_id) references item (bucket, id),
    check (bucket = get_byte(uuid_send(item_id), 15))
) with (fillfactor = 80);
create index usage_due on usage_period (bucket, look_at) where look_at is not null;
create index usage_of_account on usage_period (bucket, account_id, ends_at);
create index usage_of_subscription on usage_period (bucket, subscription_id, ends_at);

-- What was recorded of money and on documents stays as it is: a later fact is a row of its own.
create trigger payment_is_immutable before update or delete or truncate on payment
    for each statement execute function refuse();
create trigger proof_is_immutable before update or delete or truncate on proof
    for each statement execute function refuse();
create trigger invoice_line_is_immutable before update or delete or truncate on invoice_line
    for each statement execute function refuse();
create trigger credit_note_is_immutable before update or delete or truncate on credit_note
    for each statement execute function refuse();
create trigger credit_note_line_is_immutable before update or delete or truncate on credit_note_line
    for each statement execute function refuse();
create trigger credit_use_is_immutable before update or delete or truncate on credit_use
    for each statement execute function refuse();
create trigger credit_grant_is_kept before delete or truncate on credit_grant
    for each statement execute function refuse();
create trigger refund_is_kept before delete or truncate on refund for each statement execute function refuse();
create trigger coupon_redemption_is_kept before delete or truncate on coupon_redemption
    for each statement execute function refuse();
create trigger chargeback_is_immutable before update or delete or truncate on chargeback
    for each statement execute function refuse();
create trigger transfer_receipt_is_immutable before update or delete or truncate on transfer_receipt
    for each statement execute function refuse();
create trigger provider_fee_is_immutable before update or delete or truncate on provider_fee
    for each statement execute function refuse();
create trigger dispute_is_kept before delete or truncate on dispute for each statement execute function refuse();
create trigger invoice_is_kept before delete or truncate on invoice for each statement execute function refuse();

-- What is settled changes by a credit note or a payment charged back alone, and what was paid goes down only with one of
-- them.
create function refuse_invoice_change() returns trigger language plpgsql as $$
declare
    changes constant text[] :=
        '{state,paid,credited,charged_back,reopened,debt,paid_at,given_up_at,given_up_scope,version,paid_proof_id}';
    lowered constant bigint := new.credited - old.credited;
    back constant bigint := new.charged_back - old.charged_back;
begin
    if (to_jsonb(old) - changes) is distinct from (to_jsonb(new) - changes) or lowered < 0 or back < 0
       or old.paid - new.paid > lowered + back or new.version <> old.version + 1
       or new.reopened - old.reopened <> (back > 0)::int or (back > 0 and old.paid - new.paid <> back + lowered)
       or (old.state in ('paid', 'resolved') and lowered = 0 and back = 0)
       or (new.state <> old.state and (old.state, new.state) not in (
              ('open', 'paid'), ('open', 'resolved'), ('open', 'uncollectible'), ('paid', 'resolved'),
              ('uncollectible', 'resolved')) and not (back > 0 and (old.state, new.state) in (
              ('paid', 'open'), ('resolved', 'open'), ('resolved', 'uncollectible')))) then
        raise exception 'invoice % is immutable but for what lowers its debt, or was charged back', old.id
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger invoice_is_immutable before update on invoice for each row execute function refuse_invoice_change();

create function refuse_grant_change() returns trigger language plpgsql as $$
begin
    if (to_jsonb(new) - 'remaining') is distinct from (to_jsonb(old) - 'remaining') or new.remaining >= old.remaining then
        raise exception 'grant % of credit is immutable but for being used', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger credit_grant_is_immutable before update on credit_grant
    for each row execute function refuse_grant_change();

-- No more is credited than was invoiced, and no more given back than came. At the end of the statement, which may hold
-- both rows.
create function refuse_too_much() returns trigger language plpgsql as $$
declare
    whole bigint;
    given bigint;
begin
    if tg_table_name = 'credit_note' then
        select total into whole from invoice where bucket = new.bucket and id = new.invoice_id;
        given := new.credited_after;
    else
        select amount into whole from payment where bucket = new.bucket and id = new.payment_id;
        if tg_table_name = 'refund' then
            given := new.refunded_after;
        end if;
        if given is null then
            select sum(amount) into given from refund
            where bucket = new.bucket and payment_id = new.payment_id and state not in ('failed', 'returned');
            given := coalesce(given, 0);
        end if;
        select given + coalesce(sum(c.to_debt + c.from_credit), 0) into given
        from chargeback c join dispute d on d.bucket = c.bucket and d.id = c.dispute_id
        where c.bucket = new.bucket and c.payment_id = new.payment_id and d.state in ('lost', 'accepted');
    end if;
    if given > whole then
        raise exception '% gives % of %: %', tg_table_name, given, whole, to_jsonb(new) using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger credit_note_within_invoice after insert on credit_note
    for each row execute function refuse_too_much();
create trigger chargeback_within_payment after insert on chargeback
    for each row execute function refuse_too_much();
create trigger refund_within_payment after insert or update of payment_id, amount, refunded_before on refund
    for each row execute function refuse_too_much();

-- A dispute stays what it is about, moves as `core/dispute.py` says, and keeps what it took.
create function refuse_dispute_change() returns trigger language plpgsql as $$
declare
    changes constant text[] := '{amount,state,reason,evidence_due_by,changed_at,fee,fee_currency,version,to_debt,from_credit,written_off,'
        'lost_at,decided_at}';
begin
    if (to_jsonb(old) - changes) is distinct from (to_jsonb(new) - changes) or new.version <> old.version + 1
       or (old.decided_at is not null and new.amount <> old.amount)
       or (old.lost_at is not null and ((old.lost_at, old.to_debt) is distinct from (new.lost_at, new.to_debt)
           or new.written_off > old.written_off
           or (new.written_off < old.written_off and (new.state <> old.state or new.state not in ('lost', 'accepted')))))
       or (new.state <> old.state and case
              when old.state in ('won', 'withdrawn') then true
              when old.state in ('lost', 'accepted') then new.state not in ('won', 'withdrawn')
              else new.state = 'warning' end) then
        raise exception 'dispute % cannot become %', old.id, new.state using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger dispute_moves_on before update on dispute for each row execute function refuse_dispute_change();

-- ─── outbox: events in one gapless order per bucket, hence in order per account ────────────────────────────────

create table event_head (
    bucket smallint primary key,
    last   bigint not null check (last >= 0)
);

create table event (
    bucket      smallint not null,
    seq         bigint not null check (seq > 0),
    account_id  uuid not null,
    type        text not null,
    data        json not null,
    occurred_at timestamptz not null,
    trace       text check (length(trace) = 55),
    primary key (bucket, seq)
);
create index event_of_account on event (bucket, account_id, seq);
create index event_at on event (bucket, occurred_at); -- what webhooks are told once more
create trigger event_is_immutable before update or delete or truncate on event
    for each statement execute function refuse();

create table relay_cursor (
    bucket smallint not null,
    sink   text not null,
    seq    bigint not null check (seq >= 0),
    leased_until timestamptz not null default '-infinity',
    primary key (bucket, sink)
);

-- Where a merchant is told of events. A deleted one keeps its row, because its deliveries say what it was told.
create table webhook_endpoint (
    id             uuid primary key,
    url            text not null check (url <> ''),
    description    text not null,
    types          text[] not null,
    state          text not null check (state in ('enabled', 'disabled', 'deleted')),
    reason         text,
    made_at        timestamptz not null,
    failing_since  timestamptz,
    failed_at      timestamptz,            -- last
    secret         bytea not null,
    retired_secret bytea,
    retired_until  timestamptz,
    sealed         boolean not null,
    check ((state = 'disabled') = (reason is not null)),
    check ((retired_secret is null) = (retired_until is null))
);

-- One event on its way to one endpoint; `answers` are the tries, oldest first.
create table webhook_delivery (
    bucket      smallint not null,
    endpoint_id uuid not null,
    seq         bigint not null,
    account_id  uuid not null,
    type        text not null,
    state       text not null check (state in ('waiting', 'delivered', 'failed')),
    tries       integer not null check (tries >= 0),
    look_at     timestamptz,
    made_at     timestamptz not null,
    asked_at    timestamptz not null,      -- since when it has been waiting, or was: later than made when it is told again
    ended_at    timestamptz,
    answers     jsonb not null,
    primary key (bucket, endpoint_id, seq),
    foreign key (bucket, seq) references event,
    check ((state = 'waiting') = (look_at is not null)),
    check ((state = 'waiting') = (ended_at is null))
);
create index webhook_delivery_look on webhook_delivery (bucket, look_at) where look_at is not null;
create index webhook_delivery_lane on webhook_delivery (bucket, endpoint_id, account_id, seq)
    where look_at is not null;
create index webhook_delivery_log on webhook_delivery (bucket, endpoint_id, made_at, seq);
create index webhook_delivery_ended on webhook_delivery (bucket, ended_at) where ended_at is not null;

insert into event_head (bucket, last) select b, 0 from generate_series(0, 255) b;
insert into bucket_lease (bucket) select b from generate_series(0, 255) b;

-- ─── usage as it was told ──────────────────────────────────────────────────────────────────────────────────────

-- One row per event, once by its id. Whoever writes them has seen the account (a foreign key would cost as much as the
-- row). An event is never changed: a correction is an event of its own.
create table usage_event (
    bucket      smallint not null,
    account_id  uuid not null,
    id          text collate "C" not null,
    meter       text not null,
    object      text not null,
    at          timestamptz not null,
    value       bigint check (value >= 0),
    member      text,
    corrects    text collate "C",
    received_at timestamptz not null,
    primary key (bucket, account_id, id),
    check (bucket = get_byte(uuid_send(account_id), 15)),
    check (value is null or member is null),
    check (corrects is not null or value is not null or member is not null)
);
-- Events come roughly in the order of their moments: a summary of each range of pages is enough to find a period, and
-- costs nothing to keep. A second tree would cost as much as the row.
create index usage_event_at on usage_event using brin (bucket, at);
create index usage_event_corrects on usage_event (bucket, account_id, corrects) where corrects is not null;
create trigger usage_event_is_immutable before update on usage_event for each statement execute function refuse();

-- Running totals: what the events of a slot of time come to, corrections apart; written with them (store/tallies.py). Each
-- is written again and again while its slot lasts, so pages keep room for it.
create table usage_tally (
    bucket     smallint not null,
    account_id uuid not null,
    meter      text not null,
    object     text not null,
    slot       timestamptz not null,
    events     bigint not null check (events > 0),
    first_at   timestamptz not null check (first_at >= slot),
    last_at    timestamptz not null check (last_at >= first_at),
    total      numeric not null check (total >= 0),
    largest    bigint,
    last_id    text collate "C" not null,
    last_value bigint,
    primary key (bucket, account_id, meter, object, slot),
    check (bucket = get_byte(uuid_send(account_id), 15))
) with (fillfactor = 30);
create table usage_member (
    bucket     smallint not null,
    account_id uuid not null,
    meter      text not null,
    object     text not null,
    slot       timestamptz not null,
    member     text not null,
    primary key (bucket, account_id, meter, object, slot, member),
    check (bucket = get_byte(uuid_send(account_id), 15))
);

-- Accounts with usage that nobody has looked at since: one mark for all that is told within a minute, which nobody takes
-- before whoever told it must be done. And accounts whose usage cannot be billed: put off until then.
create table usage_mark (
    bucket     smallint not null,
    account_id uuid not null,
    look_at    timestamptz not null,
    stuck_times  integer,
    stuck_reason text,
    primary key (bucket, account_id, look_at),
    foreign key (bucket, account_id) references account (bucket, id)
);
create index usage_mark_look on usage_mark (bucket, look_at);
create unique index usage_mark_stuck on usage_mark (bucket, account_id) where stuck_reason is not null;

-- ─── inbox, recompute, idempotency ─────────────────────────────────────────────────────────────────────────────

create table inbox (
    bucket      smallint not null,
    provider    text not null,
    id          text not null,
    subject     text not null,
    key         uuid,
    ref         text,
    state       text not null check (state in ('waiting', 'done', 'parked')),
    reason      text,
    tries       integer not null default 0,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    look_at     timestamptz,
    primary key (bucket, provider, id),
    check ((look_at is null) = (state <> 'waiting')),
    check ((reason is not null) or state <> 'parked')
);
create index inbox_look on inbox (bucket, look_at) where look_at is not null;
create index inbox_age on inbox (bucket, received_at) where look_at is null;
create index inbox_parked on inbox (bucket, provider) where state = 'parked';

create table recompute_queue (
    bucket     smallint not null,
    account_id uuid not null,
    state      text not null check (state in ('waiting', 'running')),
    reason     text not null,
    since      timestamptz not null,
    look_at    timestamptz not null,
    primary key (bucket, account_id, state)
);
create index recompute_look on recompute_queue (bucket, look_at);

create table health (
    bucket      smallint not null,
    account_id  uuid not null,
    standing    text not null,
    debt        jsonb not null,
    disputed    jsonb not null default '{}',
    measures    jsonb not null default '[]',   -- what is in effect because of what is owed
    withheld    jsonb not null default '[]',   -- what was decided and is not applied, and why
    seal        bytea,                         -- of the measures that were decided: others were set by hand
    oldest_due  timestamptz,
    recheck_at  timestamptz,
    evidence    jsonb not null,
    assessed_at timestamptz not null,
    primary key (bucket, account_id),
    foreign key (bucket, account_id) references account (bucket, id)
);
create index health_withheld on health (bucket, account_id) where withheld <> '[]';
create index health_recheck on health (bucket, recheck_at) where recheck_at is not null;

-- What a sweep of the fleet need not read again: nothing follows from the rows that have this digest (store/digests.py),
-- judged on this basis, until that time. A note of what was computed, and no fact: whatever is lost of it is read again.
create table examined (
    bucket      smallint not null,
    account_id  uuid not null,
    digest      bigint not null,
    basis       bigint not null,            -- of the catalog, the policies and the code that judged
    until       timestamptz,                -- null: until a row changes
    examined_at timestamptz not null,
    primary key (bucket, account_id)
);

-- How far each bucket has been swept; unfinished ones are what an interrupted sweep goes on with.
create table fleet_sweep (
    bucket   smallint primary key,
    began_at timestamptz not null,
    ended_at timestamptz check (ended_at >= began_at)
);

-- Consequences that support keeps from an account, until when.
create table engine_hold (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    consequence text not null check (consequence in
        ('all', 'collect', 'notice', 'restrict', 'suspend', 'downgrade', 'cancel', 'give_up')),
    reason      text not null check (reason <> ''),
    author      text not null check (author <> ''),
    placed_at   timestamptz not null,
    expires_at  timestamptz not null check (expires_at > placed_at),
    released_at timestamptz,
    released_by text,
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15)),
    check ((released_at is null) = (released_by is null))
);
create index engine_hold_live on engine_hold (bucket, account_id) where released_at is null;
create index engine_hold_of_account on engine_hold (bucket, account_id, id);

-- For how many accounts a consequence that has a cap began, by windows of time. No account owns it: each consequence is
-- counted in a bucket of its own, in a transaction of its own.
create table engine_tally (
    bucket      smallint not null check (bucket between 0 and 255),
    consequence text not null,
    begins_at   timestamptz not null,
    taken       integer not null check (taken >= 0),
    primary key (bucket, consequence, begins_at)
);

-- What was decided about an account that changed something, or would have: history, kept for a while.
create table decision (
    bucket     smallint not null,
    id         uuid not null,
    account_id uuid not null,
    decided_at timestamptz not null,
    policy     text not null,
    applied    jsonb not null,
    withheld   jsonb not null,
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15))
);
create index decision_of_account on decision (bucket, account_id, id);
create index decision_age on decision (bucket, decided_at);
create trigger decision_is_immutable before update on decision for each statement execute function refuse();

-- In what stores contradicted each other about an account: since when, as long as it was seen, until it was gone.
create table drift (
    bucket        smallint not null,
    id            uuid not null,
    account_id    uuid not null,
    kind          text not null,
    evidence      text not null,
    first_seen_at timestamptz not null,
    last_seen_at  timestamptz not null check (last_seen_at >= first_seen_at),
    gone_at       timestamptz check (gone_at >= first_seen_at),
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15))
);
create unique index drift_open on drift (bucket, account_id, kind) where gone_at is null;
create index drift_gone on drift (bucket, gone_at) where gone_at is not null;

-- How far the look for drift has come in a bucket, and when the next one begins.
create table drift_pass (
    bucket  smallint primary key,
    after   uuid,                   -- null: from the first account on
    due_at  timestamptz not null default '-infinity',
    ended_at timestamptz
);
insert into drift_pass (bucket) select b from generate_series(0, 255) b;

-- What a customer was told of an unpaid invoice: once by rung.
create table notice (
    bucket     smallint not null,
    account_id uuid not null,
    invoice_id uuid not null,
    rung       text not null,
    channels   text[] not null,
    kind       text not null,
    told_at    timestamptz not null,
    primary key (bucket, account_id, invoice_id, rung),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, invoice_id) references invoice (bucket, id)
);

-- A message by e-mail `about` an invoice or a method, told once by account, that, rung and channel, and kept in the transaction that decided it. Its
-- words are made when it is sent. `held`: its first turn comes a little later. `picked_at` is when a sender first saw it,
-- by the sender's clock; `told_at` when it was decided, by the account's.
create table message (
    bucket     smallint not null,
    account_id uuid not null,
    about      uuid not null,
    invoice_id uuid,
    method_id  uuid,
    rung       text not null,
    channel    text not null check (channel in ('email', 'finance')),
    kind       text not null,
    cause      text,
    next_try   timestamptz,
    told_at    timestamptz not null,
    state      text not null check (state in ('waiting', 'sent', 'dropped', 'kept', 'parked')),
    held       boolean not null,
    tries      integer not null check (tries >= 0),
    look_at    timestamptz,
    picked_at  timestamptz,
    ended_at   timestamptz,
    reason     text,
    trace      text check (length(trace) = 55),
    primary key (bucket, account_id, about, rung, channel),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, invoice_id) references invoice (bucket, id),
    foreign key (bucket, method_id) references method (bucket, id),
    check (num_nonnulls(invoice_id, method_id) = 1 and about = coalesce(invoice_id, method_id)),
    check ((look_at is not null) = (state = 'waiting')),
    check ((ended_at is not null) = (state in ('sent', 'dropped')))
);
create index message_look on message (bucket, look_at) where look_at is not null;
create index message_aside on message (bucket, told_at) where state in ('kept', 'parked');
create trigger message_is_kept before delete or truncate on message for each statement execute function refuse();
create trigger notice_is_immutable before update or delete or truncate on notice
    for each statement execute function refuse();

-- A customer's visit of the portal: made by the API with a link, entered within `enter_until` by whoever has that, over at
-- `ends_at` (none: not entered yet). `return_url` is where the merchant wants the customer back.
create table portal_session (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    language    text check (language in ('en', 'de')),
    return_url  text,
    methods_only boolean not null,                 -- it leads to the collection methods, and nowhere else
    made_at     timestamptz not null,
    enter_until timestamptz not null,
    ends_at     timestamptz,
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    check (bucket = get_byte(uuid_send(id), 15))
);
create index portal_session_of_account on portal_session (bucket, account_id);
create index portal_session_age on portal_session (bucket, made_at);

create table answer (
    bucket     smallint not null,
    key        text not null,             -- api key id and Idempotency-Key
    input_hash bytea not null,
    status     smallint,
    body       bytea,                     -- sealed under the caller's API key, of which there is only a hash
    created_at timestamptz not null,
    primary key (bucket, key)
);
create index answer_age on answer (bucket, created_at);

-- Names that were paid for, registered after the commit under the registration's id as key.
create table registration (
    bucket      smallint not null,
    id          uuid not null,
    account_id  uuid not null,
    attempt_id  uuid not null,
    subscription_id uuid not null,
    item_id     uuid not null,
    name        text not null,
    state       text not null check (state in ('due', 'registered', 'refused', 'returned')),
    reason      text,
    tries       integer not null default 0,
    look_at     timestamptz,             -- when the registrar is asked, or what was paid goes back
    created_at  timestamptz not null,
    primary key (bucket, id),
    unique (bucket, item_id),
    foreign key (bucket, account_id) references account (bucket, id),
    foreign key (bucket, attempt_id) references attempt (bucket, id),
    foreign key (bucket, subscription_id) references subscription (bucket, id),
    foreign key (bucket, item_id) references item (bucket, id),
    check ((look_at is null) = (state in ('registered', 'returned'))),
    check ((reason is null) = (state in ('due', 'registered'))),
    check (bucket = get_byte(uuid_send(id), 15))
);
create index registration_due on registration (bucket, look_at) where look_at is not null;
create index registration_of_attempt on registration (bucket, attempt_id);


-- Orders to pay from one address, known by a digest under a key of ours: a limit against card testing.
create table address_count (
    bucket   smallint not null,          -- of the digest
    digest   bytea not null,
    began_at timestamptz not null,
    times    integer not null check (times > 0),
    primary key (bucket, digest),
    check (bucket = get_byte(digest, 0))
);
create index address_count_age on address_count (bucket, began_at);

-- ─── operators: who of the merchant's may use the dashboard, and what they did there ───────────────────────────

create table operator (
    id      uuid primary key,
    email   text not null unique check (email = lower(email) and email <> ''),
    role    text not null check (role in ('owner', 'admin', 'billing', 'support', 'read_only')),
    active  boolean not null,
    made_at timestamptz not null,
    seen_at timestamptz
);

-- What browsers and links carry is stored as a hash alone.
create table operator_session (
    hash        bytea primary key,
    operator_id uuid not null references operator,
    form        text not null,
    made_at     timestamptz not null,
    ends_at     timestamptz not null check (ends_at > made_at)
);
create table operator_entrance (
    hash        bytea primary key,
    operator_id uuid not null references operator,
    until       timestamptz not null
);
create table operator_sign_in (
    hash     bytea primary key,
    nonce    text not null,
    verifier text not null,
    until    timestamptz not null
);

create table audit (
    bucket      smallint not null,
    id          uuid not null,
    at          timestamptz not null,
    operator_id uuid,                    -- null: somebody who was not let in
    email       text not null,
    role        text not null,
    action      text not null,
    account_id  uuid,
    detail      text not null,
    reason      text not null check (reason <> ''),
    primary key (bucket, id),
    foreign key (bucket, account_id) references account (bucket, id),
    check ((operator_id is null) = (role = 'nobody')),
    check (bucket = get_byte(uuid_send(id), 15))
);
create index audit_time on audit (bucket, at, id);
create trigger audit_is_immutable before update or delete or truncate on audit
    for each statement execute function refuse();
create index account_email on account (bucket, lower(email) text_pattern_ops);
