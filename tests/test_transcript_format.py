"""callguard's own transcripts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from callguard.errors import InputError
from callguard.formats import transcript
from callguard.types import RolesHow, Speaker


def parse(record: object) -> tuple:  # type: ignore[type-arg]
    return transcript.parse(json.dumps(record), where="f.json", default_id="f")


def test_a_whole_record() -> None:
    call, turns = parse(
        {
            "call_id": "c1",
            "agent_id": "a7",
            "customer_id": "u9",
            "started_at": "2026-11-02T09:14:00Z",
            "anything": "else",
            "turns": [{"speaker": "agent", "text": " Good  morning ", "start_s": 0.0, "end_s": 2.4}],
        }
    )
    assert (call.call_id, call.agent_id, call.customer_id) == ("c1", "a7", "u9")
    assert call.started_at == datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
    assert (call.roles.how, call.roles.confidence) == (RolesHow.METADATA, 1.0)
    assert (turns[0].speaker, turns[0].text, turns[0].end_s, turns[0].times_estimated) == (Speaker.AGENT, "Good morning", 2.4, False)


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"start_s": 1.0},
        {"start_s": 5, "end_s": 1},
        {"start_s": -1, "end_s": 2},
        {"start_s": "0", "end_s": "1"},
        {"start_s": True, "end_s": 2},
    ],
)
def test_times_that_are_not_there_are_estimated_from_the_words(times: dict[str, object]) -> None:
    _, turns = parse({"turns": [{"speaker": "agent", "text": "one two three four five", **times}, {"speaker": "customer", "text": "six"}]})
    assert turns[0].times_estimated
    assert (turns[0].start_s, turns[0].end_s) == (0.0, pytest.approx(2.0))
    assert turns[1].start_s == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("{", "not_json", "not JSON"),
        ("[1, 2]", "not_a_transcript", "turns"),
        ('{"turns": 3}', "not_a_transcript", "turns"),
        ('{"turns": [3]}', "not_a_transcript", "turn 0"),
        ('{"turns": [{"speaker": "agent"}]}', "not_a_transcript", "turn 0"),
        ('{"turns": [{"speaker": "martian", "text": "hi"}]}', "unknown_speaker", "martian"),
        ('{"turns": [{"text": "hi"}]}', "unknown_speaker", "None"),
        ('{"started_at": "yesterday", "turns": []}', "bad_time", "yesterday"),
    ],
)
def test_faults_are_one_line_with_a_code(text: str, code: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        transcript.parse(text, where="f.json", default_id="f")
    assert caught.value.reason_code == code
    assert "\n" not in caught.value.message
    assert caught.value.message.startswith("f.json")


def test_a_time_without_a_zone_is_utc() -> None:
    call, _ = parse({"started_at": "2026-11-02T09:14:00", "turns": []})
    assert call.started_at == datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
