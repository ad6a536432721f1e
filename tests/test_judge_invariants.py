"""What holds for any call: the same call changed in one thing, and calls drawn at random."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callguard.policy.judge import Judge
from callguard.policy.rulebook import load
from callguard.types import AGENT_LABELS, LEVEL_OF, Call, Label, Outcome, Roles, RolesHow, Speaker
from policy_dialogues import BALANCED, ELIGIBLE, judge, script, unsure_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callguard.policy.rulebook import Rulebook

HELP = "A helping_act"
ABUSE = "C personal_insult"
WARNING = "A warning_given"
CALM = "C"
LADDER = (HELP, ABUSE, WARNING, CALM, ABUSE)
PROFILES = {name: load(name) for name in ("balanced", "as_written", "protective", "cautious")}

SWAPPED_LABEL = {
    Label.PERSONAL_INSULT: Label.AGENT_INSULT,
    Label.DIRECTED_PROFANITY: Label.AGENT_INSULT,
    Label.AGENT_INSULT: Label.PERSONAL_INSULT,
}


def swapped(row: str) -> str:
    speaker, *labels = row.split()
    return " ".join(["C" if speaker == "A" else "A", *(SWAPPED_LABEL[Label(label)].value for label in labels if label in SWAPPED_LABEL)])


def test_deleting_or_softening_the_warning_takes_the_permission_away() -> None:
    deleted = [row for row in LADDER if row != WARNING]
    softened = ["A courtesy_request" if row == WARNING else row for row in LADDER]
    assert [judge(script(*rows)).outcome for rows in (LADDER, deleted, softened)] == ["eligible_to_end", "warn_first", "warn_first"]


def test_swapping_the_roles_changes_who_is_reviewed() -> None:
    abusive_agent = ["C", "A agent_insult", "C criticism", "A agent_insult"]
    assert judge(script(*abusive_agent)).outcome is Outcome.NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW
    assert judge(script(*map(swapped, abusive_agent))).outcome is Outcome.WARN_FIRST
    assert judge(script(*map(swapped, LADDER))).outcome is Outcome.NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW


@pytest.mark.parametrize("position", range(len(LADDER) + 1))
def test_a_cry_for_help_anywhere_withdraws_the_permission(position: int) -> None:
    rows = [*LADDER[:position], "C self_harm_risk", *LADDER[position:]]
    verdict = judge(script(*rows))
    assert (verdict.outcome, verdict.eligible_from_turn) == (Outcome.NEVER_END_ROUTE_TO_HELP, None)


@pytest.mark.parametrize("position", [1, 4])
def test_lowering_the_confidence_of_abuse_never_grants_more(position: int) -> None:
    turns = script(*LADDER)
    turns[position] = unsure_words(turns[position])
    granted = judge(turns).outcome in ELIGIBLE
    assert granted == (position == 1)


CUSTOMER_ROWS = sorted(
    f"C {label}"
    for label in (*LEVEL_OF, Label.VULNERABILITY, Label.CUSTOMER_APOLOGY, Label.SELF_HARM_RISK, Label.LEGIT_ANGER, Label.REMEDY_REFUSED)
)
AGENT_ROWS = sorted(
    {f"A {label}" for label in AGENT_LABELS} - {"A warning_without_grounds"} | {HELP, "A remedy_offered", "A company_at_fault"}
)
ROWS = st.sampled_from([CALM, "A", "? personal_insult", "C threat_violence elsewhere", *CUSTOMER_ROWS, *AGENT_ROWS])
# Most calls drawn evenly never climb the ladder; these rows make many that do.
CLIMBING = st.sampled_from([HELP, ABUSE, WARNING, CALM, "C customer_apology", "C wish_of_harm", "A company_at_fault"])
CALLS = st.lists(ROWS | CLIMBING, max_size=14) | st.lists(CLIMBING, max_size=14)


def with_ladder(numbers: Sequence[int]) -> Rulebook:
    *groups, fault_extra = numbers
    return replace(BALANCED, warnings=dict(zip(BALANCED.warnings, groups, strict=True)), fault_extra=fault_extra)


@settings(deadline=None)
@given(CALLS, st.integers(0, 14))
def test_the_state_is_a_fold_wherever_it_is_asked_for(rows: list[str], split: int) -> None:
    turns = script(*rows)
    judging = Judge(Call("c1", roles=Roles(RolesHow.MANIFEST, 1.0)), BALANCED)
    for turn in turns[:split]:
        judging.step(turn)
    assert judging.verdict() == judge(turns[:split])
    for turn in turns[split:]:
        judging.step(turn)
    assert judging.verdict() == judge(turns)


@settings(deadline=None)
@given(CALLS, st.sampled_from(sorted(PROFILES)))
def test_a_calm_customer_turn_never_makes_a_call_eligible(rows: list[str], profile: str) -> None:
    rulebook = PROFILES[profile]
    if judge(script(*rows), rulebook).outcome not in ELIGIBLE:
        assert judge(script(*rows, CALM), rulebook).outcome not in ELIGIBLE


@settings(deadline=None)
@given(CALLS, CALLS)
def test_self_harm_is_never_unlatched(before: list[str], after: list[str]) -> None:
    verdict = judge(script(*before, "C self_harm_risk", *after))
    assert verdict.outcome is Outcome.NEVER_END_ROUTE_TO_HELP
    assert verdict.eligible_from_turn is None


@settings(deadline=None)
@given(CALLS, st.tuples(*[st.integers(0, 2)] * 4), st.tuples(*[st.integers(0, 2)] * 4))
def test_a_longer_ladder_never_makes_eligibility_earlier(
    rows: list[str], asked: tuple[int, int, int, int], more: tuple[int, int, int, int]
) -> None:
    turns = script(*rows)
    shorter = judge(turns, with_ladder(asked)).eligible_from_turn
    longer = judge(turns, with_ladder(tuple(a + b for a, b in zip(asked, more, strict=True)))).eligible_from_turn
    assert longer is None or (shorter is not None and shorter <= longer)


@settings(deadline=None)
@given(CALLS)
def test_a_permission_always_has_its_proof(rows: list[str]) -> None:
    turns = script(*rows)
    verdict = judge(turns)
    assert (verdict.eligible_from_turn is not None) == (verdict.outcome in ELIGIBLE)
    assert bool(verdict.reasons)
    if verdict.eligible_from_turn is not None:
        clause = "CG308" if verdict.outcome is Outcome.ELIGIBLE_TO_END else "CG304"
        proof = [finding for finding in verdict.findings if finding.rule_id == clause]
        assert proof
        assert not any(finding.possible for finding in proof)
    for finding in verdict.findings:
        assert finding.quote in turns[finding.turn_indexes[0]].turn.text
    assert all(turns[index].turn.speaker is Speaker.AGENT for index in verdict.warning_turns)
