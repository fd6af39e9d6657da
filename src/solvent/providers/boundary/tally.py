"""The tally: what a process has seen of one provider.

Owns the counts of calls by how they ended and of words that no adapter could translate. Does not own what is done
about them. Bounded: beyond `WORDS_MAX` different words, further ones are counted together.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Lock

WORDS_MAX = 100
WORD_LENGTH_MAX = 64
OTHERS = "(others)"

_UNPRINTABLE = re.compile(r"[^\w.\-/ ]+")

log = logging.getLogger(__name__)


class Tally:
    """The counts of one provider in one process, for all its threads."""

    def __init__(self, provider: str, tell: Callable[[str], None] | None = None) -> None:
        """`tell` is handed each word as it is said, for a count over all processes."""
        self._tell = tell
        self._provider = provider
        self._lock = Lock()
        self._calls: Counter[str] = Counter()
        self._unmapped: Counter[str] = Counter()

    def ended(self, how: str) -> None:
        """A call ended: answered, silent, down, refused or held back."""
        with self._lock:
            self._calls[how] += 1

    def unmapped(self, word: str) -> None:
        """The provider used a word that its adapter has no translation for: told once, counted always."""
        said = _UNPRINTABLE.sub("?", word)[:WORD_LENGTH_MAX]
        with self._lock:
            if said not in self._unmapped and len(self._unmapped) >= WORDS_MAX:
                said = OTHERS
            first = said not in self._unmapped
            self._unmapped[said] += 1
        if self._tell is not None:
            self._tell(said)
        if first:
            log.warning("%s says %r, for which its adapter has no translation", self._provider, said)

    def calls(self) -> Mapping[str, int]:
        """Calls by how they ended."""
        with self._lock:
            return dict(self._calls)

    def words(self) -> Mapping[str, int]:
        """Words without a translation, and how often each was said."""
        with self._lock:
            return dict(self._unmapped)
