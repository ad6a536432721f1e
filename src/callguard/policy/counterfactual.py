"""What would change a verdict: the table run again over the same turns with one condition flipped.

Nothing is said that was not computed: a sentence appears only where the flipped call comes out differently.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from callguard.policy.explain import turns
from callguard.policy.table import ELIGIBLE, enough_warnings, fold, roles_uncertain
from callguard.types import LEVEL_OF, Label, Level, Outcome, Speaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callguard.policy.reading import Reading
    from callguard.policy.rulebook import Rulebook
    from callguard.policy.table import State

_SEVERE = frozenset(label for label, level in LEVEL_OF.items() if level >= Level.ABUSIVE)
_CONDUCT = frozenset(
    {
        Label.AGENT_INSULT,
        Label.AGENT_PROVOCATION,
        Label.ESCALATION_DENIED,
        Label.MISREPRESENTED_SUPERVISOR,
        Label.STONEWALLING,
        Label.AGENT_EXCUSE,
        Label.AGENT_DEFENSIVE,
    }
)
_NUMBER = ("no", "one", "two", "three", "four", "five")


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that is over, or has come so far."""

    readings: tuple[Reading, ...]
    state: State
    rulebook: Rulebook

    def again(self, readings: tuple[Reading, ...]) -> State:
        return fold(readings, self.state.facts.roles_confidence, self.rulebook)

    def differs(self, said: str, readings: tuple[Reading, ...]) -> Iterator[str]:
        yield from self.differs_as(said, self.again(readings))

    def differs_as(self, said: str, other: State) -> Iterator[str]:
        if other.decision.outcome is not self.state.decision.outcome:
            yield f"{said} the outcome would be {other.decision.outcome.value}."


def would_change(readings: tuple[Reading, ...], state: State, rulebook: Rulebook) -> tuple[str, ...]:
    """List the conditions each of which alone would have changed the outcome.

    The table is run again some twenty times at most, however long the call, so that a live call can ask after every turn. A risk of
    self-harm has no such condition: nothing lifts it for the rest of the call.
    """
    if state.decision.outcome is Outcome.NEVER_END_ROUTE_TO_HELP:
        return ()
    call = _Call(readings, state, rulebook)
    flips = (_certainty, _roles, _warnings_given, _grounds, _helping_act, _warnings_missing, _conduct, _vulnerability, _apology)
    return tuple(sentence for flip in flips for sentence in flip(call))


def _certainty(call: _Call) -> Iterator[str]:
    possible = call.state.facts.possible_turns
    if possible:
        changed = tuple(replace(r, words_certain=True, sure=r.labels & _SEVERE) if r.index in possible else r for r in call.readings)
        yield from call.differs(f"If a person confirms what was said at {turns(possible)},", changed)


def _roles(call: _Call) -> Iterator[str]:
    facts = call.state.facts
    if roles_uncertain(facts, call.rulebook) and facts.texts:
        changed = tuple(replace(r, speaker=Speaker.CUSTOMER) if r.speaker is Speaker.UNKNOWN else r for r in call.readings)
        yield from call.differs_as("If the roles are as they were taken to be,", fold(changed, 1.0, call.rulebook))


def _warnings_given(call: _Call) -> Iterator[str]:
    warned = {warning.index for warning in call.state.facts.warnings}
    if warned:
        said = f"Without the valid warning{'s' if len(warned) > 1 else ''} at {turns(sorted(warned))}"
        yield from call.differs(said, _without(call, warned, {Label.WARNING_GIVEN}))


def _grounds(call: _Call) -> Iterator[str]:
    """Take away what grounds a permission: a person who listens may find that it was misheard or meant for somebody else."""
    facts, outcome = call.state.facts, call.state.decision.outcome
    if outcome is Outcome.ELIGIBLE_IMMEDIATE:
        grounds = set(facts.immediate)
    elif outcome is Outcome.ELIGIBLE_TO_END:
        grounds = {abuse.index for abuse in facts.open_abuse if enough_warnings(abuse, facts, call.rulebook)}
    else:
        return
    changed = tuple(
        replace(r, labels=r.labels - _SEVERE, sure=frozenset(), level=Level.NONE) if r.index in grounds else r for r in call.readings
    )
    yield from call.differs(f"Without what was said at {turns(sorted(grounds))}", changed)


def _helping_act(call: _Call) -> Iterator[str]:
    if call.state.facts.helping_act:
        return
    other = call.again(_helped(call.readings))
    if other.eligible_from is not None and call.state.eligible_from is None:
        yield f"A helping act by the agent was missing: with one, turn {other.eligible_from} would have been eligible."


