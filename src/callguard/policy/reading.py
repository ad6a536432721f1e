"""What the policy takes from one scored turn: which labels hold, which of them are certain, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callguard.types import AGENT_CUES, AGENT_LABELS, CUSTOMER_CUES, CUSTOMER_LABELS, LEVEL_OF, Label, Level, Speaker

if TYPE_CHECKING:
    from callguard.policy.rulebook import Confidence
    from callguard.types import ScoredTurn, Sentiment

_AGENT = frozenset((*AGENT_LABELS, *AGENT_CUES)) - {Label.WARNING_WITHOUT_GROUNDS}
_CUSTOMER = frozenset((*CUSTOMER_LABELS, *CUSTOMER_CUES))


@dataclass(frozen=True, slots=True)
class Reading:
    """One turn in the terms of the policy."""

    index: int
    speaker: Speaker
    start_s: float
    end_s: float
    has_text: bool
    supported: bool
    """In a language that callguard knows."""
    labels: frozenset[Label]
    sure: frozenset[Label]
    """Labels of level >= 2 that are certain: clear of the policy's threshold, in words that are certain."""
    level: Level
    directed: bool
    words_certain: bool
    ends_well: bool
    """Thanks, or words that read as positive. It is read for a recovery alone and grounds nothing."""

    @property
    def abusive(self) -> bool:
        """Say whether this is speech of level >= 2, by whomever."""
        return self.level >= Level.ABUSIVE

    @property
    def possible(self) -> bool:
        """Say whether this is speech of level >= 2 that is not certain enough to be a ground."""
        return self.abusive and not self.sure


def read(scored: ScoredTurn, confidence: Confidence) -> Reading:
    """Read a scored turn under a policy's numbers.

    Words without a figure of confidence come from a transcript and are certain. A turn whose speaker is unknown is read as a customer's,
    so that a call for help is not lost; it can ground no permission (`hearing.py`).
    """
    turn = scored.turn
    may_have = _AGENT if turn.speaker is Speaker.AGENT else _CUSTOMER
    labels = frozenset(label for label in may_have if scored.has(label))
    words_certain = turn.confidence is None or turn.confidence >= confidence.words
    severe = {label for label in labels if LEVEL_OF.get(label, Level.NONE) >= Level.ABUSIVE}
    return Reading(
        index=turn.index,
        speaker=turn.speaker,
        start_s=turn.start_s,
        end_s=turn.end_s,
        has_text=bool(turn.text.strip()),
        supported=turn.language.lower().partition("-")[0] == "en",
        labels=labels,
        sure=frozenset(label for label in severe if words_certain and scored.has(label, confidence.labels)),
        level=Level.NONE if scored.level is None or turn.speaker is Speaker.AGENT else scored.level,
        directed=scored.directed,
        words_certain=words_certain,
        ends_well=_ends_well(labels, scored.sentiment),
    )


def _ends_well(labels: frozenset[Label], sentiment: Sentiment | None) -> bool:
    if Label.SARCASM in labels:
        return False
    reads_positive = sentiment is not None and sentiment.positive > max(sentiment.neutral, sentiment.negative)
    return Label.APPRECIATION in labels or reads_positive
