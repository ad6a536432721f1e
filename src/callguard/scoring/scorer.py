"""Classifier and patterns -> one score a label, in one place, with the reason kept.

The classifier generalises, the patterns are exact. A pattern may take labels from the classifier (the words are a quote, say) and may give
labels; what a pattern gives, no other pattern takes. Where the classifier sees both abuse and a reading of the same words that makes it
none, a quote or a figure of speech, the likelier of the two holds. A turn's level is the highest level of the labels that hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from callguard.types import (
    AGENT_CUES,
    AGENT_LABELS,
    CUSTOMER_CUES,
    CUSTOMER_LABELS,
    LEVEL_OF,
    Label,
    Level,
    ScoredTurn,
    Signal,
    Speaker,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from callguard.scoring.classifier import Prediction
    from callguard.scoring.patterns import Hit
    from callguard.types import Turn, TurnInContext

DECISION = 0.5
"""Scores are calibrated so that this is the balanced decision."""
TAKEN = 0.3
"""The most that is left of a label that a pattern takes."""
_AIMED = (Label.DIRECTED_PROFANITY, Label.PERSONAL_INSULT, Label.SEXUAL_HARASSMENT)
"""Labels that are aimed at the listener by what they mean."""
_READINGS: Mapping[Label, tuple[Label, ...]] = {
    Label.QUOTED_ABUSE: (
        Label.DIRECTED_PROFANITY,
        Label.PERSONAL_INSULT,
        Label.DISCRIMINATORY_ABUSE,
        Label.SEXUAL_HARASSMENT,
        Label.THREAT_VIOLENCE,
        Label.INTIMIDATION,
        Label.WISH_OF_HARM,
        Label.DIRECTED,
        Label.UNCIVIL,
    ),
    Label.FIGURE_OF_SPEECH: (Label.SELF_HARM_RISK, Label.THREAT_VIOLENCE, Label.THREAT_BOMB, Label.WISH_OF_HARM, Label.INTIMIDATION),
}
"""Readings of words, and the labels that the same words do not carry when they are so read."""
_SHOWN = (Label.SELF_HARM_RISK, *(label for label, level in LEVEL_OF.items() if level >= Level.ABUSIVE))
"""Labels whose words are looked for, so that a person can see what carried them."""


class Classifier(Protocol):
    """What the combination needs of a classifier."""

    def predict(self, item: TurnInContext) -> Prediction:
        """Score one turn."""
        ...

    def evidence(self, item: TurnInContext, label: Label) -> tuple[int, int] | None:
        """Give the characters that carried a label."""
        ...


class PatternSet(Protocol):
    """What the combination needs of patterns."""

    def match(self, turn: Turn) -> list[Hit]:
        """Give the patterns that fire on a turn."""
        ...


class TurnScorer:
    """Scores turns."""

    def __init__(self, classifier: Classifier, patterns: PatternSet) -> None:
        self._classifier = classifier
        self._patterns = patterns

    def score(self, batch: Sequence[TurnInContext]) -> list[ScoredTurn]:
        """Score turns, in order; each score is a function of its own turn and context."""
        return [self._score(item) for item in batch]

    def _score(self, item: TurnInContext) -> ScoredTurn:
        is_agent = item.turn.speaker is Speaker.AGENT
        possible = (*AGENT_LABELS, *AGENT_CUES) if is_agent else (*CUSTOMER_LABELS, *CUSTOMER_CUES)
        prediction = self._classifier.predict(item)
        scores = {label: prediction.scores[label] for label in possible if label in prediction.scores}
        hits = self._patterns.match(item.turn)
        for label in (*_read_otherwise(scores), *(label for hit in hits for label in hit.pattern.takes)):
            if label in scores:
                scores[label] = min(scores[label], TAKEN)
        carried = [label for label, score in scores.items() if score >= DECISION]
        given = [signal for hit in hits for signal in hit.signals()]
        for signal in given:
            scores[signal.label] = max(scores.get(signal.label, 0.0), signal.score)
        shown = {signal.label for signal in given}
        signals = [
            Signal(
                "turn-classifier",
                label,
                prediction.scores[label],
                self._classifier.evidence(item, label) if label in _SHOWN and label not in shown else None,
            )
            for label in carried
        ]
        if is_agent:
            return ScoredTurn(item.turn, scores, None, directed=False, sentiment=None, signals=(*given, *signals))
        level = level_of(scores)
        scores[Label.UNCIVIL] = max(scores.get(Label.UNCIVIL, 0.0), *(scores.get(label, 0.0) for label in LEVEL_OF))
        directed = scores.get(Label.DIRECTED, 0.0) >= DECISION or any(scores.get(label, 0.0) >= DECISION for label in _AIMED)
        return ScoredTurn(item.turn, scores, level, directed, prediction.sentiment, (*given, *signals))


def _read_otherwise(scores: dict[Label, float]) -> list[Label]:
    """Give the labels that a likelier reading of the same words takes away."""
    return [
        label
        for reading, labels in _READINGS.items()
        for label in labels
        if scores.get(reading, 0.0) >= DECISION and scores[reading] >= scores.get(label, 0.0)
    ]


def level_of(scores: dict[Label, float]) -> Level:
    """Give the level that the labels carry."""
    return max((level for label, level in LEVEL_OF.items() if scores.get(label, 0.0) >= DECISION), default=Level.NONE)
