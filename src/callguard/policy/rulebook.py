"""The policy as the judge reads it: numbers, grounds and clauses, frozen, with a hash of their content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from callguard.policy.policy_file import read_policy
from callguard.types import Label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from callguard.policy.policy_file import PolicyFile, RuleTable
    from callguard.types import Fact, Outcome


class Group(StrEnum):
    """A group of categories for which warnings are counted together."""

    ABUSE = "abuse"
    DISCRIMINATORY = "discriminatory"
    INTIMIDATION = "intimidation"


GROUP_OF: Mapping[Label, Group] = {
    Label.DIRECTED_PROFANITY: Group.ABUSE,
    Label.PERSONAL_INSULT: Group.ABUSE,
    Label.DISCRIMINATORY_ABUSE: Group.DISCRIMINATORY,
    Label.INTIMIDATION: Group.INTIMIDATION,
    Label.STALKING: Group.INTIMIDATION,
    Label.WISH_OF_HARM: Group.INTIMIDATION,
}
"""Labels of level >= 2 that are not here are immediate grounds or an emergency: no number of warnings bears on them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A clause of the policy."""

    id: str
    """`CG1nn` a turn, `CG3nn` the call; `CG301` to `CG314` are the rows of the decision table."""
    text: str
    reason: str
    false_alarms: tuple[str, ...]
    since: str
    labels: tuple[Label, ...]
    outcome: Outcome | None
    fact: Fact | None


@dataclass(frozen=True, slots=True)
class Confidence:
    """What counts as certain, 0..1."""

    roles: float
    words: float
    labels: float


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A policy. It knows nothing of what a customer is worth."""

    name: str
    version: str
    title: str
    warnings: Mapping[Group, int]
    fault_extra: int
    confidence: Confidence
    reset_by_apology: bool
    civil_minutes: int
    grace_customer_turns: int
    immediate: frozenset[Label]
    own_it_before_warning: bool
    essential_service: bool
    rules: tuple[Rule, ...]
    """In the order of their ids."""
    policy_hash: str
    """sha256 of the merged content in canonical JSON: independent of layout, comments and of which file a key stands in."""

    def warnings_needed(self, group: Group, *, company_at_fault: bool) -> int:
        """Count the valid warnings that must have been given before speech of the group makes a call eligible."""
        return self.warnings[group] + (self.fault_extra if company_at_fault else 0)

    def rule_of_row(self, row: int) -> Rule | None:
        """Find the clause of a row of the decision table; the last row has none."""
        return next((rule for rule in self.rules if rule.id == f"CG3{row:02d}"), None)


def load(name_or_path: str | Path) -> Rulebook:
    """Load a profile by name (`balanced`, `as_written`, `protective`, `cautious`) or a policy file by path.

    Raises:
        PolicyError: with every fault, each with file, key and what is allowed.
    """
    policy = read_policy(name_or_path)
    return Rulebook(
        name=policy.name,
        version=policy.version,
        title=policy.title,
        warnings={group: getattr(policy.warnings, group.value) for group in Group},
        fault_extra=policy.warnings.fault_extra,
        confidence=Confidence(policy.confidence.roles, policy.confidence.words, policy.confidence.labels),
        reset_by_apology=policy.reset.customer_apology,
        civil_minutes=policy.reset.civil_minutes,
        grace_customer_turns=policy.grace.customer_turns,
        immediate=frozenset(policy.immediate),
        own_it_before_warning=policy.own_it_before_warning,
        essential_service=policy.essential_service,
        rules=tuple(_rule(policy.rule[key]) for key in sorted(policy.rule)),
        policy_hash=_hash(policy),
    )


def _rule(table: RuleTable) -> Rule:
    return Rule(
        id=table.id,
        text=table.text,
        reason=table.reason,
        false_alarms=tuple(table.false_alarms),
        since=table.since,
        labels=tuple(table.labels),
        outcome=table.outcome,
        fact=table.fact,
    )


def _hash(policy: PolicyFile) -> str:
    content = policy.model_dump(mode="json")
    content["immediate"] = sorted(content["immediate"])
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
