"""Method routes: the part of the table of endpoints by which the order of collection methods is chosen.

Owns its public name. Does not own what happens behind it (`handlers.methods`), nor the other routes (`routes`).
"""

from solvent.web import answers
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import methods
from solvent.web.method_bodies import MethodOrderBody

METHOD_ORDER = (
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
)
