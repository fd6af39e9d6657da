"""Tax routes: the part of the table of endpoints that is about tax rates and registrations.

Owns their public names. Does not own what happens behind them (`handlers.taxes`), nor the other routes (`routes`).
"""

from solvent.web import tax_views as views
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import taxes

_REPEATED = ("idempotency_key_reused", "in_flight", "refused")
_RATE = {
    "id": "de-vat-2031",
    "country": "DE",
    "name": "VAT",
    "rate": "19.5",
    "valid_from": "2031-01-01",
}
_PLACE = {"entity": "solvent-eu", "country": "DE"}

TAXES = (
    Endpoint(
        method="GET",
        path="/v1/tax/rates",
        name="listTaxRates",
        tag="tax",
        summary="List tax rates, of one place or category or all",
        run=taxes.rates,
        query=views.TaxRatesQuery,
        answers={200: (views.TaxRatePage, "A page, by id; those that another took over from are in it.")},
    ),
    Endpoint(
        method="POST",
        path="/v1/tax/rates",
        name="createTaxRate",
        tag="tax",
        summary="Make a tax rate known",
        description="It counts for charges from `known_from` on, some seconds from now and from its first local "
        "day; what was charged keeps its tax. The same again changes nothing; a rate of that id with other terms is "
        "refused.",
        run=taxes.create_rate,
        scope=Scope.ADMIN,
        repeat=Repeat.ANSWER,
        body=views.TaxRateBody,
        example=_RATE,
        answers={201: (views.TaxRateView, "Known; every process charges by it within a second.")},
        problems=_REPEATED,
    ),
    Endpoint(
        method="GET",
        path="/v1/tax/rates/{rate_id}",
        name="getTaxRate",
        tag="tax",
        summary="Read a tax rate",
        run=taxes.rate,
        answers={200: (views.TaxRateView, "The rate.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/tax/registrations",
        name="listTaxRegistrations",
        tag="tax",
        summary="List where legal entities collect tax",
        run=taxes.registrations,
        query=views.TaxRegistrationsQuery,
        answers={200: (views.TaxRegistrationPage, "A page, by legal entity and place.")},
        problems=("refused",),
    ),
    Endpoint(
        method="POST",
        path="/v1/tax/registrations",
        name="registerForTax",
        tag="tax",
        summary="Register a legal entity for tax",
        description="It collects tax there on charges from `known_from` on, some seconds from now. The same again "
        "changes nothing; another number ends the one before.",
        run=taxes.register,
        scope=Scope.ADMIN,
        repeat=Repeat.ANSWER,
        body=views.TaxRegistrationBody,
        example=_PLACE | {"number": "DE136695976"},
        answers={201: (views.TaxRegistrationView, "Registered.")},
        problems=_REPEATED,
    ),
    Endpoint(
        method="POST",
        path="/v1/tax/registrations/end",
        name="endTaxRegistration",
        tag="tax",
        summary="End a legal entity's registration for tax",
        description="It counts for nothing that is charged from `known_until` on, some seconds from now; credit for "
        "what was charged before gives its tax back all the same.",
        run=taxes.deregister,
        scope=Scope.ADMIN,
        repeat=Repeat.ANSWER,
        body=views.TaxPlaceBody,
        example=_PLACE,
        answers={200: (views.TaxRegistrationView, "Ended.")},
        problems=_REPEATED,
    ),
)
