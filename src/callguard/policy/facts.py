"""The facts of a call after some of its turns. Nothing here decides: the decision table reads these facts (`table.py`)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callguard.types import Label, Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from callguard.policy.rulebook import Group

_INSULTS = (Label.DIRECTED_PROFANITY, Label.PERSONAL_INSULT, Label.DISCRIMINATORY_ABUSE)
_HELP = (Label.HELPING_ACT, Label.TANGIBLE_REPAIR, Label.REMEDY_OFFERED)
"""A repair or a remedy is a helping act by its meaning, whether or not the cue fired as well."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A valid warning, and the groups of abuse that it answered: every group heard before it."""

    index: int
    groups: frozenset[Group]


@dataclass(frozen=True, slots=True)
class Abuse:
    """A customer's turn of level >= 2 that is aimed at the agent."""

    index: int
    groups: frozenset[Group]
    sure: frozenset[Group]
    """Groups of which the turn is certain to be."""
    warnings_before: Mapping[Group, int]


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call after some of its turns. Turn numbers are `Turn.index`; None where a thing has not happened."""

    roles_confidence: float
    texts: int = 0
    unsupported_texts: int = 0
    customer_turns: int = 0
    seen: Mapping[Label, tuple[int, ...]] = field(default_factory=dict)
    """The turns on which each label held."""
    max_level: Level = Level.NONE
    abusive_turns: tuple[int, ...] = ()
    """Customer turns of level >= 2, aimed at the agent or not, certain or not."""
    aimed_turns: tuple[int, ...] = ()
    """Of `abusive_turns`, those aimed at the agent."""
    first_certain_abuse: int | None = None
    possible_turns: tuple[int, ...] = ()
    """Of `abusive_turns`, those that are not certain enough to be a ground."""
    misheard_turns: tuple[int, ...] = ()
    """Of `possible_turns`, those whose words are uncertain."""
    abuse_by_unknown: bool = False
    groups_heard: frozenset[Group] = frozenset()
    immediate: tuple[int, ...] = ()
    open_abuse: tuple[Abuse, ...] = ()
    """Since the last reset."""
    warnings: tuple[Warned, ...] = ()
    answered: bool = True
    """The customer has spoken since the last valid warning: a warning said twice in one breath is one warning."""
    baseless_warnings: tuple[int, ...] = ()
    last_reset: int | None = None
    last_apology: int | None = None
    civil_since_s: float | None = None
    vulnerable_abuse: tuple[int, ...] = ()
    """Turns of level >= 2 at or before which a vulnerability was disclosed."""
    anger_ordinal: int | None = None
    """Which of the customer's turns first held legitimate anger, 1-based."""
    last_two_end_well: tuple[bool, ...] = ()
    last_is_angry: bool = False
    refused_after_two: int | None = None
    ended_without_grounds: int | None = None

    @property
    def company_at_fault(self) -> bool:
        """Say whether the company's agent admitted a human error or a broken promise."""
        return Label.COMPANY_AT_FAULT in self.seen

    @property
    def helping_act(self) -> bool:
        """Say whether the agent did or offered something for the problem."""
        return any(label in self.seen for label in _HELP)

    @property
    def provoked(self) -> bool:
        """Say whether the agent insulted, blamed or mocked, or threatened to end without grounds."""
        return Label.AGENT_INSULT in self.seen or Label.AGENT_PROVOCATION in self.seen or bool(self.baseless_warnings)

    @property
    def provocation(self) -> bool:
        """Say whether a provocation by the agent is a fact: an insult is one only when it came before the customer's abuse."""
        insults = self.seen.get(Label.AGENT_INSULT, ())
        first = bool(insults) and (not self.abusive_turns or insults[0] < self.abusive_turns[0])
        return first or Label.AGENT_PROVOCATION in self.seen or bool(self.baseless_warnings)

    @property
    def mutual_escalation(self) -> bool:
        """Say whether agent and customer insulted each other."""
        return Label.AGENT_INSULT in self.seen and any(label in self.seen for label in _INSULTS)

    @property
    def remedies_exhausted(self) -> bool:
        """Say whether at least two remedies were offered and the customer refused after that."""
        return self.refused_after_two is not None

    def began_in_anger(self) -> bool:
        """Say whether legitimate anger was in the first third of the customer's turns, or in their first three."""
        return self.anger_ordinal is not None and self.anger_ordinal <= max(3, math.ceil(self.customer_turns / 3))

    def ended_well(self) -> bool:
        """Say whether one of the customer's last two turns thanks or reads positive, and the last is not angry."""
        return any(self.last_two_end_well) and not self.last_is_angry

    def warnings_for(self, group: Group) -> int:
        """Count the valid warnings that answered abuse of a group."""
        return sum(group in warned.groups for warned in self.warnings)

    def turns_of(self, *labels: Label) -> tuple[int, ...]:
        """List the turns on which any of the labels held, in order."""
        return tuple(sorted({index for label in labels for index in self.seen.get(label, ())}))
