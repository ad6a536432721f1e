"""One turn heard: the fold step that takes the facts of a call from before a turn to after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callguard.policy.facts import Abuse, CallFacts, Warned
from callguard.policy.rulebook import GROUP_OF
from callguard.types import Label, Level, Speaker

if TYPE_CHECKING:
    from callguard.policy.reading import Reading
    from callguard.policy.rulebook import Rulebook


def hear(facts: CallFacts, reading: Reading, rulebook: Rulebook) -> CallFacts:
    """Return the facts that hold once the turn has been heard."""
    facts = _clear_if_civil(_heard(facts, reading), reading, rulebook.civil_minutes * 60)
    if reading.speaker is Speaker.AGENT:
        return _warned(facts, reading.index) if Label.WARNING_GIVEN in reading.labels else facts
    if reading.speaker is Speaker.CUSTOMER:
        return _customer(facts, reading, rulebook)
    return replace(facts, abuse_by_unknown=facts.abuse_by_unknown or reading.abusive)


def _heard(facts: CallFacts, reading: Reading) -> CallFacts:
    seen = {**facts.seen, **{label: (*facts.seen.get(label, ()), reading.index) for label in reading.labels}}
    return replace(
        facts,
        texts=facts.texts + reading.has_text,
        unsupported_texts=facts.unsupported_texts + (reading.has_text and not reading.supported),
        seen=seen,
    )


def _clear_if_civil(facts: CallFacts, reading: Reading, limit_s: float) -> CallFacts:
    """Clear abuse when long enough has passed without incivility; the minutes end where an uncivil turn begins."""
    if facts.civil_since_s is None or not facts.open_abuse:
        return facts
    until_s = reading.start_s if reading.level >= Level.UNCIVIL else reading.end_s
    if until_s - facts.civil_since_s < limit_s:
        return facts
    return replace(facts, open_abuse=(), last_reset=reading.index)


def _warned(facts: CallFacts, index: int) -> CallFacts:
    # Speech of level >= 2 that the recogniser is not sure of makes a warning valid too: the agent heard it.
    if not facts.abusive_turns and not facts.abuse_by_unknown:
        return replace(facts, baseless_warnings=(*facts.baseless_warnings, index))
    if not facts.answered:
        return facts
    return replace(facts, warnings=(*facts.warnings, Warned(index, facts.groups_heard)), answered=False)


def _customer(facts: CallFacts, reading: Reading, rulebook: Rulebook) -> CallFacts:
    facts = _story(facts, reading)
    if reading.level >= Level.UNCIVIL:
        facts = replace(facts, civil_since_s=reading.end_s)
    if reading.abusive:
        return _abused(facts, reading, rulebook)
    if Label.CUSTOMER_APOLOGY in reading.labels and facts.abusive_turns:
        cleared = () if rulebook.reset_by_apology else facts.open_abuse
        reset = reading.index if rulebook.reset_by_apology else facts.last_reset
        return replace(facts, open_abuse=cleared, last_reset=reset, last_apology=reading.index)
    return facts


def _abused(facts: CallFacts, reading: Reading, rulebook: Rulebook) -> CallFacts:
    index = reading.index
    groups = frozenset(GROUP_OF[label] for label in reading.labels if label in GROUP_OF)
    facts = replace(
        facts,
        abusive_turns=(*facts.abusive_turns, index),
        first_certain_abuse=index if facts.first_certain_abuse is None and not reading.possible else facts.first_certain_abuse,
        possible_turns=(*facts.possible_turns, index) if reading.possible else facts.possible_turns,
        misheard_turns=facts.misheard_turns if reading.words_certain else (*facts.misheard_turns, index),
        groups_heard=facts.groups_heard | groups,
        vulnerable_abuse=(*facts.vulnerable_abuse, index) if Label.VULNERABILITY in facts.seen else facts.vulnerable_abuse,
    )
    if _immediate(reading, rulebook):
        facts = replace(facts, immediate=(*facts.immediate, index))
    if not reading.directed:
        return facts
    abuse = Abuse(
        index=index,
        groups=groups,
        sure=frozenset(GROUP_OF[label] for label in reading.sure if label in GROUP_OF),
        warnings_before={group: facts.warnings_for(group) for group in groups},
    )
    return replace(facts, aimed_turns=(*facts.aimed_turns, index), open_abuse=(*facts.open_abuse, abuse))


def _story(facts: CallFacts, reading: Reading) -> CallFacts:
    """Follow anger, refusals and the end of the call."""
    count = facts.customer_turns + 1
    angry = Label.LEGIT_ANGER in reading.labels
    refused = Label.REMEDY_REFUSED in reading.labels and len(facts.turns_of(Label.REMEDY_OFFERED)) >= 2
    return replace(
        facts,
        customer_turns=count,
        answered=True,
        max_level=max(facts.max_level, reading.level),
        anger_ordinal=count if angry and facts.anger_ordinal is None else facts.anger_ordinal,
        last_two_end_well=(*facts.last_two_end_well, reading.ends_well)[-2:],
        last_is_angry=angry or reading.level >= Level.UNCIVIL,
        refused_after_two=reading.index if refused and facts.refused_after_two is None else facts.refused_after_two,
    )


def _immediate(reading: Reading, rulebook: Rulebook) -> bool:
    """Say whether the turn is certain to be an immediate ground; a threat is one only when it is aimed at the agent."""
    grounds = reading.sure & rulebook.immediate
    return bool(grounds - {Label.THREAT_VIOLENCE}) or (bool(grounds) and reading.directed)
