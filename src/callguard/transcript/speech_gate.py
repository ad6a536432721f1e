"""The speech gate: samples of one channel -> utterances.

Silero's detector gives a probability for each frame of 512 samples (32 ms). The gate counts frames from the start of the call, feeds the
detector exactly one frame at a time and carries its state itself, so what it cuts depends on the audio alone and never on how the audio
was cut into chunks. The thresholds are those that gave the lowest word error rate on telephone speech: the detector's usual 0.5 drops
band-limited speech.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from callguard.types import RATE, Utterance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from callguard.types import Speaker

FRAME = 512
"""Samples of a frame: 32 ms at 16 kHz."""
FRAME_S = FRAME / RATE


@dataclass(frozen=True, slots=True)
class GateSettings:
    """When speech begins and ends. Lengths in seconds are rounded to whole frames."""

    speech_at: float = 0.3
    """Probability from which a frame is speech."""
    silence_below: float = 0.15
    """Probability under which a frame is silence; between the two the last state goes on."""
    pad_s: float = 0.3
    """Audio kept before the first and after the last frame of speech."""
    close_after_s: float = 0.5
    """Silence that closes an utterance."""
    close_long_after_s: float = 0.4
    """Silence that closes an utterance longer than `long_s`."""
    long_s: float = 20.0
    max_s: float = 28.0
    """Longest utterance; a longer one is cut at its least speech-like frame of the last `look_back_s`."""
    look_back_s: float = 4.0
    min_speech_s: float = 0.096
    """Less speech than this is a click."""


class SpeechDetector(Protocol):
    """Says how much a frame is speech; holds no state of a stream."""

    def start(self) -> Any:  # noqa: ANN401  # the detector's own business; the gate carries it and never looks
        """Give the state before the first frame."""
        ...

    def probability(self, frame: NDArray[np.float32], state: Any) -> tuple[float, Any]:  # noqa: ANN401
        """Give the probability of speech in a frame of 512 samples, and the state after it."""
        ...


@dataclass(slots=True)
class _Open:
    """An utterance that has begun and not ended."""

    first: int
    """Number of its first frame, padding included."""
    frames: list[NDArray[np.float32]]
    probabilities: list[float]
    speech: int = 0
    """Frames of speech in it."""
    last_speech: int = 0
    """Number of its last frame of speech."""


class SpeechGate:
    """One channel of one call."""

    def __init__(self, detector: SpeechDetector, channel: int, speaker: Speaker, settings: GateSettings | None = None) -> None:
        self._detector = detector
        self._state = detector.start()
        self._channel = channel
        self._speaker = speaker
        self._settings = settings or GateSettings()
        self._pad = _frames(self._settings.pad_s)
        self._rest = np.zeros(0, np.float32)
        self._frame = 0
        self._before: deque[NDArray[np.float32]] = deque(maxlen=self._pad)
        self._open: _Open | None = None

    def push(self, samples: NDArray[np.float32]) -> list[Utterance]:
        """Take samples of shape (n,); return the utterances that they closed."""
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) - len(samples) % FRAME
        self._rest = samples[whole:].copy()
        closed = []
        for frame in samples[:whole].reshape(-1, FRAME):
            utterance = self._take(frame)
            if utterance is not None:
                closed.append(utterance)
        return closed

    def finish(self) -> list[Utterance]:
        """Close what is open at the end of the call; a last part of a frame is filled with silence."""
        closed = self.push(np.zeros(FRAME - len(self._rest), np.float32)) if len(self._rest) else []
        last = self._close(self._open, self._frame) if self._open else None
        self._open = None
        return [*closed, last] if last else closed

    def _take(self, frame: NDArray[np.float32]) -> Utterance | None:
        probability, self._state = self._detector.probability(frame, self._state)
        number, self._frame = self._frame, self._frame + 1
        if self._open is None:
            if probability < self._settings.speech_at:
                self._before.append(frame)
                return None
            self._open = _Open(number - len(self._before), [*self._before], [0.0] * len(self._before))
            self._before.clear()
        self._open.frames.append(frame)
        self._open.probabilities.append(probability)
        going_on = self._open.last_speech == number - 1 and probability >= self._settings.silence_below
        if probability >= self._settings.speech_at or going_on:
            self._open.speech += 1
            self._open.last_speech = number
        return self._end(self._open, number)

    def _end(self, utterance: _Open, number: int) -> Utterance | None:
        """Close the utterance if its silence or its length says so."""
        length = number + 1 - utterance.first
        patience = self._settings.close_long_after_s if length > _frames(self._settings.long_s) else self._settings.close_after_s
        if number - utterance.last_speech >= _frames(patience):
            self._open = None
            after = utterance.frames[utterance.last_speech + 1 - utterance.first :]
            self._before.extend(after[self._pad :])
            return self._close(utterance, number + 1)
        if length >= _frames(self._settings.max_s):
            return self._cut(utterance, number + 1)
        return None

    def _cut(self, utterance: _Open, now: int) -> Utterance | None:
        """Cut a too long utterance where it is least like speech, and go on with the rest."""
        look_back = _frames(self._settings.look_back_s)
        at = len(utterance.frames) - look_back + int(np.argmin(utterance.probabilities[-look_back:]))
        speech = [number for number, p in enumerate(utterance.probabilities) if p >= self._settings.speech_at]
        rest = [number for number in speech if number >= at]
        self._open = _Open(
            utterance.first + at,
            utterance.frames[at:],
            utterance.probabilities[at:],
            len(rest),
            utterance.first + (rest[-1] if rest else at),
        )
        head = [number for number in speech if number < at]
        cut = _Open(utterance.first, utterance.frames[:at], [], len(head), utterance.first + (head[-1] if head else 0))
        return self._close(cut, now)

    def _close(self, utterance: _Open, now: int) -> Utterance | None:
        if utterance.speech < _frames(self._settings.min_speech_s):
            return None
        kept = utterance.frames[: utterance.last_speech + 1 + self._pad - utterance.first]
        return Utterance(
            channel=self._channel,
            speaker=self._speaker,
            start_s=utterance.first * FRAME_S,
            end_s=(utterance.first + len(kept)) * FRAME_S,
            known_at_s=now * FRAME_S,
            samples=np.concatenate(kept),
        )


def _frames(seconds: float) -> int:
    return max(1, round(seconds / FRAME_S))
