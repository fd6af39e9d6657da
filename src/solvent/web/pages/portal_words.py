"""Portal words: what the customer portal says, in whichever language.

Owns the shape of a catalog. Its texts have places in braces. Does not own any text (`portal_words_en`,
`portal_words_de`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from solvent.core.credit import GrantKind
from solvent.core.invoice import InvoiceState
from solvent.core.ladder import Measure
from solvent.core.period import Unit
from solvent.core.plan import Intent
from solvent.core.snapshot import Standing
from solvent.core.tax import Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalWords:
    """A catalog of one language."""

    # Places, and around them
    overview: str
    subscriptions: str
    methods: str
    invoices: str
    usage: str
    back_to: str
    go_back: str
    cancel_form: str
    # The door
    ended_title: str
    ended: str
    ended_back: str
    left_title: str
    left: str
    unknown_title: str
    unknown: str
    link_ended_title: str
    link_ended: str
    enter_title: str
    enter: str
    enter_button: str
    methods_only_title: str
    methods_only: str
    good_until: str
    expired_since: str
    stale_form_title: str
    stale_form: str
    missing_title: str
    missing: str
    broken_title: str
    broken: str
    busy_title: str
    busy: str
    # Who the customer is
    details_title: str
    details_hint: str
    name_label: str
    email_label: str
    details_save: str
    details_saved: str
    details_change: str
    details_restricted: str
    wrong_name: str
    wrong_email: str
    address_title: str
    lines_label: str
    lines_hint: str
    postal_code_label: str
    city_label: str
    state_label: str
    state_hint: str
    tax_title: str
    tax_hint: str
    country_label: str
    region_label: str
    region_hint: str
    tax_id_label: str
    tax_id_hint: str
    wrong_lines: str
    wrong_postal_code: str
    wrong_city: str
    wrong_state: str
    wrong_country: str
    wrong_region: str
    wrong_tax_id: str
    wrong_vat_number: str
    tax_ahead_title: str
    tax_ahead: Mapping[Treatment, str]
    tax_ahead_none: str
    tax_ahead_issued: str
    tax_ahead_agree: str
    # Overview
    hello: str
    standing_title: str
    standings: Mapping[Standing, str]
    standing_texts: Mapping[Standing, str]
    owes: str
    measures: Mapping[Measure, str]
    disputed: str
    notices_title: str
    notice: str
    owed_title: str
    nothing_owed: str
    pay_now: str
    to_finish_title: str
    to_finish: str
    finish: str
    under_way: str
    look: str
    next_title: str
    next_none: str
    next_on: str
    see_next: str
    credit_title: str
    credit_none: str
    # Subscriptions
    none_title: str
    none: str
    intervals: Mapping[Unit, str]
    intervals_many: Mapping[Unit, str]
    per: str
    free: str
    by_usage: str
    quantity_of: str
    state_active: str
    state_trial: str
    state_ended: str
    state_grace: str
    state_ends: str
    renews: str
    trial_until: str
    ends_on: str
    ended_on: str
    will_be: str
    will_be_interval: str
    will_end_item: str
    manage: str
    item_title: str
    plan_title: str
    plan_hint: str
    current: str
    see_cost: str
    quantity_title: str
    quantity: str
    interval_title: str
    end_title: str
    end_at_period: str
    end_now: str
    end_now_credit: str
    resume: str
    keep: str
    remove_item: str
    # Quotes
    quote_title: str
    quote_what: Mapping[Intent, str]
    intents: Mapping[Intent, str]
    asks: Mapping[str, str]
    line: str
    amount: str
    tax: str
    total: str
    credit_used: str
    credit_granted: str
    owed_less: str
    due_now: str
    due_in_days: str
    nothing_due: str
    after_title: str
    after_at: str
    after_now: str
    next_renewal: str
    confirm: str
    confirm_pay: str
    how_to_pay: str
    mandate_only: str
    price_changed: str
    quote_until: str
    refused: str
    refused_debt: str
    refused_closed: str
    refused_already: str
    refused_given_up: str
    refused_restricted: str
    refused_last: str
    wrong_quantity: str
    worked_out: str
    # What came of it
    done_title: str
    done: str
    done_scheduled: str
    done_method: str
    done_debt: str
    failed_title: str
    try_again: str
    in_flight: str
    see_invoice: str
    # Methods
    methods_hint: str
    no_methods_title: str
    no_methods: str
    first: str
    backup: str
    invalid: str
    on_session_only: str
    make_first: str
    up: str
    down: str
    remove: str
    remove_title: str
    remove_hint: str
    removed: str
    ordered: str
    add: str
    add_title: str
    add_hint: str
    add_confirm: str
    # Invoices and credit
    no_invoices_title: str
    no_invoices: str
    number: str
    issued: str
    state: str
    open_amount: str
    invoice_states: Mapping[InvoiceState, str]
    download: str
    older: str
    due_on: str
    paid_so_far: str
    credited: str
    still_owed: str
    pay_this: str
    credit_notes_title: str
    credit_note_of: str
    grants_title: str
    grant_kinds: Mapping[GrantKind, str]
    grant_left: str
    expires: str
    # Usage
    usage_hint: str
    no_usage_title: str
    no_usage: str
    used: str
    costs_so_far: str
    billed_so_far: str
    period: str
    upcoming_title: str
    upcoming_hint: str
    how: str
