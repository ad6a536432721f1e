from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from callguard.policy.judge import Judge
from callguard.policy.rulebook import load
from callguard.types import Call, Fact, Label, Level, Outcome, Roles, RolesHow, Signal
from policy_dialogues import BALANCED, judge, script, unsure_words

if TYPE_CHECKING:
    from callguard.types import Finding, ScoredTurn, Verdict

HELP = "A helping_act"
ABUSE = "C personal_insult"
WARNING = "A warning_given"
CALM = "C"
LADDER = (HELP, ABUSE, WARNING, CALM, ABUSE)


def at(turn: ScoredTurn, start_s: float) -> ScoredTurn:
    return replace(turn, turn=replace(turn.turn, start_s=start_s, end_s=start_s + 5, known_at_s=start_s + 5))


def findings_of(verdict: Verdict, rule_id: str) -> list[Finding]:
    return [finding for finding in verdict.findings if finding.rule_id == rule_id]


# --- what the verdict says beside the outcome -----------------------------------------------------------------------------------------


def test_a_ladder_climbed_names_its_turns() -> None:
    verdict = judge(script(*LADDER))
    assert (verdict.first_abuse_turn, verdict.warning_turns, verdict.eligible_from_turn) == (1, (2,), 4)
    assert verdict.max_level is Level.ABUSIVE
    assert verdict.policy_hash == BALANCED.policy_hash
    assert verdict.reasons == ("Abuse at turn 4 after the valid warning at turn 2; the agent had tried to help.",)


@pytest.mark.parametrize(
    ("rows", "eligible_from"),
    [
        (LADDER, 4),
        ((*LADDER, CALM, WARNING, ABUSE), 4),
        ((ABUSE, WARNING, ABUSE, HELP), 3),
        ((*LADDER, "C self_harm_risk"), None),
        ((*LADDER, "A agent_insult"), None),
        ((*LADDER, "C customer_apology"), None),
        ((*LADDER, "C customer_apology", CALM, ABUSE), 7),
        ((HELP, "C threat_violence", ABUSE, WARNING, ABUSE), 1),
        ((*LADDER, "C sexual_harassment"), 4),
    ],
)
def test_eligible_from_is_where_the_standing_permission_began(rows: tuple[str, ...], eligible_from: int | None) -> None:
    assert judge(script(*rows)).eligible_from_turn == eligible_from


@pytest.mark.parametrize(
    ("rows", "fact"),
    [
        (("A company_at_fault",), Fact.COMPANY_AT_FAULT),
        (("C broken_promise repeat_contact",), Fact.BROKEN_PROMISE),
        (("C repeat_contact",), Fact.REPEAT_CONTACT),
        (("C long_hold",), Fact.LONG_HOLD),
        (("A main_concern_restated",), Fact.MAIN_CONCERN_RESTATED),
        (("A helping_act",), Fact.HELPING_ACT),
        (("A remedy_offered", "A remedy_offered", "C remedy_refused"), Fact.REMEDIES_EXHAUSTED),
        (("A agent_insult",), Fact.AGENT_PROVOCATION),
        (("A warning_given",), Fact.AGENT_PROVOCATION),
        ((ABUSE, "A agent_insult"), Fact.MUTUAL_ESCALATION),
        ((ABUSE, "A call_ended_by_agent"), Fact.AGENT_ENDED_WITHOUT_GROUNDS),
        (("? personal_insult",), Fact.ROLES_UNCERTAIN),
    ],
)
def test_each_fact_has_a_turn_that_grounds_it(rows: tuple[str, ...], fact: Fact) -> None:
    verdict = judge(script(*rows))
    assert fact in verdict.facts
    assert fact not in judge(script("A", "C")).facts
    clause = next((rule for rule in BALANCED.rules if rule.fact is fact), None)
    if clause is not None:
        (finding,) = findings_of(verdict, clause.id)
        assert finding.turn_indexes == (len(rows) - 1,)


def test_an_insult_in_answer_is_no_provocation_and_a_customer_who_only_listens_escalates_nothing() -> None:
    assert Fact.AGENT_PROVOCATION not in judge(script(ABUSE, "A agent_insult")).facts
    assert Fact.MUTUAL_ESCALATION not in judge(script(CALM, "A agent_insult")).facts


