"""What a verdict says of itself: its reasons, and what would change it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callguard.policy.rulebook import load
from policy_dialogues import BALANCED, judge, script

HELP = "A helping_act"
ABUSE = "C personal_insult"
WARNING = "A warning_given"
CALM = "C"
LADDER = (HELP, ABUSE, WARNING, CALM, ABUSE)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ((HELP, ABUSE, "A courtesy_request", ABUSE), "One valid warning after turn 1 would have made turn 3 eligible."),
        ((ABUSE, WARNING, ABUSE), "A helping act by the agent was missing: with one, turn 2 would have been eligible."),
        ((HELP, ABUSE), "After one valid warning, the same abuse again would make the call eligible."),
        ((ABUSE, "A"), "After one valid warning and a helping act, the same abuse again would make the call eligible."),
        (LADDER, "Without the valid warning at turn 2 the outcome would be warn_first."),
        (LADDER, "With an apology by the customer now the outcome would be deescalated."),
        (("C threat_violence",), "Without what was said at turn 0 the outcome would be no_action."),
        ((*LADDER, "A agent_insult"), "Without the agent's conduct at turn 5 the outcome would be eligible_to_end."),
        (("C vulnerability", ABUSE), "Without the vulnerability disclosed at turn 0 the outcome would be warn_first."),
        (("A agent_excuse", "A agent_defensive"), "Without the agent's conduct at turns 0, 1 the outcome would be no_action."),
    ],
)
def test_what_would_change_is_computed(rows: tuple[str, ...], sentence: str) -> None:
    assert sentence in judge(script(*rows)).would_change


def test_many_turns_are_named_by_the_first_eight() -> None:
    (reason, *_) = judge(script(*[ABUSE] * 10)).reasons
    assert reason == "Abuse at turns 0, 1, 2, 3, 4, 5, 6, 7 and 2 more."


def test_two_missing_warnings_are_counted() -> None:
    verdict = judge(script(HELP, ABUSE, "A", ABUSE, "A", ABUSE), load("cautious"))
    assert "Two valid warnings after turn 1 would have made turn 5 eligible." in verdict.would_change


def test_roles_that_are_confirmed_are_a_condition_too() -> None:
    verdict = judge(script(*LADDER), roles_confidence=0.2)
    assert verdict.would_change == ("If the roles are as they were taken to be, the outcome would be eligible_to_end.",)


@pytest.mark.parametrize("rows", [(CALM,), ("C self_harm_risk", "C threat_violence"), ()])
def test_nothing_is_said_where_nothing_would_change(rows: tuple[str, ...]) -> None:
    assert judge(script(*rows)).would_change == ()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (("A company_at_fault", ABUSE), "The company is at fault: own it first, then warn."),
        (
            ("A company_at_fault helping_act", ABUSE, WARNING),
            "Tip: the warning at turn 2 came before the company's fault was owned; it counts all the same.",
        ),
    ],
)
def test_a_company_at_fault_owns_it_before_it_warns(rows: tuple[str, ...], reason: str) -> None:
    assert reason in judge(script(*rows)).reasons
    assert reason not in judge(script(*rows), replace(BALANCED, own_it_before_warning=False)).reasons
    assert reason not in judge(script("A ownership", *rows)).reasons
