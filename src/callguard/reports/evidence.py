"""A scored turn and its findings -> the pieces of its text, each with the labels that rest on it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callguard.reports import wording
from callguard.types import AGENT_LABELS, CUSTOMER_LABELS, LEVEL_OF, Label, Level, Speaker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from callguard.types import Finding, ScoredTurn

THRESHOLD = 0.5
"""Scores are calibrated so that this is the decision."""

_Mark = tuple[int, int, str, int]
"""Start, end, words, level."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a turn's text; plain where nothing rests on it."""

    text: str
    notes: tuple[str, ...] = ()
    level: int = 0


@dataclass(frozen=True, slots=True)
class Chip:
    """A label that holds for a turn, in words."""

    text: str
    level: int


def pieces(scored: ScoredTurn, findings: Sequence[Finding]) -> tuple[Piece, ...]:
    """Cut a turn's text where evidence begins or ends; joined, the pieces are the text."""
    marks = [*_signal_marks(scored), *_quote_marks(scored, findings)]
    text = scored.turn.text
    cuts = sorted({0, len(text), *(at for mark in marks for at in mark[:2])})
    return tuple(_piece(text, start, end, marks) for start, end in itertools.pairwise(cuts))


def chips(scored: ScoredTurn) -> tuple[Chip, ...]:
    """List the labels that hold, the most severe first; cues of facts are left to the facts."""
    allowed = AGENT_LABELS if scored.turn.speaker is Speaker.AGENT else CUSTOMER_LABELS
    held = [Chip(wording.label(label), _level(scored, label)) for label in allowed if scored.has(label)]
    return tuple(sorted(held, key=lambda chip: -chip.level))


def _level(scored: ScoredTurn, label: Label) -> int:
    """An agent's turn has no level, whatever it is labelled."""
    return 0 if scored.level is None else int(LEVEL_OF.get(label, Level.NONE))


def _signal_marks(scored: ScoredTurn) -> Iterator[_Mark]:
    length = len(scored.turn.text)
    for signal in scored.signals:
        if signal.span and signal.score >= THRESHOLD and scored.has(signal.label):
            start, end = max(0, signal.span[0]), min(length, signal.span[1])
            if start < end:
                yield start, end, wording.label(signal.label), _level(scored, signal.label)


def _quote_marks(scored: ScoredTurn, findings: Sequence[Finding]) -> Iterator[_Mark]:
    """A finding's quote is marked where no scorer pointed at words of its own."""
    if any(True for _ in _signal_marks(scored)):
        return
    for finding in findings:
        start = scored.turn.text.find(finding.quote)
        if finding.quote and scored.turn.index in finding.turn_indexes and start >= 0:
            level = 0 if scored.level is None else int(finding.level)
            yield start, start + len(finding.quote), f"quoted by {finding.rule_id}", level


def _piece(text: str, start: int, end: int, marks: Sequence[_Mark]) -> Piece:
    over = [mark for mark in marks if mark[0] <= start and end <= mark[1]]
    notes = tuple(dict.fromkeys(mark[2] for mark in over))
    return Piece(text[start:end], notes, max((mark[3] for mark in over), default=0))
