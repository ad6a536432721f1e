"""The rule of the house: live and batch differ only in how big a chunk is pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callguard.session import CallSession
from callguard.types import RATE, AudioChunk, Call, CallEnded, Outcome, Roles, RolesHow, Speaker
from fakes import CUES, parts, said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from callguard.types import Event

SENTENCES = [*CUES, "my bulb burned out", "what is the order number"]
CALL = Call("c1", channels=(Speaker.AGENT, Speaker.CUSTOMER), roles=Roles(RolesHow.MANIFEST, 1.0))
STORY = [(0, 6), (1, 5), (0, 3), (1, 0), (0, 2), (1, 0), (0, 2)]
"""Channel and sentence: helps, is insulted, warns, is insulted again."""


def call_audio() -> NDArray[np.float32]:
    """Two channels, one speaker at a time, and one stretch in which both talk; a 40 s monologue passes the gate's longest utterance."""
    rng = np.random.default_rng(7)
    pieces = []
    for channel, number in STORY:
        sound = said(number, 1.0 + 0.7 * number)
        both = np.zeros((len(sound) + round(rng.uniform(0.6, 1.4) * RATE), 2), np.float32)
        both[: len(sound), channel] = sound
        pieces.append(both)
    crosstalk = np.zeros((3 * RATE, 2), np.float32)
    crosstalk[: 2 * RATE, 0] = said(6, 2.0)
    crosstalk[RATE // 2 : RATE // 2 + RATE, 1] = said(5, 1.0)
    rant = np.zeros((41 * RATE, 2), np.float32)
    rant[: 40 * RATE, 1] = said(5, 40.0)
    return np.concatenate([*pieces, crosstalk, rant])


AUDIO = call_audio()


def run(cuts: Iterable[int]) -> list[Event]:
    session = CallSession(CALL, parts(SENTENCES))
    events: list[Event] = []
    at = 0
    for cut in [*sorted(cuts), len(AUDIO)]:
        events += session.push(AudioChunk(at / RATE, AUDIO[at:cut], RATE))
        at = cut
    return [*events, *session.finish()]


WHOLE = run([])


def test_the_story_is_told_as_written() -> None:
    ended = WHOLE[-1]
    assert isinstance(ended, CallEnded)
    assert ended.verdict.outcome is Outcome.ELIGIBLE_TO_END
    assert ended.end_s == pytest.approx(len(AUDIO) / RATE)


@pytest.mark.parametrize("chunk_s", [0.02, 0.2, 0.25, 61.0])
def test_equal_chunks(chunk_s: float) -> None:
    step = round(chunk_s * RATE)
    assert run(range(step, len(AUDIO), step)) == WHOLE


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, len(AUDIO)), max_size=40))
def test_random_chunks(cuts: list[int]) -> None:
    assert run(cuts) == WHOLE


def test_a_chunk_of_another_rate_or_shape_is_refused() -> None:
    session = CallSession(CALL, parts(SENTENCES))
    with pytest.raises(ValueError, match="8000 Hz"):
        session.push(AudioChunk(0.0, np.zeros((10, 2), np.float32), 8000))
    with pytest.raises(ValueError, match="1 channels"):
        session.push(AudioChunk(0.0, np.zeros((10, 1), np.float32), RATE))
