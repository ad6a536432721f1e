"""The labelled dialogues beside the checkout, as a specification: outcomes, and never a false permission."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from callguard.batch.analyse import analyse_all
from callguard.batch.inputs import find
from callguard.policy import rulebook
from callguard.settings import Settings

SHARED = Path(os.environ.get("CALLGUARD_SHARED", Path(__file__).parents[3] / "shared"))
DIALOGUES = SHARED / "examples" / "dialogues.jsonl"
pytestmark = [
    pytest.mark.models,
    pytest.mark.shared,
    pytest.mark.skipif(not DIALOGUES.is_file(), reason="the labelled examples are not beside this checkout"),
]


def test_dialogues() -> None:
    expected = {record["id"]: record["expected"] for record in map(json.loads, DIALOGUES.read_text(encoding="utf-8").splitlines())}
    right = 0
    for report in analyse_all(find([str(DIALOGUES)]), Settings(), rulebook.load("balanced")):
        assert report.verdict is not None
        due = expected[report.call.call_id]["outcome"]
        right += report.verdict.outcome == due
        if report.verdict.outcome.startswith("eligible"):
            assert report.verdict.outcome == due
            assert any(
                finding.quote in report.turns[finding.turn_indexes[0]].turn.text
                for finding in report.verdict.findings
                if finding.level >= 2
            )
    assert right >= 16
