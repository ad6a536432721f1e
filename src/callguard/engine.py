"""Settings and a rulebook -> the parts of a session: the only file that names concrete models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import callguard
from callguard import weights
from callguard.policy.judge import Judge
from callguard.scoring.classifier import TurnClassifier
from callguard.scoring.patterns import Patterns
from callguard.scoring.scorer import TurnScorer
from callguard.session import Parts
from callguard.transcript.moonshine import Moonshine
from callguard.transcript.silero import SileroDetector
from callguard.transcript.speech_gate import SpeechGate
from callguard.types import Provenance, Speaker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callguard.policy.rulebook import Rulebook
    from callguard.settings import Settings
    from callguard.transcript.recognizer import Recognizer
    from callguard.types import Transcription, Utterance

_DETECTOR, _MOONSHINE, _CLASSIFIER = "silero-vad-v6", "moonshine-tiny-en", "turn-classifier"


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts, and with what they were built."""

    parts: Parts
    policy: str
    channels: tuple[Speaker, ...]
    """Who is on each channel where a call does not say."""

    def provenance(self, *, audio: bool) -> Provenance:
        """Say with what a call was analysed; a transcript was heard by no recognizer of ours."""
        used = (_DETECTOR, _MOONSHINE, _CLASSIFIER) if audio else (_CLASSIFIER,)
        known = weights.register()
        return Provenance(
            callguard=callguard.__version__,
            policy=self.policy,
            asr="moonshine tiny-en, greedy, one utterance at a time" if audio else None,
            weights=tuple((name, known[name].fingerprint) for name in used),
        )


def build(settings: Settings, rulebook: Rulebook) -> Engine:
    """Build the parts. What hears is loaded at the first sound, so that a run over transcripts does not pay for it.

    Raises:
        WeightsError: weights are missing or are not the pinned ones.
    """
    ears = _Ears(settings.asr.threads)
    scorer = build_scorer()
    parts = Parts(
        new_gate=lambda channel, speaker: SpeechGate(ears.detector, channel, speaker),
        recognize=ears.recognize,
        score=scorer.score,
        new_judge=partial(Judge, rulebook=rulebook),
    )
    return Engine(parts, f"{rulebook.name} {rulebook.version} {rulebook.policy_hash}", tuple(map(Speaker, settings.audio.channels)))


def build_scorer() -> TurnScorer:
    """Build the classifiers alone.

    Raises:
        WeightsError: the classifier's weights are missing or are not the pinned ones.
    """
    return TurnScorer(TurnClassifier(weights.verified(_CLASSIFIER).path), Patterns.shipped())


class _Ears:
    """The detector and the recognizer, loaded when the first sound comes."""

    def __init__(self, threads: int) -> None:
        self._threads = threads

    @cached_property
    def detector(self) -> SileroDetector:
        return SileroDetector(weights.verified(_DETECTOR).path / "silero_vad_v6.onnx")

    def recognize(self, utterances: Sequence[Utterance]) -> list[Transcription]:
        return self._recognizer.recognize(utterances)

    @cached_property
    def _recognizer(self) -> Recognizer:
        return Moonshine(weights.verified(_MOONSHINE).path, threads=self._threads)