@pytest.mark.parametrize(
    "rows",
    [
        (*LADDER, "A call_ended_by_agent"),
        ("C sexual_harassment", "A call_ended_by_agent"),
        ("C threat_bomb", "A call_ended_by_agent"),
        ("A remedy_offered", CALM, "A remedy_offered", "C remedy_refused", "A call_ended_by_agent"),
        (ABUSE, WARNING, ABUSE, "A call_ended_by_agent helping_act"),
    ],
)
def test_an_ending_with_a_ground_is_no_fault(rows: tuple[str, ...]) -> None:
    assert Fact.AGENT_ENDED_WITHOUT_GROUNDS not in judge(script(*rows)).facts


def test_an_ending_after_words_that_may_be_a_threat_is_no_fault() -> None:
    turns = script("C threat_violence", "A call_ended_by_agent")
    assert Fact.AGENT_ENDED_WITHOUT_GROUNDS not in judge([unsure_words(turns[0]), turns[1]]).facts


# --- certainty ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["threat_violence", "sexual_harassment"])
def test_an_uncertain_immediate_ground_is_shown_as_possible_and_grants_nothing(label: str) -> None:
    turns = script(HELP, f"C {label}")
    verdict = judge([turns[0], unsure_words(turns[1])])
    assert verdict.outcome is Outcome.WARN_FIRST
    assert Fact.WORDS_UNCERTAIN in verdict.facts
    assert verdict.first_abuse_turn is None
    rule = next(rule for rule in BALANCED.rules if Label(label) in rule.labels)
    (finding,) = findings_of(verdict, rule.id)
    assert finding.possible
    assert finding.confidence == pytest.approx(0.3)
    assert "If a person confirms what was said at turn 1, the outcome would be eligible_immediate." in verdict.would_change


@pytest.mark.parametrize(("confidence", "outcome"), [(None, "eligible_to_end"), (0.5, "eligible_to_end"), (0.49, "warn_first")])
def test_words_below_the_policys_number_do_not_end_a_call(confidence: float | None, outcome: str) -> None:
    turns = script(*LADDER)
    turns[-1] = replace(turns[-1], turn=replace(turns[-1].turn, confidence=confidence))
    assert judge(turns).outcome == outcome


def test_a_label_below_the_policys_number_holds_but_is_possible() -> None:
    turns = script(*LADDER, WARNING, ABUSE)
    turns[-1] = replace(turns[-1], scores={**turns[-1].scores, Label.PERSONAL_INSULT: 0.55})
    assert judge(turns).eligible_from_turn == 4
    cautious = judge(turns, load("cautious"))
    assert cautious.outcome is Outcome.WARN_FIRST
    assert [finding.possible for finding in findings_of(cautious, "CG111")] == [False, False, True]
    assert Fact.WORDS_UNCERTAIN not in cautious.facts


@pytest.mark.parametrize(
    ("label", "outcome"), [("self_harm_risk", Outcome.NEVER_END_ROUTE_TO_HELP), ("threat_bomb", Outcome.EMERGENCY_SAFETY_PROTOCOL)]
)
def test_safety_does_not_wait_for_certainty(label: str, outcome: Outcome) -> None:
    verdict = judge([unsure_words(turn) for turn in script(f"C {label}")])
    assert verdict.outcome is outcome
    assert all(finding.possible for finding in verdict.findings)


@pytest.mark.parametrize(
    ("languages", "outcome"),
    [
        (("ko", "ko", "en", "ko", "ko"), "cannot_tell"),
        (("en-GB", "en", "en", "ko", "ko"), "eligible_to_end"),
        (("en", "en", "en", "en", "en"), "eligible_to_end"),
    ],
)
def test_a_call_mostly_in_another_language_is_not_judged(languages: tuple[str, ...], outcome: str) -> None:
    pairs = zip(script(*LADDER), languages, strict=True)
    verdict = judge([replace(turn, turn=replace(turn.turn, language=language)) for turn, language in pairs])
    assert verdict.outcome == outcome
    assert (Fact.LANGUAGE_UNSUPPORTED in verdict.facts) == (outcome == "cannot_tell")


