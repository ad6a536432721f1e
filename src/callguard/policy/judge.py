"""One call, judged turn by turn under one policy: scored turns in, findings and a verdict out.

The judge is a fold without clock or file: the same turns give the same verdict, however they arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from callguard.policy.counterfactual import would_change
from callguard.policy.explain import reasons
from callguard.policy.findings import Step, findings_of
from callguard.policy.reading import read
from callguard.policy.table import advance, begin, facts_of
from callguard.types import Verdict

if TYPE_CHECKING:
    from callguard.policy.reading import Reading
    from callguard.policy.rulebook import Rulebook
    from callguard.types import Call, Fact, Finding, ScoredTurn


class Judge:
    """Judges one call. `call.roles.confidence` says how sure it is who speaks."""

    def __init__(self, call: Call, rulebook: Rulebook) -> None:
        self._call = call
        self._rulebook = rulebook
        self._state = begin(call.roles.confidence, rulebook)
        self._readings: list[Reading] = []
        self._findings: list[Finding] = []
        self._known: frozenset[Fact] = frozenset()

    def step(self, scored: ScoredTurn) -> list[Finding]:
        """Hear one turn and return what it caused."""
        reading = read(scored, self._rulebook.confidence)
        before, self._state = self._state, advance(self._state, reading, self._rulebook)
        found = findings_of(Step(scored, reading, before, self._state), self._rulebook, self._known)
        self._known |= frozenset(facts_of(self._state.facts, self._rulebook))
        self._readings.append(reading)
        self._findings += found
        return found

    def verdict(self) -> Verdict:
        """Say where the call stands after the turns so far; after the last turn this is the verdict on the call.

        A permission that a later turn withdrew stays among the findings, while the outcome is the one that holds now.
        """
        facts, rulebook = self._state.facts, self._rulebook
        return Verdict(
            call_id=self._call.call_id,
            outcome=self._state.decision.outcome,
            max_level=facts.max_level,
            first_abuse_turn=facts.first_certain_abuse,
            warning_turns=tuple(warned.index for warned in facts.warnings),
            eligible_from_turn=self._state.eligible_from,
            facts=facts_of(facts, rulebook),
            findings=tuple(self._findings),
            reasons=reasons(self._state, rulebook),
            would_change=would_change(tuple(self._readings), self._state, rulebook),
            policy_hash=rulebook.policy_hash,
        )
