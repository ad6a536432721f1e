"""callguard's own transcript: `{"call_id", "agent_id", "customer_id", "started_at", "turns": [{"speaker", "text", "start_s", "end_s"}]}`.

Everything but `turns` may be left out, `id` is read for `call_id`, and keys that are not known are passed over. Turns without times
get them from their words, at 150 words a minute, and are marked so.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from callguard.errors import InputError
from callguard.types import Call, Roles, RolesHow, Speaker, Turn

WORDS_PER_S = 150 / 60
"""The speed at which words without times are counted (words / 150 = minutes)."""
_LONGEST_S = 7 * 24 * 3600.0
"""No call is longer than a week; a later time is a fault of the record."""
SPEAKERS = {"agent": Speaker.AGENT, "customer": Speaker.CUSTOMER}
"""The speakers that a transcript may name."""


def parse(text: str, *, where: str, default_id: str) -> tuple[Call, tuple[Turn, ...]]:
    """Read one call from one JSON object.

    Args:
        text: the JSON.
        where: the file, and the line if it has several calls; it begins every message.
        default_id: the call's id if the object names none.

    Raises:
        InputError: `not_json`, `not_a_transcript`, `unknown_speaker` or `bad_time`, with one line that says what to mend.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("not_json", f"{where}: not JSON: {error}") from error
    if not isinstance(record, dict) or not isinstance(record.get("turns"), list):
        raise InputError("not_a_transcript", f"{where}: not a transcript: an object with a list of `turns` is due")
    call_id = words_of(str(record.get("call_id") or record.get("id") or default_id))
    call = Call(
        call_id=call_id,
        agent_id=text_or_none(record.get("agent_id")),
        customer_id=text_or_none(record.get("customer_id")),
        started_at=parse_time(record.get("started_at"), where),
        roles=Roles(RolesHow.METADATA, 1.0),
        queue=text_or_none(record.get("queue")),
    )
    return call, _turns(record["turns"], call_id, where)


def parse_time(value: object, where: str) -> datetime | None:
    """Read an ISO 8601 time; one without a zone is taken as UTC.

    Raises:
        InputError: `bad_time`.
    """
    if value is None or value == "":
        return None
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InputError("bad_time", f"{where}: started_at {value!r} is not a time such as 2026-11-02T09:14:00Z") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _turns(records: list[object], call_id: str, where: str) -> tuple[Turn, ...]:
    turns = []
    now_s = 0.0
    for index, record in enumerate(records):
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            raise InputError("not_a_transcript", f"{where}: turn {index} has no text")
        speaker = SPEAKERS.get(str(record.get("speaker")).lower())
        if speaker is None:
            raise InputError("unknown_speaker", f"{where}: turn {index} is said by {record.get('speaker')!r}; agent or customer is due")
        text = words_of(record["text"])
        start_s, end_s = _seconds(record.get("start_s")), _seconds(record.get("end_s"))
        estimated = start_s is None or end_s is None or end_s < start_s
        if estimated or start_s is None or end_s is None:
            start_s, end_s = now_s, now_s + len(text.split()) / WORDS_PER_S
        now_s = max(now_s, end_s)
        turns.append(Turn(call_id, index, speaker, text, start_s, end_s, end_s, times_estimated=estimated))
    return tuple(turns)


def words_of(text: str) -> str:
    """Give the words with one space between them; half a character (a lone surrogate), which no file can hold, becomes a question mark."""
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST_S:
        return None
    return float(value)


def text_or_none(value: object) -> str | None:
    """Read a field that may be left out or left empty."""
    return None if value is None or value == "" else words_of(str(value))
