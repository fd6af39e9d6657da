"""Interleaving: two callers at the same moment, made repeatable.

Owns a store in whose transactions something happens just before one of the statements of the journal, of drafts or
of invoice items, once.
Everything else is the real store; what happens does so in transactions of its own, as another process would.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from types import SimpleNamespace

from solvent.core.catalog import Catalog
from solvent.core.policy import Policy
from solvent.flows.platform import Platform
from solvent.ports.store import Store, Transaction

JOURNAL = ("add", "get", "by_key", "in_flight", "claim_looks")
DRAFTS = ITEMS = ("lock", "put")


class Interleaved:
    """A store with interruptions ahead of it."""

    def __init__(self, store: Store, before: str, happens: Sequence[Callable[[], object]]) -> None:
        self._store = store
        self._before = before
        self._ahead = list(happens)

    def catalog(self, needs: Collection[str] = ()) -> Catalog:
        """The catalog."""
        return self._store.catalog(needs)

    def look(self) -> AbstractContextManager[Transaction]:
        """Reads."""
        return self._store.look()

    def still(self) -> AbstractContextManager[Transaction]:
        """Reads of one moment."""
        return self._store.still()

    def basis(self, catalog: Catalog, policy: Policy) -> int:
        """What verdicts rest on."""
        return self._store.basis(catalog, policy)

    def begin(self) -> AbstractContextManager[SimpleNamespace]:
        """A transaction of which one statement is interrupted."""
        return self._with_interruption(self._store.begin())

    def single(self) -> AbstractContextManager[SimpleNamespace]:
        """A transaction of one statement, which may be the one that is interrupted."""
        return self._with_interruption(self._store.single())

    @contextmanager
    def _with_interruption(self, begun: AbstractContextManager[Transaction]) -> Iterator[SimpleNamespace]:
        with begun as tx:
            journal = {name: getattr(tx.journal, name) for name in JOURNAL}
            drafts = {name: getattr(tx.drafts, name) for name in DRAFTS}
            items = {name: getattr(tx.items, name) for name in ITEMS}
            for statements in (journal, drafts, items):
                if self._before in statements:
                    statements[self._before] = self._interrupted(statements[self._before])
            yield SimpleNamespace(
                accounts=tx.accounts,
                inbox=tx.inbox,
                queue=tx.queue,
                journal=SimpleNamespace(**journal),
                holds=tx.holds,
                drafts=SimpleNamespace(**drafts),
                items=SimpleNamespace(**items),
                usage=tx.usage,
            )

    def _interrupted(self, statement: Callable[..., object]) -> Callable[..., object]:
        def run(*values: object) -> object:
            if self._ahead:
                self._ahead.pop(0)()
            return statement(*values)

        return run


def interleaved(platform: Platform, before: str, *happens: Callable[[], object]) -> Platform:
    """The platform as a caller sees it who is overtaken just before that statement; each time by the next of these."""
    return replace(platform, store=Interleaved(platform.store, before, happens))
