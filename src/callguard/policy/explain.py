"""Why a call came out as it did: short sentences with the numbers of the turns (0-based, as in the transcript)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callguard.policy.table import enough_warnings, language_unsupported
from callguard.types import Label, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from callguard.policy.facts import CallFacts
    from callguard.policy.rulebook import Rulebook
    from callguard.policy.table import State

_SHOWN = 8
_CONDUCT = (Label.AGENT_INSULT, Label.AGENT_PROVOCATION)
_SERVICE = (Label.ESCALATION_DENIED, Label.MISREPRESENTED_SUPERVISOR, Label.STONEWALLING, Label.AGENT_EXCUSE, Label.AGENT_DEFENSIVE)


def reasons(state: State, rulebook: Rulebook) -> tuple[str, ...]:
    """Say why the row that holds does hold, and what a person should know beside it."""
    facts = state.facts
    said = [*_WHY[state.decision.row - 1](facts, rulebook)]
    if facts.misheard_turns:
        said.append(f"The words of {turns(facts.misheard_turns)} are uncertain: listen before acting on them.")
    if facts.baseless_warnings:
        said.append(f"The warning at {turns(facts.baseless_warnings)} came before any abuse, so it does not count.")
    if facts.ended_without_grounds is not None:
        said.append(f"The agent ended the call at turn {facts.ended_without_grounds} when the policy gave no ground.")
    if rulebook.own_it_before_warning and facts.company_at_fault:
        said += _own_it(facts, warn_next=state.decision.outcome is Outcome.WARN_FIRST)
    return tuple(said)


def turns(indexes: Iterable[int]) -> str:
    """Write turn numbers as `turn 5`, `turns 5, 7`, or the first eight of many."""
    numbers = [str(index) for index in indexes]
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"turn{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:_SHOWN])}{more}"


def _own_it(facts: CallFacts, *, warn_next: bool) -> list[str]:
    owned = facts.turns_of(Label.OWNERSHIP, Label.GOOD_APOLOGY)
    if warn_next and not owned:
        return ["The company is at fault: own it first, then warn."]
    if facts.warnings and (not owned or owned[0] > facts.warnings[0].index):
        return [f"Tip: the warning at turn {facts.warnings[0].index} came before the company's fault was owned; it counts all the same."]
    return []


def _self_harm(facts: CallFacts, _: Rulebook) -> list[str]:
    return [f"A risk of self-harm was disclosed at {turns(facts.turns_of(Label.SELF_HARM_RISK))}; this overrides all else in the call."]


def _bomb(facts: CallFacts, _: Rulebook) -> list[str]:
    return [f"A bomb threat was made at {turns(facts.turns_of(Label.THREAT_BOMB))}: keep the caller talking and raise the alarm."]


def _cannot_tell(facts: CallFacts, rulebook: Rulebook) -> list[str]:
    if not facts.texts:
        return ["No speech was found."]
    if language_unsupported(facts):
        return [f"{facts.unsupported_texts} of {facts.texts} turns are not in English."]
    if facts.roles_confidence < rulebook.confidence.roles:
        sure, needed = facts.roles_confidence, rulebook.confidence.roles
        return [f"Abusive speech was heard, but who is the agent is only {sure:.2f} certain; the policy asks for {needed:.2f}."]
    return ["Abusive speech was heard from a speaker whose role is unknown."]


def _immediate(facts: CallFacts, _: Rulebook) -> list[str]:
    return [f"An immediate ground was met at {turns(facts.immediate)}; no warning is needed."]


def _both(facts: CallFacts, _: Rulebook) -> list[str]:
    return [f"Abuse by the customer at {turns(facts.abusive_turns)}, and the agent's part in it at {turns(_agents_part(facts))}."]


def _conduct(facts: CallFacts, _: Rulebook) -> list[str]:
    part = _agents_part(facts)
    said = ["Nothing abusive was said by the customer."]
    return [*said, f"The agent insulted or provoked the customer at {turns(part)}."] if part else said


def _vulnerable(facts: CallFacts, _: Rulebook) -> list[str]:
    disclosed = turns(facts.turns_of(Label.VULNERABILITY))
    return [f"Abuse at {turns(facts.vulnerable_abuse)} came with a vulnerability disclosed at {disclosed}: adjust and offer help."]


def _eligible(facts: CallFacts, rulebook: Rulebook) -> list[str]:
    grounds = [abuse.index for abuse in facts.open_abuse if enough_warnings(abuse, facts, rulebook)]
    warned = (
        f"after the valid warning at {turns(w.index for w in facts.warnings)}" if facts.warnings else "and the policy asks for no warning"
    )
    said = [f"Abuse at {turns(grounds)} {warned}; the agent had tried to help."]
    return [*said, "The service is essential: hand over to a supervisor instead of ending."] if rulebook.essential_service else said


def _warn(facts: CallFacts, rulebook: Rulebook) -> list[str]:
    said = [f"Abuse at {turns(abuse.index for abuse in facts.open_abuse)}."]
    if any(enough_warnings(abuse, facts, rulebook) for abuse in facts.open_abuse):
        return [*said, "The agent has not yet done or offered anything for the problem."]
    if not facts.warnings:
        said.append("No valid warning was given.")
    else:
        said.append(f"The valid warning at {turns(w.index for w in facts.warnings)} is not enough for what was said.")
    requests = facts.turns_of(Label.COURTESY_REQUEST)
    return [*said, f"The request at {turns(requests)} names no consequence, so it is not a warning."] if requests else said


def _service(facts: CallFacts, _: Rulebook) -> list[str]:
    part = facts.turns_of(*_SERVICE)
    return [f"The agent refused, stalled, posed or made excuses at {turns(part)}."] if part else []


def _calmed(facts: CallFacts, _: Rulebook) -> list[str]:
    by = [f"the valid warning at {turns(w.index for w in facts.warnings)}"] if facts.warnings else []
    by += [f"the customer's apology at turn {facts.last_apology}"] if facts.last_apology is not None else []
    return [f"Abuse at {turns(facts.abusive_turns)} stopped after {' and '.join(by)}."]


def _exhausted(facts: CallFacts, _: Rulebook) -> list[str]:
    offered = turns(facts.turns_of(Label.REMEDY_OFFERED))
    return [f"Remedies were offered at {offered} and refused at turn {facts.refused_after_two}; nothing abusive was said."]


def _ally(facts: CallFacts, _: Rulebook) -> list[str]:
    repair = turns(facts.turns_of(Label.TANGIBLE_REPAIR))
    return [f"The call began in anger, a concrete repair was offered at {repair}, and it ended well."]


def _fault(facts: CallFacts, _: Rulebook) -> list[str]:
    admitted, angry = turns(facts.turns_of(Label.COMPANY_AT_FAULT)), turns(facts.turns_of(Label.LEGIT_ANGER))
    return [f"The company's fault was admitted at {admitted}; the anger at {angry} is about that: recover."]


def _nothing(facts: CallFacts, _: Rulebook) -> list[str]:
    if facts.abusive_turns:
        return [f"Abuse at {turns(facts.abusive_turns)} is over or was not aimed at the agent."]
    return ["Nothing in the call asks for action under this policy."]


def _agents_part(facts: CallFacts) -> tuple[int, ...]:
    return tuple(sorted({*facts.turns_of(*_CONDUCT), *facts.baseless_warnings}))


_WHY: tuple[Callable[[CallFacts, Rulebook], list[str]], ...] = (
    _self_harm,
    _bomb,
    _cannot_tell,
    _immediate,
    _both,
    _conduct,
    _vulnerable,
    _eligible,
    _warn,
    _service,
    _calmed,
    _exhausted,
    _ally,
    _fault,
    _nothing,
)
