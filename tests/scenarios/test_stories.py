"""The stories of the demo, as tests: each asserts its own outcome, and the books agree with the bank afterwards."""

from __future__ import annotations

import pytest

from solvent.audit import audit
from solvent.kpi import kpis
from solvent.sim.scene import Beat, BeatKind, Scene
from solvent.sim.stories import FAILURES, PATHS, STORIES
from solvent.sim.stories.story import CURTAIN, Story
from solvent.wiring import Solvent
from tests.scenarios.conftest import OpenWorld


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_ends_as_told(story: Story, open_world: OpenWorld) -> None:
    world, beats = open_world(story.start), list[Beat]()
    story.tell(Scene(world, beats.append))
    assert any(beat.kind is BeatKind.PROVED for beat in beats), "a story that proves nothing"
    assert beats[-1].kind is BeatKind.LEDGER, "a story ends with what the ledger says"
    world.until(CURTAIN)
    assert [f for f in world.agreement() if f.violations] == []


def test_all_worlds_together_keep_every_law(scenario_solvent: Solvent) -> None:
    findings = audit(scenario_solvent.database, scenario_solvent.platform, CURTAIN)
    assert [f for f in findings if f.violations] == []
    assert all(kpi.reached or kpi.here == "no invoice" for kpi in kpis(scenario_solvent.database, findings))


def test_there_are_five_paths_and_enough_failures() -> None:
    assert len(PATHS) == 5
    assert len(FAILURES) >= 14
    assert len({story.name for story in STORIES}) == len(STORIES)
