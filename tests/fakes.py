"""Stand-ins that obey the same protocols as the real parts, with answers that a test can foresee."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from callguard.policy import rulebook
from callguard.policy.judge import Judge
from callguard.session import Parts
from callguard.transcript.speech_gate import SpeechGate
from callguard.types import RATE, Call, Label, Level, ScoredTurn, Speaker, Transcription, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from callguard.types import TurnInContext, Utterance

CUES: dict[str, tuple[Speaker, tuple[Label, ...]]] = {
    "you useless clown": (Speaker.CUSTOMER, (Label.PERSONAL_INSULT, Label.DIRECTED, Label.UNCIVIL)),
    "i will break your jaw": (Speaker.CUSTOMER, (Label.THREAT_VIOLENCE, Label.DIRECTED, Label.UNCIVIL)),
    "if the insults go on i will end the call": (Speaker.AGENT, (Label.WARNING_GIVEN,)),
    "let me look that up": (Speaker.AGENT, (Label.HELPING_ACT,)),
    "sorry that was not fair": (Speaker.CUSTOMER, (Label.CUSTOMER_APOLOGY,)),
}
"""What the fake scorer knows."""
_LEVELS = {Label.PERSONAL_INSULT: Level.ABUSIVE, Label.THREAT_VIOLENCE: Level.CRITICAL}


class EnergyDetector:
    """Speech is what is loud: the same frame always has the same probability."""

    def start(self) -> float:
        return 0.0

    def probability(self, frame: NDArray[np.float32], state: object) -> tuple[float, float]:  # noqa: ARG002  # it needs none
        loud = float(np.sqrt(np.mean(frame**2)))
        return (0.9 if loud > 0.01 else 0.02), loud


class ScriptedRecognizer:
    """Hears the sentence whose number is coded in the amplitude of the utterance."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = sentences

    def recognize(self, utterances: Sequence[Utterance]) -> list[Transcription]:
        return [self._hear(utterance) for utterance in utterances]

    def _hear(self, utterance: Utterance) -> Transcription:
        number = round(float(np.abs(utterance.samples).max()) * 100) - 10
        text = self.sentences[number] if 0 <= number < len(self.sentences) else ""
        words = tuple(Word(word, utterance.start_s, utterance.end_s, 0.9) for word in text.split())
        return Transcription(text, words, 0.9 if text else None)


def said(number: int, seconds: float) -> NDArray[np.float32]:
    """Give the sound that `ScriptedRecognizer` hears as its sentence of that number."""
    return np.full(round(seconds * RATE), (number + 10) / 100, np.float32)


def score(batch: Sequence[TurnInContext]) -> list[ScoredTurn]:
    """Score by `CUES`."""
    return [_score(item) for item in batch]


def _score(item: TurnInContext) -> ScoredTurn:
    speaker, labels = CUES.get(item.turn.text.lower(), (item.turn.speaker, ()))
    held = {label: 0.99 for label in labels if speaker is item.turn.speaker}
    if item.turn.speaker is Speaker.AGENT:
        return ScoredTurn(item.turn, held, None, directed=False, sentiment=None)
    level = max((_LEVELS.get(label, Level.NONE) for label in held), default=Level.NONE)
    return ScoredTurn(item.turn, held, level, directed=Label.DIRECTED in held, sentiment=None)


def parts(sentences: Sequence[str]) -> Parts:
    """Give parts that hear scripted sentences and judge them by the balanced policy."""
    detector, book = EnergyDetector(), rulebook.load("balanced")

    def new_judge(call: Call) -> Judge:
        return Judge(call, book)

    return Parts(
        new_gate=lambda channel, speaker: SpeechGate(detector, channel, speaker),
        recognize=ScriptedRecognizer(sentences).recognize,
        score=score,
        new_judge=new_judge,
    )
