"""Methods: an account's collection methods."""

from solvent.core.account import CollectionMethod
from solvent.core.ids import spell
from solvent.core.plan import Refusal
from solvent.flows import vault
from solvent.flows.importing import Agreement, Imported, import_methods
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.paging import page_of
from solvent.web.handlers.shared import account_in_path, refusal_problem
from solvent.web.method_bodies import MethodImportBody, MethodOrderBody
from solvent.web.method_import_views import ImportedView, MethodImportView
from solvent.web.params import MethodsQuery
from solvent.web.present import method_view
from solvent.web.problems import FieldError, not_found


def listed(call: Call) -> Reply:
    """A page of the account's methods that were not removed, in the order in which they are tried."""
    query: MethodsQuery = call.query
    found = call.queries.methods(account_in_path(call).id)
    return page_of(found, query.after, query.limit, key=_place, view=method_view)


def remove(call: Call) -> Reply:
    """Remove a method."""
    account = account_in_path(call)
    method_id = public_id("mth", call.path["method_id"], "method_id")
    if all(m.id != method_id for m in call.queries.methods(account.id)):
        raise not_found("method", call.path["method_id"])
    refusal = vault.detach(call.solvent.platform, account.id, method_id, call.now)
    if isinstance(refusal, Refusal):
        raise refusal_problem(refusal)
    return Reply(None, 204)


def order(call: Call) -> Reply:
    """Choose in which order methods are tried."""
    account = account_in_path(call)
    body: MethodOrderBody = call.body
    wanted = [uuid_in(spelled) for spelled in body.method_ids]
    refusal = vault.reorder(call.solvent.platform, account.id, wanted, call.now)
    if isinstance(refusal, Refusal):
        raise refusal_problem(refusal)
    return Reply({"data": [method_view(m) for m in call.queries.methods(account.id)], "next": None})


def _place(method: CollectionMethod) -> str:
    """A method's place in the list: when it is tried, then its id."""
    return f"{method.priority:010}_{method.id.hex}"


def import_agreements(call: Call) -> Reply:
    """Import agreements from before."""
    body: MethodImportBody = call.body
    wanted = [Agreement(account_id=uuid_in(a.account_id), reference=a.reference) for a in body.agreements]
    results = import_methods(call.solvent.platform, body.provider, wanted, call.solvent.clock)
    if isinstance(results, Refusal):
        raise refusal_problem(results)
    return Reply(MethodImportView(provider=body.provider, results=[imported_view(one) for one in results]))


def imported_view(one: Imported) -> ImportedView:
    """What became of one agreement, as it is shown."""
    refusal = one.refusal
    return ImportedView(
        account_id=spell("acc", one.agreement.account_id),
        reference=one.agreement.reference,
        state=one.state,
        change_id=None if one.attempt_id is None else spell("att", one.attempt_id),
        cause=one.cause,
        error=None if refusal is None else FieldError(field=refusal.field, rule=refusal.rule),
    )
