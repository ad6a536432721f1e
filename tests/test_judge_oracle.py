"""The judge over labelled calls: the corpus's own dialogues, and the shared examples with labels given by this project."""

from __future__ import annotations

from typing import Any

import pytest

from policy_dialogues import CORPUS, EXAMPLES, LabelledCall, judge, read_examples, read_tsv, scored

CORPUS_CALLS = [call for path in sorted(CORPUS.glob("*.tsv")) for call in read_tsv(path)]


@pytest.mark.skipif(not CORPUS_CALLS, reason="the corpus of dialogues is not in this checkout")
@pytest.mark.parametrize("call", CORPUS_CALLS, ids=lambda call: call.call_id)
def test_the_labels_of_a_corpus_call_give_the_outcome_of_its_headline(call: LabelledCall) -> None:
    assert judge(scored(call.turns, call.call_id)).outcome == call.outcome


@pytest.mark.shared
@pytest.mark.skipif(not EXAMPLES.is_file(), reason="the labelled examples are not beside this checkout (CALLGUARD_SHARED)")
@pytest.mark.parametrize(("call", "expected"), read_examples(), ids=lambda part: getattr(part, "call_id", ""))
def test_the_labels_of_an_example_give_all_that_is_expected_of_it(call: LabelledCall, expected: dict[str, Any]) -> None:
    verdict = judge(scored(call.turns, call.call_id))
    assert {
        "outcome": verdict.outcome.value,
        "first_abuse_turn": verdict.first_abuse_turn,
        "warning_turns": list(verdict.warning_turns),
        "eligible_from_turn": verdict.eligible_from_turn,
        "max_level": int(verdict.max_level),
    } == {key: expected[key] for key in ("outcome", "first_abuse_turn", "warning_turns", "eligible_from_turn", "max_level")}


@pytest.mark.shared
@pytest.mark.skipif(not EXAMPLES.is_file(), reason="the labelled examples are not beside this checkout (CALLGUARD_SHARED)")
@pytest.mark.parametrize(("call", "expected"), read_examples(), ids=lambda part: getattr(part, "call_id", ""))
def test_every_quote_is_literally_in_its_turn(call: LabelledCall, expected: dict[str, Any]) -> None:
    turns = scored(call.turns, call.call_id)
    verdict = judge(turns)
    assert bool(verdict.findings) or expected["outcome"] == "no_action"
    for finding in verdict.findings:
        assert finding.quote
        assert finding.quote in turns[finding.turn_indexes[0]].turn.text
