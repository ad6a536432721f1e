"""The samples through the real models: the outcome that a person wrote down, and the same in chunks of any size."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from callguard import engine
from callguard.audio.decode import Recording
from callguard.batch.analyse import analyse
from callguard.batch.inputs import find
from callguard.policy import rulebook
from callguard.session import CallSession
from callguard.settings import Settings
from callguard.types import RATE, AudioChunk, CallEnded, Event, ScoredTurn

pytestmark = pytest.mark.models
SAMPLES = sorted(path.parent for path in (Path(__file__).parents[2] / "samples").glob("*/call.toml"))


@cache
def built() -> engine.Engine:
    return engine.build(Settings(), rulebook.load("balanced"))


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_the_outcome_is_the_one_that_a_person_expects(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    (call,) = find([str(folder)])
    report = analyse(call, built())
    assert report.verdict is not None
    assert report.verdict.outcome == expected["outcome"]
    assert report.verdict.max_level == expected["max_level"]
    for finding in report.verdict.findings:
        assert finding.quote in report.turns[finding.turn_indexes[0]].turn.text


def heard(folder: Path, chunk_s: float) -> list[Event]:
    (call,) = find([str(folder)])
    assert call.recording is not None
    with Recording(call.recording) as recording:
        audio = np.concatenate([chunk.samples for chunk in recording.chunks()])
    session = CallSession(call.call, built().parts)
    step = round(chunk_s * RATE)
    events = [
        event
        for at in range(0, len(audio), step)
        for event in session.push(AudioChunk(at / RATE, audio[at : at + step], RATE))
    ]  # fmt: skip
    return [*events, *session.finish()]


@pytest.mark.parametrize("folder", SAMPLES[:2], ids=lambda folder: folder.name)
@pytest.mark.parametrize("chunk_s", [0.02, 0.2, 3.7])
def test_chunks_of_any_size_give_the_same_with_real_models(folder: Path, chunk_s: float) -> None:
    whole, cut = heard(folder, 1e6 / RATE), heard(folder, chunk_s)
    assert cut == whole
    assert any(isinstance(event, ScoredTurn) for event in cut)
    assert isinstance(cut[-1], CallEnded)
