"""CallReport -> the same report without what must not be written.

Every text that a person wrote or said goes through redaction here, as the report is assembled, so that no writer has to remember it.
Character positions move along, and a quote stays literally contained in the text of its turn. Identifiers (call, agent, customer, source)
stay: they are keys.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from callguard.redaction import Span, masked, moved, redact, spans, united
from callguard.types import Speaker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from callguard.types import CallReport, Finding, ScoredTurn, Signal, Turn, Verdict, Word


PAUSE_S = 20.0
"""Seconds up to which one speaker's next turn may go on with a number: a card is read out in fours, with an "mm-hm" between."""


class _Mask:
    """What was found in the turns of one call, so that reasons and quotes hide the same."""

    def __init__(self, turns: Sequence[ScoredTurn]) -> None:
        self.asked = {t.turn.index: before.turn.text for before, t in itertools.pairwise(turns) if _answers(before.turn, t.turn)}
        self.spans = _spans_of([t.turn for t in turns], self.asked)
        self.texts = {t.turn.index: t.turn.text for t in turns}
        self._secrets = {t.turn.text[s.start : s.end]: s.placeholder for t in turns for s in self.spans[t.turn.index]}

    def prose(self, text: str) -> str:
        """Redact a sentence about the call, which may repeat what somebody said."""
        for secret, placeholder in self._secrets.items():
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", lambda _, p=placeholder: p, text)  # type: ignore[misc]
        return redact(text)

    def quote(self, finding: Finding) -> str:
        """Redact a quote to the very characters that its turn shows."""
        for index in finding.turn_indexes:
            at = self.texts.get(index, "").find(finding.quote)
            if at >= 0:
                start, end = moved((at, at + len(finding.quote)), self.spans[index])
                return masked(self.texts[index], self.spans[index])[start:end]
        return self.prose(finding.quote)


def masked_report(report: CallReport) -> CallReport:
    """Redact turns, words, evidence, findings, reasons and messages of a call."""
    mask = _Mask(report.turns)
    return replace(
        report,
        message=mask.prose(report.message),
        turns=tuple(_scored(scored, mask) for scored in report.turns),
        verdict=_verdict(report.verdict, mask) if report.verdict else None,
    )


def _answers(before: Turn, turn: Turn) -> bool:
    return before.speaker is not turn.speaker or turn.speaker is Speaker.UNKNOWN


def _spans_of(turns: Sequence[Turn], asked: Mapping[int, str]) -> dict[int, tuple[Span, ...]]:
    """Find what must be hidden in each turn, also where it takes several turns to say it."""
    found: defaultdict[int, list[Span]] = defaultdict(list)
    for index, span in _across(turns):
        found[index].append(span)
    return {t.index: tuple(united([*spans(t.text, asked_for=asked.get(t.index, "")), *found[t.index]])) for t in turns}


def _across(turns: Sequence[Turn]) -> Iterator[tuple[int, Span]]:
    """Read each speaker's turns as one text, and give every turn its part of a span."""
    for speaker in Speaker:
        own = [turn for turn in turns if turn.speaker is speaker]
        text, starts = "", []
        for before, turn in zip([None, *own], own, strict=False):
            # A letter ends a number; white space does not.
            text += "\n" if before and turn.start_s - before.end_s <= PAUSE_S else " x "
            starts.append(len(text))
            text += turn.text
        for span in spans(text):
            for turn, at in zip(own, starts, strict=True):
                start, end = max(span.start - at, 0), min(span.end - at, len(turn.text))
                # Between two turns stands what separates them: a full stop is not part of the number.
                part = turn.text[start : max(start, end)].strip(" .,;-")
                if part:
                    start = turn.text.index(part, start)
                    yield turn.index, Span(start, start + len(part), span.kind)


def _scored(scored: ScoredTurn, mask: _Mask) -> ScoredTurn:
    turn = scored.turn
    found = mask.spans[turn.index]
    words = _words(turn.words, mask.asked.get(turn.index, ""))
    return replace(
        scored,
        turn=replace(turn, text=masked(turn.text, found), words=words),
        signals=tuple(_signal(signal, found, mask) for signal in scored.signals),
    )


def _signal(signal: Signal, found: Iterable[Span], mask: _Mask) -> Signal:
    return replace(signal, span=moved(signal.span, found) if signal.span else None, note=mask.prose(signal.note))


def _words(words: tuple[Word, ...], asked_for: str) -> tuple[Word, ...]:
    """Put one placeholder where the first word of a masked span was, and drop the others: their number would tell the digits' number."""
    found = spans(" ".join(word.text for word in words), asked_for=asked_for)
    shown: list[Word] = []
    last: Span | None = None
    at = 0
    for word in words:
        start, end = at, at + len(word.text)
        at = end + 1
        hit = next((s for s in found if s.start < end and start < s.end), None)
        if hit is None:
            shown.append(word)
        elif hit is last:
            shown[-1] = replace(shown[-1], end_s=word.end_s)
        else:
            shown.append(replace(word, text=hit.placeholder))
        last = hit
    return tuple(shown)


def _verdict(verdict: Verdict, mask: _Mask) -> Verdict:
    return replace(
        verdict,
        findings=tuple(_finding(finding, mask) for finding in verdict.findings),
        reasons=tuple(map(mask.prose, verdict.reasons)),
        would_change=tuple(map(mask.prose, verdict.would_change)),
    )


def _finding(finding: Finding, mask: _Mask) -> Finding:
    found: Mapping[int, tuple[Span, ...]] = mask.spans
    first = finding.turn_indexes[0] if finding.turn_indexes else -1
    return replace(
        finding,
        quote=mask.quote(finding),
        reason=mask.prose(finding.reason),
        signals=tuple(_signal(signal, found.get(first, ()), mask) for signal in finding.signals),
    )
