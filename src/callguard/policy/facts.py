"""The facts of a call, folded turn by turn: `CallFacts.after` takes one reading and returns the facts that then hold.

Nothing here decides; the decision table reads these facts (`table.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from callguard.policy.rulebook import GROUP_OF
from callguard.types import Label, Level, Speaker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from callguard.policy.reading import Reading
    from callguard.policy.rulebook import Group, Rulebook

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

    def after(self, reading: Reading, rulebook: Rulebook) -> CallFacts:
        """Return the facts that hold once the turn has been heard."""
        facts = self._heard(reading)._civil_until(reading, rulebook.civil_minutes * 60)
        if reading.speaker is Speaker.AGENT:
            return facts._warned(reading.index) if Label.WARNING_GIVEN in reading.labels else facts
        if reading.speaker is Speaker.CUSTOMER:
            return facts._customer(reading, rulebook)
        return replace(facts, abuse_by_unknown=facts.abuse_by_unknown or reading.abusive)

    def _heard(self, reading: Reading) -> CallFacts:
        seen = {**self.seen, **{label: (*self.seen.get(label, ()), reading.index) for label in reading.labels}}
        return replace(
            self,
            texts=self.texts + reading.has_text,
            unsupported_texts=self.unsupported_texts + (reading.has_text and not reading.supported),
            seen=seen,
        )

    def _civil_until(self, reading: Reading, limit_s: float) -> CallFacts:
        """Clear abuse when long enough has passed without incivility; the minutes end where an uncivil turn begins."""
        if self.civil_since_s is None or not self.open_abuse:
            return self
        until_s = reading.start_s if reading.level >= Level.UNCIVIL else reading.end_s
        if until_s - self.civil_since_s < limit_s:
            return self
        return replace(self, open_abuse=(), last_reset=reading.index)

    def _warned(self, index: int) -> CallFacts:
        # Speech of level >= 2 that the recogniser is not sure of makes a warning valid too: the agent heard it.
        if not self.abusive_turns and not self.abuse_by_unknown:
            return replace(self, baseless_warnings=(*self.baseless_warnings, index))
        if not self.answered:
            return self
        return replace(self, warnings=(*self.warnings, Warned(index, self.groups_heard)), answered=False)

    def _customer(self, reading: Reading, rulebook: Rulebook) -> CallFacts:
        facts = self._story(reading)
        if reading.level >= Level.UNCIVIL:
            facts = replace(facts, civil_since_s=reading.end_s)
        if reading.abusive:
            return facts._abused(reading, rulebook)
        if Label.CUSTOMER_APOLOGY in reading.labels and facts.abusive_turns:
            cleared = () if rulebook.reset_by_apology else facts.open_abuse
            reset = reading.index if rulebook.reset_by_apology else facts.last_reset
            return replace(facts, open_abuse=cleared, last_reset=reset, last_apology=reading.index)
        return facts

    def _abused(self, reading: Reading, rulebook: Rulebook) -> CallFacts:
        index = reading.index
        groups = frozenset(GROUP_OF[label] for label in reading.labels if label in GROUP_OF)
        facts = replace(
            self,
            max_level=max(self.max_level, reading.level),
            abusive_turns=(*self.abusive_turns, index),
            first_certain_abuse=index if self.first_certain_abuse is None and not reading.possible else self.first_certain_abuse,
            possible_turns=(*self.possible_turns, index) if reading.possible else self.possible_turns,
            misheard_turns=self.misheard_turns if reading.words_certain else (*self.misheard_turns, index),
            groups_heard=self.groups_heard | groups,
            vulnerable_abuse=(*self.vulnerable_abuse, index) if Label.VULNERABILITY in self.seen else self.vulnerable_abuse,
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
        return replace(facts, open_abuse=(*facts.open_abuse, abuse))

    def _story(self, reading: Reading) -> CallFacts:
        """Follow anger, refusals and the end of the call."""
        count = self.customer_turns + 1
        angry = Label.LEGIT_ANGER in reading.labels
        refused = Label.REMEDY_REFUSED in reading.labels and len(self.turns_of(Label.REMEDY_OFFERED)) >= 2
        return replace(
            self,
            customer_turns=count,
            answered=True,
            max_level=max(self.max_level, reading.level),
            anger_ordinal=count if angry and self.anger_ordinal is None else self.anger_ordinal,
            last_two_end_well=(*self.last_two_end_well, reading.ends_well)[-2:],
            last_is_angry=angry or reading.level >= Level.UNCIVIL,
            refused_after_two=reading.index if refused and self.refused_after_two is None else self.refused_after_two,
        )


def _immediate(reading: Reading, rulebook: Rulebook) -> bool:
    """Say whether the turn is certain to be an immediate ground; a threat is one only when it is aimed at the agent."""
    grounds = reading.sure & rulebook.immediate
    return bool(grounds - {Label.THREAT_VIOLENCE}) or (bool(grounds) and reading.directed)
