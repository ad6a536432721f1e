"""The gate cuts by absolute frames of 32 ms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callguard.transcript.speech_gate import FRAME, FRAME_S, GateSettings, SpeechGate
from callguard.types import Speaker, Utterance


class Scripted:
    """Gives the probabilities that a test wrote down, one a frame."""

    def __init__(self, probabilities: list[float]) -> None:
        self.probabilities = probabilities

    def start(self) -> int:
        return 0

    def probability(self, frame: np.ndarray, state: object) -> tuple[float, int]:
        assert frame.shape == (FRAME,)
        assert isinstance(state, int)
        return (self.probabilities[state] if state < len(self.probabilities) else 0.0), state + 1


def cut(probabilities: list[float], settings: GateSettings | None = None) -> list[Utterance]:
    gate = SpeechGate(Scripted(probabilities), 0, Speaker.CUSTOMER, settings)
    samples = np.arange(len(probabilities) * FRAME, dtype=np.float32)
    return [*gate.push(samples), *gate.finish()]


S, Q = [0.9], [0.0]


@pytest.mark.parametrize(
    ("name", "probabilities", "frames"),
    [
        ("silence gives nothing", Q * 100, []),
        ("speech is padded on both sides", Q * 20 + S * 10 + Q * 40, [(11, 39)]),
        ("padding stops at the call's begin", S * 10 + Q * 40, [(0, 19)]),
        ("a pause of 0.48 s goes on", Q * 20 + S * 10 + Q * 15 + S * 10 + Q * 40, [(11, 64)]),
        ("a pause of 0.51 s closes", Q * 20 + S * 10 + Q * 16 + S * 10 + Q * 40, [(11, 39), (39, 65)]),
        ("two frames are a click", Q * 20 + S * 2 + Q * 40, []),
        ("three frames are a word", Q * 20 + S * 3 + Q * 40, [(11, 32)]),
        ("between the thresholds speech goes on", Q * 20 + S * 3 + [0.2] * 20 + Q * 40, [(11, 52)]),
        ("between the thresholds nothing begins", [0.2] * 60, []),
        ("speech at the end is closed by finish", Q * 20 + S * 10, [(11, 30)]),
    ],
)
def test_where_it_cuts(name: str, probabilities: list[float], frames: list[tuple[int, int]]) -> None:
    del name
    found = cut(probabilities)
    assert [(round(each.start_s / FRAME_S), round(each.end_s / FRAME_S)) for each in found] == frames
    for each in found:
        assert each.samples[0] == round(each.start_s / FRAME_S) * FRAME
        assert len(each.samples) == round((each.end_s - each.start_s) / FRAME_S) * FRAME


def test_a_long_utterance_is_cut_at_its_least_speech_like_frame() -> None:
    settings = GateSettings(max_s=100 * FRAME_S, look_back_s=20 * FRAME_S)
    first, second = cut([0.9] * 90 + [0.4] + [0.9] * 60 + Q * 40, settings)
    assert round(first.end_s / FRAME_S) == 90
    assert round(second.start_s / FRAME_S) == 90
    assert np.array_equal(np.concatenate([first.samples, second.samples])[: 150 * FRAME], np.arange(150 * FRAME))


def test_it_is_known_when_the_silence_is_long_enough() -> None:
    (found,) = cut(Q * 20 + S * 10 + Q * 40)
    assert found.known_at_s == pytest.approx((30 + 16) * FRAME_S)


@given(
    st.lists(st.sampled_from([0.0, 0.2, 0.9]), max_size=200),
    st.lists(st.integers(0, 200 * FRAME), max_size=10),
)
def test_the_cuts_depend_on_the_audio_alone(probabilities: list[float], cuts: list[int]) -> None:
    samples = np.arange(len(probabilities) * FRAME, dtype=np.float32)
    whole = cut(probabilities)
    gate = SpeechGate(Scripted(probabilities), 0, Speaker.CUSTOMER)
    found = [utterance for part in np.split(samples, sorted(cuts)) for utterance in gate.push(part)]
    found += gate.finish()
    assert [(each.start_s, each.end_s, each.known_at_s) for each in found] == [
        (each.start_s, each.end_s, each.known_at_s) for each in whole
    ]


@given(st.lists(st.sampled_from([0.0, 0.2, 0.9]), max_size=400))
def test_no_frame_is_in_two_utterances(probabilities: list[float]) -> None:
    settings = GateSettings(max_s=60 * FRAME_S, look_back_s=20 * FRAME_S, long_s=40 * FRAME_S)
    found = cut(probabilities, settings)
    for before, after in pairwise(found):
        assert before.end_s <= after.start_s + 1e-9
