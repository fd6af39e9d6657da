"""Tax ahead: what another country, region or number does to the tax of what comes next, in words.

Owns the sentence that a customer reads before it is saved. Does not own the treatment nor the rates (`core.tax`), which
decide about each line by themselves.
"""

from zoneinfo import ZoneInfo

from solvent.core.account import Account
from solvent.core.phrase import spoken
from solvent.core.tax import STANDARD, Buyer, Supply, Treatment, supply
from solvent.web.portal.visit import Visit


def tax_ahead(visit: Visit, account: Account, buyer: Buyer) -> str:
    """Which tax is charged when the account is that buyer; the rates are those of what has no category of its own."""
    words, rules = visit.words, visit.call.solvent.platform.store.catalog().taxes
    seller = rules.sellers.get(account.entity)
    sale = None if seller is None else supply(seller, buyer, visit.moment)
    if sale is None:
        return words.tax_ahead_none
    rates = _rates(visit, account, sale) if sale.treatment is Treatment.TAXED else ""
    taxed = sale.treatment is not Treatment.TAXED or rates
    treatment = sale.treatment if taxed else Treatment.NOT_COLLECTED
    country = visit.tongue.country(sale.place.country)
    return words.tax_ahead[treatment].format(country=country, rates=rates)


def _rates(visit: Visit, account: Account, sale: Supply) -> str:
    """The taxes that the seller collects there today; nothing where no rate is known."""
    table = visit.call.solvent.platform.store.catalog().taxes.table
    today = visit.moment.astimezone(ZoneInfo(account.time_zone)).date()
    held = (rate for rate in table.at(sale.place, STANDARD, today, visit.moment) if sale.bears(rate))
    return " + ".join(
        f"{spoken(rate.called, visit.language)} {visit.tongue.percent(rate.ppm)}" for rate in held
    )
