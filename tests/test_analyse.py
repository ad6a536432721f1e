"""What happens to one call never costs another; what ails them all is told at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import sounds
from callguard.batch.analyse import analyse
from callguard.batch.inputs import CallInput
from callguard.engine import Engine
from callguard.errors import WeightsError
from callguard.types import RATE, Call, Fact, Outcome, Roles, RolesHow, Speaker, Status, Turn
from fakes import CUES, parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from callguard.types import ScoredTurn, Transcription, TurnInContext, Utterance

BUILT = Engine(parts(list(CUES)), "balanced 1.0 abc", ())


def spoken(folder: Path, channels: tuple[Speaker, ...] = ()) -> CallInput:
    """A stereo call: on the second channel an insult, as the fakes hear it."""
    samples = np.zeros((RATE * 4, 2), np.float32)
    samples[RATE : 2 * RATE, 1] = 0.10
    path = sounds.write(folder / "call.wav", samples, RATE, "pcm_f32le")
    roles = Roles(RolesHow.MANIFEST, 1.0) if channels else Roles()
    return CallInput(str(path), Call("c", channels=channels, roles=roles), recording=path)


def test_roles_come_from_the_calls_own_record(tmp_path: Path) -> None:
    report = analyse(spoken(tmp_path, (Speaker.AGENT, Speaker.CUSTOMER)), BUILT)
    assert report.verdict is not None
    assert [scored.turn.speaker for scored in report.turns] == [Speaker.CUSTOMER]
    assert report.verdict.outcome is Outcome.WARN_FIRST


def test_roles_come_from_the_settings_where_the_call_does_not_say(tmp_path: Path) -> None:
    report = analyse(spoken(tmp_path), replace(BUILT, channels=(Speaker.CUSTOMER, Speaker.AGENT)))
    assert [scored.turn.speaker for scored in report.turns] == [Speaker.AGENT]
    assert report.call.roles == Roles(RolesHow.METADATA, 1.0)


def test_where_nobody_says_who_speaks_abuse_cannot_be_told(tmp_path: Path) -> None:
    scored_as_customer = replace(BUILT, parts=replace(BUILT.parts, score=_scored_as_customers))
    report = analyse(spoken(tmp_path), scored_as_customer)
    assert report.verdict is not None
    assert report.verdict.outcome is Outcome.CANNOT_TELL
    assert Fact.ROLES_UNCERTAIN in report.verdict.facts


def _scored_as_customers(batch: Sequence[TurnInContext]) -> list[ScoredTurn]:
    known = [replace(item, turn=replace(item.turn, speaker=Speaker.CUSTOMER)) for item in batch]
    scored = BUILT.parts.score(known)
    return [replace(each, turn=item.turn) for each, item in zip(scored, batch, strict=True)]


def test_a_description_that_names_another_number_of_channels_is_told(tmp_path: Path) -> None:
    report = analyse(spoken(tmp_path, (Speaker.CUSTOMER,)), BUILT)
    assert (report.status, report.reason_code) == (Status.SKIPPED, "channels_differ")


def test_a_fault_of_ours_costs_one_call_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def broken(batch: Sequence[TurnInContext]) -> list[ScoredTurn]:
        raise ZeroDivisionError(len(batch))

    call = CallInput("c.json", Call("c"), turns=(Turn("c", 0, Speaker.AGENT, "hello", 0.0, 1.0, 1.0),))
    report = analyse(call, replace(BUILT, parts=replace(BUILT.parts, score=broken)))
    assert (report.status, report.reason_code) == (Status.SKIPPED, "internal_error")
    assert "ZeroDivisionError" in report.message
    assert "call c failed" in caplog.text


def test_missing_weights_are_no_fault_of_a_call(tmp_path: Path) -> None:
    def deaf(utterances: Sequence[Utterance]) -> list[Transcription]:
        raise WeightsError(f"no recognizer for {len(utterances)} utterances")

    with pytest.raises(WeightsError):
        analyse(spoken(tmp_path, (Speaker.AGENT, Speaker.CUSTOMER)), replace(BUILT, parts=replace(BUILT.parts, recognize=deaf)))
