"""The fifteen rows of the decision table: what each asks for, and the nearest call that lacks it."""

from __future__ import annotations

import pytest

from callguard.policy.rulebook import load
from callguard.types import Fact, Outcome
from policy_dialogues import judge, script

HELP = "A helping_act"
ABUSE = "C personal_insult"
WARNING = "A warning_given"
CALM = "C"
SORRY = "C customer_apology"


@pytest.mark.parametrize(
    ("outcome", "rows"),
    [
        # 1 self-harm overrides all else
        ("never_end_route_to_help", ["C self_harm_risk"]),
        ("never_end_route_to_help", [HELP, ABUSE, WARNING, ABUSE, "C self_harm_risk"]),
        ("never_end_route_to_help", ["C self_harm_risk", "C threat_bomb", "C threat_violence", "A agent_insult"]),
        ("never_end_route_to_help", ["? self_harm_risk"]),
        ("no_action", ["C figure_of_speech"]),
        # 2 bomb
        ("emergency_safety_protocol", ["C threat_bomb", "C threat_violence"]),
        ("emergency_safety_protocol", ["A call_ended_by_agent", "C threat_bomb"]),
        # 4 immediate: aimed at the agent
        ("eligible_immediate", ["C threat_violence"]),
        ("eligible_immediate", ["C sexual_harassment"]),
        ("eligible_immediate", ["A agent_insult", "C vulnerability", "C threat_violence"]),
        ("eligible_immediate", ["C threat_violence", SORRY]),
        ("no_action", ["C threat_violence elsewhere"]),
        ("warn_first", ["C intimidation stalking"]),
        # 5 both at fault, whoever began
        ("human_review", ["A agent_insult", ABUSE]),
        ("human_review", [ABUSE, "A agent_provocation"]),
        ("human_review", [HELP, ABUSE, WARNING, ABUSE, "A agent_insult"]),
        ("human_review", ["A warning_given", HELP, ABUSE]),
        ("warn_first", ["A agent_defensive", ABUSE]),
        # 6 the agent's fault alone
        ("not_eligible_agent_conduct_review", ["A agent_insult", "C criticism"]),
        ("not_eligible_agent_conduct_review", ["A agent_provocation", "C uncivil directed"]),
        ("not_eligible_agent_conduct_review", [CALM, "A call_ended_by_agent"]),
        ("not_eligible_agent_conduct_review", [CALM, WARNING]),
        ("no_action", ["A quoted_abuse", "C criticism"]),
        # 7 vulnerability at or before the abuse
        ("not_eligible_vulnerable", ["C vulnerability", HELP, ABUSE]),
        ("not_eligible_vulnerable", [HELP, "C vulnerability personal_insult", SORRY]),
        ("not_eligible_vulnerable", [HELP, ABUSE, WARNING, "C vulnerability", ABUSE]),
        ("deescalated", [HELP, ABUSE, WARNING, "C vulnerability customer_apology"]),
        # 8 warned, and it went on, and the agent had tried to help
        ("eligible_to_end", [HELP, ABUSE, WARNING, ABUSE]),
        ("eligible_to_end", [ABUSE, WARNING, ABUSE, HELP]),
        ("eligible_to_end", [HELP, ABUSE, WARNING, SORRY, ABUSE]),
        ("eligible_to_end", ["A tangible_repair", ABUSE, WARNING, ABUSE]),
        ("eligible_to_end", [HELP, "C intimidation", WARNING, "C wish_of_harm"]),
        ("warn_first", [ABUSE, WARNING, ABUSE]),
        ("warn_first", [HELP, ABUSE, "A courtesy_request", ABUSE]),
        ("warn_first", [HELP, ABUSE, ABUSE]),
        ("warn_first", [HELP, ABUSE, WARNING, "C discriminatory_abuse"]),
        ("deescalated", [HELP, ABUSE, WARNING, "C personal_insult elsewhere", "A warning_given"]),
        # 9 warn first, also when the customer then went quiet
        ("warn_first", [HELP, ABUSE, CALM, HELP, CALM]),
        ("warn_first", [ABUSE, "A call_ended_by_agent"]),
        ("no_action", ["C uncivil directed", "C legal_or_review_threat", "C sarcasm", "C undirected_profanity"]),
        # 10 service refused or faked
        ("not_eligible_agent_conduct_review", ["C escalation_requested", "A escalation_denied"]),
        ("no_action", ["C escalation_requested", "A escalation_denied", CALM, "A escalation_route_given"]),
        ("no_action", ["C escalation_requested", "A escalation_denied escalation_route_given"]),
        ("not_eligible_agent_conduct_review", ["A escalation_route_given", CALM, "A escalation_denied"]),
        ("not_eligible_agent_conduct_review", ["A misrepresented_supervisor", CALM]),
        ("not_eligible_agent_conduct_review", ["A stonewalling", CALM]),
        ("not_eligible_agent_conduct_review", ["A agent_excuse", CALM, "A agent_defensive"]),
        ("no_action", ["A agent_excuse", CALM]),
        ("no_action", ["C escalation_requested", "A escalation_route_given"]),
        # 11 it stopped after a warning or an apology
        ("deescalated", [HELP, ABUSE, WARNING, CALM]),
        ("deescalated", [ABUSE, SORRY]),
        ("deescalated", [HELP, ABUSE, WARNING, "C threat_violence elsewhere"]),
        ("deescalated", ["C threat_violence elsewhere", WARNING]),
        ("no_action", ["C threat_violence elsewhere", WARNING, "C threat_violence elsewhere"]),
        ("warn_first", [ABUSE, SORRY, ABUSE]),
        ("warn_first", [ABUSE, "C customer_apology personal_insult"]),
        # 12 remedies offered and refused
        ("close_courteously", ["A remedy_offered", CALM, "A remedy_offered", "C remedy_refused"]),
        ("close_courteously", ["A remedy_offered", CALM, "A remedy_offered", "C remedy_refused", "A call_ended_by_agent"]),
        ("no_action", ["A remedy_offered", "C remedy_refused"]),
        ("no_action", ["A remedy_offered", "C remedy_refused", "A remedy_offered", CALM]),
        # 13 anger at the start, a concrete repair, a good end
        ("recovered_ally", ["C legit_anger", "A tangible_repair", "C appreciation"]),
        ("recovered_ally", ["C legit_anger", "A company_at_fault tangible_repair", "C appreciation", CALM]),
        ("no_action", ["C legit_anger", "A vague_promise", "C appreciation"]),
        ("no_action", [CALM, CALM, CALM, "C legit_anger", "A tangible_repair", "C appreciation"]),
        ("no_action", ["C legit_anger", "A tangible_repair", "C appreciation", "C legit_anger"]),
        ("no_action", ["C legit_anger", "A tangible_repair", "C appreciation sarcasm"]),
        # 14 the company's fault
        ("not_eligible_company_at_fault", ["C legit_anger", "A company_at_fault"]),
        ("no_action", [CALM, "A company_at_fault"]),
        ("no_action", ["C legit_anger broken_promise", HELP]),
    ],
)
def test_the_first_row_that_holds_wins(outcome: str, rows: list[str]) -> None:
    assert judge(script(*rows)).outcome == outcome


