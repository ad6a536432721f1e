"""The decision table: fifteen rows, the first that holds wins; and the fold that carries a call through it.

The state after each turn is this table over the turns so far, so a later turn can move it up or down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callguard.policy.facts import CallFacts
from callguard.policy.hearing import hear
from callguard.policy.policy_file import ROWS
from callguard.types import Fact, Label, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from callguard.policy.facts import Abuse
    from callguard.policy.reading import Reading
    from callguard.policy.rulebook import Rulebook

ELIGIBLE = frozenset({Outcome.ELIGIBLE_IMMEDIATE, Outcome.ELIGIBLE_TO_END})

_MAY_BE_ENDED = ELIGIBLE | {
    Outcome.CLOSE_COURTEOUSLY,
    # An agent in danger may always leave, though the product never suggests it.
    Outcome.EMERGENCY_SAFETY_PROTOCOL,
    # Who cannot tell what was said cannot say that it was no ground.
    Outcome.CANNOT_TELL,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of the table and its outcome."""

    row: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class State:
    """Where a call stands after some of its turns."""

    facts: CallFacts
    decision: Decision
    eligible_from: int | None = None
    """First turn of the stretch, up to now, in which the call has been eligible."""


def begin(roles_confidence: float, rulebook: Rulebook) -> State:
    """Return the state before the first turn."""
    facts = CallFacts(roles_confidence)
    return State(facts, decide(facts, rulebook))


def advance(state: State, reading: Reading, rulebook: Rulebook) -> State:
    """Return the state once the turn has been heard."""
    facts = hear(state.facts, reading, rulebook)
    # The agent heard what the recogniser is not sure of: a threat that was misheard must not make a fault of the ending.
    may_end = decide(facts, rulebook).outcome in _MAY_BE_ENDED or bool(facts.possible_turns)
    if Label.CALL_ENDED_BY_AGENT in reading.labels and not may_end:
        facts = replace(facts, ended_without_grounds=reading.index)
    decision = decide(facts, rulebook)
    if decision.outcome not in ELIGIBLE:
        return State(facts, decision)
    return State(facts, decision, reading.index if state.eligible_from is None else state.eligible_from)


def fold(readings: Iterable[Reading], roles_confidence: float, rulebook: Rulebook) -> State:
    """Carry a whole list of turns through the table."""
    state = begin(roles_confidence, rulebook)
    for reading in readings:
        state = advance(state, reading, rulebook)
    return state


def decide(facts: CallFacts, rulebook: Rulebook) -> Decision:
    """Find the first row that holds."""
    row = next(row for row, holds in enumerate(_ROW_HOLDS, 1) if holds(facts, rulebook))
    if row == 8 and rulebook.essential_service:
        return Decision(row, Outcome.HUMAN_REVIEW)
    return Decision(row, ROWS[row - 1])


def facts_of(facts: CallFacts, rulebook: Rulebook) -> tuple[Fact, ...]:
    """List the facts of the call that hold, in the vocabulary's order."""
    holds = {
        Fact.COMPANY_AT_FAULT: facts.company_at_fault,
        Fact.BROKEN_PROMISE: Label.BROKEN_PROMISE in facts.seen,
        Fact.REPEAT_CONTACT: Label.REPEAT_CONTACT in facts.seen,
        Fact.LONG_HOLD: Label.LONG_HOLD in facts.seen,
        Fact.REMEDIES_EXHAUSTED: facts.remedies_exhausted,
        Fact.AGENT_PROVOCATION: facts.provocation,
        Fact.MUTUAL_ESCALATION: facts.mutual_escalation,
        Fact.AGENT_ENDED_WITHOUT_GROUNDS: facts.ended_without_grounds is not None,
        Fact.MAIN_CONCERN_RESTATED: Label.MAIN_CONCERN_RESTATED in facts.seen,
        Fact.HELPING_ACT: facts.helping_act,
        Fact.ROLES_UNCERTAIN: roles_uncertain(facts, rulebook),
        Fact.WORDS_UNCERTAIN: bool(facts.misheard_turns),
        Fact.LANGUAGE_UNSUPPORTED: language_unsupported(facts),
        Fact.NO_SPEECH: facts.texts == 0,
    }
    return tuple(fact for fact in Fact if holds.get(fact, False))


def roles_uncertain(facts: CallFacts, rulebook: Rulebook) -> bool:
    """Say whether it is uncertain who speaks: in the call as a whole, or in abusive speech by nobody known."""
    return facts.roles_confidence < rulebook.confidence.roles or facts.abuse_by_unknown