# --- resets and grace -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("next_at_s", "row", "outcome"),
    [
        (604, CALM, "warn_first"),
        (605, CALM, "no_action"),
        (600, "C uncivil", "warn_first"),
        (609, "C uncivil", "warn_first"),
        (610, "C uncivil", "no_action"),
    ],
)
def test_ten_civil_minutes_clear_abuse(next_at_s: float, row: str, outcome: str) -> None:
    abuse, later = script(ABUSE, row)
    assert judge([at(abuse, 5), at(later, next_at_s)]).outcome == outcome


def test_incivility_starts_the_minutes_again() -> None:
    abuse, rude, calm = script(ABUSE, "C uncivil", CALM)
    assert judge([at(abuse, 0), at(rude, 400), at(calm, 700)]).outcome is Outcome.WARN_FIRST
    assert judge([at(abuse, 0), at(rude, 400), at(calm, 1000)]).outcome is Outcome.NO_ACTION


def test_a_reset_clears_abuse_and_not_warnings() -> None:
    before = judge(script(HELP, ABUSE, WARNING, "C customer_apology"))
    after = judge(script(HELP, ABUSE, WARNING, "C customer_apology", ABUSE))
    assert (before.outcome, after.outcome, after.eligible_from_turn) == (Outcome.DEESCALATED, Outcome.ELIGIBLE_TO_END, 4)


def test_opening_incivility_is_passed_over_and_opening_abuse_is_not() -> None:
    rude = judge(script(*["C uncivil"] * 3))
    assert [finding.turn_indexes for finding in findings_of(rude, "CG101")] == [(2,)]
    assert findings_of(judge(script(ABUSE)), "CG111")


def test_an_essential_service_hands_over_where_others_end_but_not_on_a_threat() -> None:
    essential = replace(BALANCED, essential_service=True)
    verdict = judge(script(*LADDER), essential)
    assert (verdict.outcome, verdict.eligible_from_turn) == (Outcome.HUMAN_REVIEW, None)
    assert any("hand over to a supervisor" in reason for reason in verdict.reasons)
    assert judge(script("C threat_violence"), essential).outcome is Outcome.ELIGIBLE_IMMEDIATE


# --- findings -------------------------------------------------------------------------------------------------------------------------


def test_each_step_returns_what_that_turn_caused() -> None:
    judging = Judge(Call("c1", roles=Roles(RolesHow.MANIFEST, 1.0)), BALANCED)
    caused = [[finding.rule_id for finding in judging.step(turn)] for turn in script(*LADDER, "C self_harm_risk")]
    assert caused == [[], ["CG111", "CG309"], ["CG130", "CG311"], [], ["CG111", "CG308"], ["CG120", "CG301"]]
    assert [finding.rule_id for finding in judging.verdict().findings] == [rule for step in caused for rule in step]


def test_a_baseless_warning_is_a_finding_and_does_not_count() -> None:
    verdict = judge(script(HELP, WARNING, CALM))
    assert verdict.warning_turns == ()
    assert findings_of(verdict, "CG131")
    assert not findings_of(verdict, "CG130")


def test_a_quote_is_the_sentence_in_which_the_evidence_stands() -> None:
    (turn,) = script(ABUSE)
    text = "I called at 4.30 today. You useless clown! Where is it?"
    start = text.index("useless")
    signal = Signal("pattern:insult", Label.PERSONAL_INSULT, 0.9, (start, start + 13))
    other = Signal("pattern:anger", Label.LEGIT_ANGER, 1.0, (0, 5))
    verdict = judge([replace(turn, turn=replace(turn.turn, text=text), signals=(signal, other))])
    (finding,) = findings_of(verdict, "CG111")
    assert (finding.quote, finding.signals) == ("You useless clown!", (signal,))


def test_abuse_aimed_elsewhere_keeps_its_level_and_says_that_it_grounds_nothing() -> None:
    verdict = judge(script("C threat_violence elsewhere"))
    (finding,) = findings_of(verdict, "CG117")
    assert (verdict.max_level, finding.level, verdict.first_abuse_turn) == (Level.CRITICAL, Level.CRITICAL, 0)
    assert "not aimed at the agent" in finding.reason