def _warnings_missing(call: _Call) -> Iterator[str]:
    if call.state.decision.outcome is not Outcome.WARN_FIRST:
        return
    abuse = call.state.facts.open_abuse[0]
    for number in range(1, len(_NUMBER)):
        other = call.again(_warned_after(call.readings, abuse.index, number))
        if other.eligible_from is not None:
            yield f"{_said(number)} after turn {abuse.index} would have made turn {other.eligible_from} eligible."
            return
    yield from _if_it_goes_on(call)


def _if_it_goes_on(call: _Call) -> Iterator[str]:
    """Look ahead: so many more warnings, each answered by the same abuse again."""
    readings = call.readings
    last = next(r for r in reversed(readings) if r.index == call.state.facts.open_abuse[-1].index)
    helped = call.state.facts.helping_act
    for number in range(len(_NUMBER)):
        later: list[Reading] = []
        for step in range(number):
            later.append(_next(readings, 2 * step + 1, speaker=Speaker.AGENT, like=last, labels={Label.WARNING_GIVEN}))
            later.append(_next(readings, 2 * step + 2, speaker=Speaker.CUSTOMER, like=last, labels=last.labels))
        repeated = tuple(later) or (_next(readings, 1, speaker=Speaker.CUSTOMER, like=last, labels=last.labels),)
        if call.again((*(readings if helped else _helped(readings)), *repeated)).decision.outcome in ELIGIBLE:
            act = "" if helped else " and a helping act"
            said = f"After {_said(number).lower()}{act}" if number else f"After{act.removeprefix(' and')}"
            yield f"{said}, the same abuse again would make the call eligible."
            return


def _conduct(call: _Call) -> Iterator[str]:
    facts = call.state.facts
    part = {*facts.turns_of(*_CONDUCT), *facts.baseless_warnings}
    labels = _CONDUCT
    if facts.baseless_warnings:
        labels |= {Label.WARNING_GIVEN}
    if facts.ended_without_grounds is not None:
        part.add(facts.ended_without_grounds)
        labels |= {Label.CALL_ENDED_BY_AGENT}
    if part:
        yield from call.differs(f"Without the agent's conduct at {turns(sorted(part))}", _without(call, part, labels))


def _vulnerability(call: _Call) -> Iterator[str]:
    if call.state.decision.outcome is Outcome.NOT_ELIGIBLE_VULNERABLE:
        disclosed = set(call.state.facts.turns_of(Label.VULNERABILITY))
        said = f"Without the vulnerability disclosed at {turns(sorted(disclosed))}"
        yield from call.differs(said, _without(call, disclosed, {Label.VULNERABILITY}))


def _apology(call: _Call) -> Iterator[str]:
    if call.state.decision.outcome in {Outcome.WARN_FIRST, Outcome.ELIGIBLE_TO_END}:
        last = call.readings[-1]
        sorry = _next(call.readings, 1, speaker=Speaker.CUSTOMER, like=last, labels={Label.CUSTOMER_APOLOGY})
        calm = replace(sorry, level=Level.NONE, sure=frozenset())
        yield from call.differs("With an apology by the customer now", (*call.readings, calm))


def _said(number: int) -> str:
    return f"{_NUMBER[number].capitalize()} valid warning{'' if number == 1 else 's'}"


def _without(call: _Call, indexes: set[int], labels: set[Label] | frozenset[Label]) -> tuple[Reading, ...]:
    return tuple(replace(r, labels=r.labels - labels) if r.index in indexes else r for r in call.readings)


def _helped(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    first = next((r.index for r in readings if r.speaker is Speaker.AGENT), None)
    return tuple(replace(r, labels=r.labels | {Label.HELPING_ACT}) if r.index == first else r for r in readings)


def _warned_after(readings: tuple[Reading, ...], index: int, number: int) -> tuple[Reading, ...]:
    """Let the agent's next turns after a turn be valid warnings, as many as asked."""
    replies = [
        r.index
        for before, r in pairwise(readings)
        if r.index > index and r.speaker is Speaker.AGENT and before.speaker is not Speaker.AGENT and Label.WARNING_GIVEN not in r.labels
    ]
    warned = set(replies[:number])
    return tuple(replace(r, labels=r.labels | {Label.WARNING_GIVEN}) if r.index in warned else r for r in readings)


def _next(readings: tuple[Reading, ...], ahead: int, *, speaker: Speaker, like: Reading, labels: set[Label] | frozenset[Label]) -> Reading:
    """Imagine a turn after the last one."""
    last = readings[-1]
    agent = speaker is Speaker.AGENT
    return replace(
        like,
        index=last.index + ahead,
        speaker=speaker,
        start_s=last.end_s,
        end_s=last.end_s,
        labels=frozenset(labels),
        level=Level.NONE if agent else like.level,
        sure=frozenset() if agent else like.sure,
    )
