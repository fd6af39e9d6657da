"""QR: a transfer that a banking app can read from paper (EPC069-12).

Owns the choice of what the code carries. Does not own its encoding (`segno`) nor whether there is one
(`core.document`).
"""

from decimal import Decimal
from io import BytesIO

from segno import helpers

from solvent.core.document_parts import Transfer
from solvent.core.money import format_minor

HOLDER_MAX = 70  # characters of a name, by EPC069-12


def epc_svg(transfer: Transfer) -> str | None:
    """The code as SVG, without the quiet zone (paper has it); None for what is no SEPA transfer."""
    if not transfer.epc or transfer.to.iban is None:
        return None
    code = helpers.make_epc_qr(
        name=transfer.to.holder[:HOLDER_MAX],
        iban=transfer.to.iban,
        bic=transfer.to.bic,
        amount=Decimal(format_minor(transfer.amount, transfer.to.currency)),
        text=transfer.reference,
        encoding="utf-8",
    )
    out = BytesIO()
    code.save(out, kind="svg", border=0, xmldecl=False, omitsize=True)
    return out.getvalue().decode()
