"""Method routes: the part of the table of endpoints by which collection methods are ordered and imported.

Owns their public names. Does not own what happens behind it (`handlers.methods`), nor the other routes (`routes`).
"""

from solvent.web import answers
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import methods
from solvent.web.method_bodies import MethodImportBody, MethodOrderBody
from solvent.web.method_import_views import MethodImportView

METHOD_MORE = (
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/methods/order",
        name="orderMethods",
        tag="methods",
        summary="Choose in which order collection methods are tried",
        description="Names every method of the account once. What is owed may be tried with another one after it.",
        run=methods.order,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=MethodOrderBody,
        example={"method_ids": ["mth_0193a5b2c4d87e6fa1b2c3d4e5f60718"]},
        answers={200: (answers.MethodPage, "As they are tried now.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/method-imports",
        name="importMethods",
        tag="methods",
        summary="Import agreements from before as collection methods",
        description="For customers who agreed on later payments at the provider before it was reached through Solvent, "
        "as in PayPal's billing agreements. Each is asked about in turn; what became of it stands in its place of "
        "the answer. Naming one again changes nothing. Nothing else of the account is changed.",
        run=methods.import_agreements,
        scope=Scope.ADMIN,
        repeat=Repeat.HARMLESS,
        body=MethodImportBody,
        example={
            "provider": "paypal",
            "agreements": [
                {"account_id": "acc_0193a5b2c4d87e6fa1b2c3d4e5f60718", "reference": "B-5YM51202WL041493H"}
            ],
        },
        answers={200: (MethodImportView, "What became of each.")},
        problems=("refused",),
    ),
)
