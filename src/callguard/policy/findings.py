"""Findings: a clause of the policy, met by a turn, with the words that ground it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callguard.policy.table import ELIGIBLE, facts_of
from callguard.types import LEVEL_OF, Finding, Label, Level, Speaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callguard.policy.reading import Reading
    from callguard.policy.rulebook import Rule, Rulebook
    from callguard.policy.table import State
    from callguard.types import Fact, ScoredTurn

_SENTENCE_END = re.compile(r"[.!?]+(?=\s)")


@dataclass(frozen=True, slots=True)
class Step:
    """One turn and the states of the call before and after it."""

    scored: ScoredTurn
    reading: Reading
    before: State
    after: State


def findings_of(step: Step, rulebook: Rulebook, known: frozenset[Fact]) -> list[Finding]:
    """List what a turn caused: its labels, the facts that are new with it, and the row of the table if it moved the call to another."""
    if not step.reading.has_text:
        return []
    return [*_of_labels(step, rulebook), *_of_facts(step, rulebook, known), *_of_row(step, rulebook)]


def _of_labels(step: Step, rulebook: Rulebook) -> Iterator[Finding]:
    counting = _counting_labels(step, rulebook)
    for rule in rulebook.rules:
        held = counting & set(rule.labels)
        if held:
            yield _finding(step, rule, frozenset(held))


def _counting_labels(step: Step, rulebook: Rulebook) -> frozenset[Label]:
    """Take the turn's labels, with warnings told apart by their validity and opening incivility passed over."""
    reading, facts = step.reading, step.after.facts
    labels = set(reading.labels - {Label.WARNING_GIVEN})
    if facts.warnings and facts.warnings[-1].index == reading.index:
        labels.add(Label.WARNING_GIVEN)
    if reading.index in facts.baseless_warnings:
        labels.add(Label.WARNING_WITHOUT_GROUNDS)
    if reading.level is not Level.UNCIVIL or facts.customer_turns <= rulebook.grace_customer_turns:
        labels.discard(Label.UNCIVIL)
    return frozenset(labels)


def _of_facts(step: Step, rulebook: Rulebook, known: frozenset[Fact]) -> Iterator[Finding]:
    new = set(facts_of(step.after.facts, rulebook)) - known
    for rule in rulebook.rules:
        if rule.fact in new:
            yield _finding(step, rule, step.reading.labels)


def _of_row(step: Step, rulebook: Rulebook) -> Iterator[Finding]:
    decision = step.after.decision
    rule = rulebook.rule_of_row(decision.row)
    # Before the first words the table says "no speech", which no turn can be quoted for.
    moved = decision != step.before.decision or step.before.facts.texts == 0
    if rule is not None and moved:
        yield _finding(step, rule, step.reading.labels)


def _finding(step: Step, rule: Rule, labels: frozenset[Label]) -> Finding:
    scored, reading = step.scored, step.reading
    held = max(labels, key=lambda label: (LEVEL_OF.get(label, Level.NONE), scored.scores.get(label, 0.0)), default=None)
    possible = _possible(step, rule, labels)
    return Finding(
        rule_id=rule.id,
        clause=rule.text,
        call_id=scored.turn.call_id,
        turn_indexes=(reading.index,),
        at_s=scored.turn.start_s,
        quote=_quote(scored, labels),
        reason=_reason(step, rule, possible=possible),
        level=_level(labels, reading),
        confidence=_confidence(scored, held),
        possible=possible,
        signals=tuple(signal for signal in scored.signals if signal.label in labels),
    )


def _possible(step: Step, rule: Rule, labels: frozenset[Label]) -> bool:
    """Say whether a person must judge first. A permission is never merely possible: what grounds it is certain, or it is not given."""
    if rule.outcome is not None and step.after.decision.outcome in ELIGIBLE:
        return False
    reading = step.reading
    severe = {label for label in labels if LEVEL_OF.get(label, Level.NONE) >= Level.ABUSIVE}
    return reading.speaker is Speaker.UNKNOWN or not reading.words_certain or (bool(severe) and not severe & reading.sure)


def _level(labels: frozenset[Label], reading: Reading) -> Level:
    if reading.speaker is Speaker.AGENT:
        return Level.NONE
    return max((LEVEL_OF.get(label, Level.NONE) for label in labels), default=Level.NONE)


def _confidence(scored: ScoredTurn, label: Label | None) -> float:
    """Take the lower of how sure the label is and how sure the words are, 0..1."""
    score = 1.0 if label is None else scored.scores.get(label, 1.0)
    return score if scored.turn.confidence is None else min(score, scored.turn.confidence)


def _reason(step: Step, rule: Rule, *, possible: bool) -> str:
    reading, decision = step.reading, step.after.decision
    parts = [rule.reason]
    if rule.outcome is not None and decision.outcome is not rule.outcome:
        parts.append("The service is essential: hand over to a supervisor instead of ending.")
    if rule.labels and reading.abusive and not reading.directed:
        parts.append("It is not aimed at the agent, so it grounds no ending.")
    if possible:
        parts.append("Not certain enough to be a ground: listen first.")
    return " ".join(parts)


def _quote(scored: ScoredTurn, labels: frozenset[Label]) -> str:
    """Quote the sentences in which the strongest evidence stands, or the whole turn where no scorer says where it stands."""
    text = scored.turn.text
    spans = [(signal.score, signal.span) for signal in scored.signals if signal.label in labels and signal.span is not None]
    if not spans:
        return text
    start, end = max(spans)[1]
    stops = [match.end() for match in _SENTENCE_END.finditer(text)]
    first = max((stop for stop in stops if stop <= start), default=0)
    last = min((stop for stop in stops if stop >= end), default=len(text))
    return text[first:last].strip() or text
