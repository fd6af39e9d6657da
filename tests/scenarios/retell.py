"""Retell: ``python -m tests.scenarios.retell [STORY …]`` runs stories and writes what is told of them into their files.

Owns that command. Without a name it retells every story; a name is a file's, without its ending. It prints what still
lacks a sum. Read every figure that it writes, and work it out by hand: a story is evidence, no snapshot.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from solvent.store.embedded import EmbeddedServer
from tests.conftest import TEST_SETTINGS
from tests.scenarios.telling.proof import unproved
from tests.scenarios.telling.script import read, write
from tests.scenarios.telling.shelf import STORIES
from tests.scenarios.telling.shop import opened
from tests.scenarios.telling.teller import retold


def main(names: list[str]) -> int:
    """Retell these stories, or all; 1 when a figure is not worked out yet."""
    paths = [STORIES / f"{name}.txt" for name in names] or sorted(STORIES.glob("*.txt"))
    folder = Path(tempfile.mkdtemp(prefix="solvent-stories-"))
    folder.chmod(0o711)
    lacking = 0
    with EmbeddedServer.start(folder, settings=TEST_SETTINGS) as server, opened(server) as shop:
        for path in paths:
            print(path.stem, end=" ", flush=True)
            script = retold(read(path.read_text(encoding="utf-8")), shop)
            path.write_text(write(script), encoding="utf-8")
            problems = unproved(script)
            print(*(problems or ["is worked out"]), sep="\n    ")
            lacking += len(problems)
    shutil.rmtree(folder)
    return min(lacking, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
