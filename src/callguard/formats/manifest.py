"""Who is who in a recording: a `call.toml` beside it, or a row of a manifest.csv.

Both take `call_id, agent_id, customer_id, started_at, queue, channels`; a call.toml names the recording or transcript as `media`, a
manifest's row as `file`, relative to itself. `channels` lists who is on each channel, first channel first; an empty cell is "not known".
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callguard.errors import ConfigurationError, InputError
from callguard.formats.transcript import SPEAKERS, parse_time, text_or_none
from callguard.types import Call, Roles, RolesHow, Speaker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEYS = ("call_id", "agent_id", "customer_id", "started_at", "queue", "channels")
_SPEAKERS = {**SPEAKERS, "unknown": Speaker.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Described:
    """A call as a manifest or a call.toml describes it."""

    media: Path
    call: Call
    error: InputError | None = None
    """Where the description itself is at fault: the call is skipped with this."""


def read_call_toml(file: Path) -> Described:
    """Read a `call.toml`."""
    try:
        record = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = InputError("bad_call_toml", f"{file}: not valid TOML: {error}")
        return Described(file, Call(file.parent.name), fault)
    return _described(record, file, name_key="media", where=str(file), how=RolesHow.METADATA)


def read_manifest(file: Path) -> list[Described]:
    """Read a manifest, one call a row.

    Raises:
        ConfigurationError: no such file, no column `file`, or columns that nobody knows.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
            columns = list(rows[0]) if rows else []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{file}: the manifest cannot be read: {error}") from error
    unknown = [column for column in columns if column not in ("file", *_KEYS)]
    if unknown or (rows and "file" not in columns):
        raise ConfigurationError(f"{file}: columns {unknown} are not known; `file` is due, and {', '.join(_KEYS)} are allowed")
    return [
        _described(row, file, name_key="file", where=f"{file}: row {number}", how=RolesHow.MANIFEST) for number, row in enumerate(rows, 1)
    ]


def _described(record: Mapping[str, object], file: Path, *, name_key: str, where: str, how: RolesHow) -> Described:
    named = str(record.get(name_key) or "")
    media = file.parent / named if named else file
    default_id = media.stem if named else file.parent.name
    call_id = str(record.get("call_id") or default_id)
    try:
        _check_keys(record, name_key, where)
        channels = _channels(record.get("channels"), where)
        call = Call(
            call_id=call_id,
            agent_id=text_or_none(record.get("agent_id")),
            customer_id=text_or_none(record.get("customer_id")),
            started_at=parse_time(record.get("started_at"), where),
            channels=channels,
            roles=Roles(how, 1.0) if channels and Speaker.UNKNOWN not in channels else Roles(),
            queue=text_or_none(record.get("queue")),
        )
    except InputError as error:
        return Described(media, Call(call_id), error)
    return Described(media, call)


def _check_keys(record: Mapping[str, object], name_key: str, where: str) -> None:
    unknown = [key for key in record if key not in (name_key, *_KEYS)]
    if unknown:
        raise InputError("bad_call_toml", f"{where}: keys {unknown} are not known; {name_key}, {', '.join(_KEYS)} are")
    if not record.get(name_key):
        raise InputError("file_not_found", f"{where}: names no `{name_key}`")


def _channels(value: object, where: str) -> tuple[Speaker, ...]:
    names = value if isinstance(value, list) else str(value or "").replace("|", ",").replace(";", ",").split(",")
    names = [str(name).strip().lower() for name in names if str(name).strip()]
    wrong = [name for name in names if name not in _SPEAKERS]
    if wrong:
        raise InputError("unknown_speaker", f"{where}: channels {wrong} are not agent, customer or unknown")
    return tuple(_SPEAKERS[name] for name in names)