def language_unsupported(facts: CallFacts) -> bool:
    """Say whether most turns are in a language that callguard does not know."""
    return 2 * facts.unsupported_texts > facts.texts


def enough_warnings(abuse: Abuse, facts: CallFacts, rulebook: Rulebook) -> bool:
    """Say whether, before abusive speech, its group had been warned about as often as the policy asks."""
    return any(
        abuse.warnings_before[group] >= rulebook.warnings_needed(group, company_at_fault=facts.company_at_fault) for group in abuse.sure
    )


def still_to_warn(abuse: Abuse, facts: CallFacts, rulebook: Rulebook) -> bool:
    """Say whether abusive speech still wants a warning: too few for its groups by now, or none since it was said."""
    fault = facts.company_at_fault
    short = all(facts.warnings_for(group) < rulebook.warnings_needed(group, company_at_fault=fault) for group in abuse.groups)
    warned_since = bool(facts.warnings) and facts.warnings[-1].index > abuse.index
    return not warned_since or (bool(abuse.groups) and short)


def _cannot_tell(facts: CallFacts, rulebook: Rulebook) -> bool:
    # With the roles in doubt an insult "by the agent" may be the customer's: it is abusive speech like any other.
    abusive_speech = bool(facts.abusive_turns) or facts.abuse_by_unknown or Label.AGENT_INSULT in facts.seen
    return facts.texts == 0 or language_unsupported(facts) or (roles_uncertain(facts, rulebook) and abusive_speech)


def _eligible_to_end(facts: CallFacts, rulebook: Rulebook) -> bool:
    return facts.helping_act and any(enough_warnings(abuse, facts, rulebook) for abuse in facts.open_abuse)


def _warn_first(facts: CallFacts, rulebook: Rulebook) -> bool:
    return any(still_to_warn(abuse, facts, rulebook) for abuse in facts.open_abuse)


def _agent_service_fault(facts: CallFacts, _: Rulebook) -> bool:
    refused = (Label.MISREPRESENTED_SUPERVISOR, Label.STONEWALLING)
    excuses = sum(len(facts.seen.get(label, ())) for label in (Label.AGENT_EXCUSE, Label.AGENT_DEFENSIVE))
    return any(label in facts.seen for label in refused) or _left_without_route(facts) or excuses >= 2 or bool(facts.baseless_warnings)


def _left_without_route(facts: CallFacts) -> bool:
    """Say whether somebody above was denied and no way to complain was given with it or after: "nobody is above me" may be true."""
    denied = facts.seen.get(Label.ESCALATION_DENIED, ())
    routes = facts.seen.get(Label.ESCALATION_ROUTE_GIVEN, ())
    return bool(denied) and not (routes and routes[-1] >= denied[-1])


def _deescalated(facts: CallFacts, _: Rulebook) -> bool:
    """Abuse happened, a valid warning or an apology followed, and it stopped; abuse aimed elsewhere counts only if there is no other."""
    calming = [warned.index for warned in facts.warnings]
    calming += [] if facts.last_apology is None else [facts.last_apology]
    if not calming:
        return False
    last_abuse = (facts.aimed_turns or facts.abusive_turns or (-1,))[-1]
    return max(*calming, -1 if facts.last_reset is None else facts.last_reset) > last_abuse


_ROW_HOLDS: tuple[Callable[[CallFacts, Rulebook], bool], ...] = (
    lambda facts, _: Label.SELF_HARM_RISK in facts.seen,
    lambda facts, _: Label.THREAT_BOMB in facts.seen,
    _cannot_tell,
    lambda facts, _: bool(facts.immediate),
    lambda facts, _: bool(facts.abusive_turns) and facts.provoked,
    lambda facts, _: not facts.abusive_turns and (facts.provoked or facts.ended_without_grounds is not None),
    lambda facts, _: bool(facts.vulnerable_abuse),
    _eligible_to_end,
    _warn_first,
    _agent_service_fault,
    _deescalated,
    lambda facts, _: facts.remedies_exhausted and not facts.abusive_turns,
    lambda facts, _: facts.began_in_anger() and facts.ended_well() and Label.TANGIBLE_REPAIR in facts.seen,
    lambda facts, _: facts.company_at_fault and facts.anger_ordinal is not None,
    lambda _facts, _rulebook: True,
)