@pytest.mark.parametrize(
    ("roles_confidence", "rows", "outcome"),
    [
        (0.5, [HELP, ABUSE, WARNING, ABUSE], "cannot_tell"),
        (0.5, ["C threat_violence"], "cannot_tell"),
        (0.5, ["A agent_insult", CALM], "cannot_tell"),
        (0.5, ["C legit_anger", "A company_at_fault"], "not_eligible_company_at_fault"),
        (0.5, ["C self_harm_risk"], "never_end_route_to_help"),
        (0.7, [HELP, ABUSE, WARNING, ABUSE], "eligible_to_end"),
        (1.0, [HELP, "? personal_insult", WARNING, ABUSE], "cannot_tell"),
        (1.0, [HELP, "?", ABUSE, WARNING, ABUSE], "eligible_to_end"),
        (1.0, [HELP, ABUSE, "? criticism", ABUSE], "warn_first"),
    ],
)
def test_who_spoke_must_be_certain_before_abuse_is_anybodys(roles_confidence: float, rows: list[str], outcome: str) -> None:
    assert judge(script(*rows), roles_confidence=roles_confidence).outcome == outcome


def test_a_call_without_speech_cannot_be_told() -> None:
    verdict = judge([])
    assert (verdict.outcome, verdict.facts, verdict.findings) == (Outcome.CANNOT_TELL, (Fact.NO_SPEECH,), ())
    assert verdict.reasons == ("No speech was found.",)


@pytest.mark.parametrize(
    ("profile", "rows", "outcome"),
    [
        ("as_written", [HELP, ABUSE], "eligible_to_end"),
        ("as_written", [ABUSE], "warn_first"),
        ("as_written", [HELP, "C uncivil directed"], "no_action"),
        ("protective", [HELP, "C discriminatory_abuse"], "eligible_to_end"),
        ("protective", [HELP, "C wish_of_harm"], "eligible_to_end"),
        ("protective", [HELP, ABUSE], "warn_first"),
        ("cautious", [HELP, ABUSE, WARNING, ABUSE], "warn_first"),
        ("cautious", [HELP, ABUSE, WARNING, ABUSE, WARNING, ABUSE], "eligible_to_end"),
        ("cautious", [HELP, ABUSE, WARNING, WARNING, ABUSE], "warn_first"),
        ("cautious", [HELP, ABUSE, WARNING, CALM], "warn_first"),
        ("cautious", [HELP, "C discriminatory_abuse", WARNING, "C discriminatory_abuse"], "eligible_to_end"),
        ("cautious", ["A helping_act company_at_fault", ABUSE, WARNING, ABUSE, WARNING, ABUSE], "warn_first"),
        ("cautious", ["A helping_act company_at_fault", ABUSE, WARNING, ABUSE, WARNING, ABUSE, WARNING, ABUSE], "eligible_to_end"),
        ("cautious", ["C threat_violence"], "eligible_immediate"),
    ],
)
def test_each_profile_has_its_own_ladder(profile: str, rows: list[str], outcome: str) -> None:
    assert judge(script(*rows), load(profile)).outcome == outcome
