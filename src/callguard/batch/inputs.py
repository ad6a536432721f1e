"""Find calls: files, folders, globs and a manifest -> one `CallInput` a call.

A folder is searched through. A folder that holds a `call.toml` is one call: what that file names. Elsewhere every recording is a call,
every `*.json` with turns is a call, and every line of a `*.jsonl` is a call. A file that is named by hand is always a call.
"""

from __future__ import annotations

import glob
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from callguard.errors import InputError
from callguard.formats import transcript
from callguard.formats.manifest import Described, read_call_toml
from callguard.types import Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from callguard.types import Turn

AUDIO = frozenset({
    ".aac", ".aif", ".aiff", ".alaw", ".amr", ".au", ".caf", ".flac", ".g722", ".gsm", ".m4a", ".mka", ".mp3", ".mp4", ".oga", ".ogg",
    ".opus", ".sln", ".ulaw", ".vox", ".wav", ".wave", ".webm", ".wma",
})  # fmt: skip
TRANSCRIPTS = frozenset({".json", ".jsonl"})


@dataclass(frozen=True, slots=True)
class CallInput:
    """One call that goes in; one line comes out for it, whatever happens."""

    source: str
    call: Call
    recording: Path | None = None
    turns: tuple[Turn, ...] = ()
    error: InputError | None = None
    """Why it cannot be analysed; it is skipped with this."""


def find(named: Sequence[str], described: Iterable[Described] = ()) -> Iterator[CallInput]:
    """Give the calls of a manifest, row by row, then those of files, folders and globs, each file once, in the order of their names."""
    seen = set()
    for each in described:
        seen.add(each.media.resolve())
        yield from _read_described(each)
    for name in named:
        for file, by_hand in _files(name):
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield from _read(file, by_hand=by_hand)


def _files(name: str) -> Iterator[tuple[Path, bool]]:
    """Give the files that a name on the command line stands for, and whether it named them itself."""
    path = Path(name)
    if path.is_dir():
        yield from ((file, False) for file in _walk(path))
    elif path.exists() or not glob.has_magic(name):
        yield path, True
    else:
        found = [Path(match) for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207  # absolute patterns too
        for match in found:
            yield from ((file, False) for file in _walk(match)) if match.is_dir() else [(match, False)]
        if not found:
            yield path, True


def _walk(folder: Path) -> Iterator[Path]:
    described = folder / "call.toml"
    if described.is_file():
        yield described
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.name.startswith("."):
            yield from _walk(entry)
        elif entry.suffix.lower() in AUDIO | TRANSCRIPTS:
            yield entry


def _read(file: Path, *, by_hand: bool) -> Iterator[CallInput]:
    suffix = file.suffix.lower()
    if not file.is_file():
        error = InputError("file_not_found", f"{file}: there is no such file")
        yield CallInput(str(file), Call(file.stem), error=error)
    elif file.name == "call.toml":
        yield from _read_described(read_call_toml(file))
    elif suffix == ".jsonl":
        yield from _read_lines(file)
    elif suffix == ".json":
        yield from _read_json(file, by_hand=by_hand)
    else:
        yield CallInput(str(file), Call(file.stem), recording=file)


def _read_described(each: Described) -> Iterator[CallInput]:
    source = str(each.media)
    if each.error is None and not each.media.is_file():
        missing = InputError("file_not_found", f"{each.media}: there is no such file")
        yield CallInput(source, each.call, error=missing)
    elif each.error is not None or each.media.suffix.lower() not in TRANSCRIPTS:
        yield CallInput(source, each.call, recording=each.media if each.error is None else None, error=each.error)
    else:
        for read in _read(each.media, by_hand=True):
            yield replace(read, call=_merged(read.call, each.call)) if each.media.suffix.lower() == ".json" else read


def _merged(read: Call, told: Call) -> Call:
    """What a transcript leaves out, its description fills in."""
    return replace(
        read,
        agent_id=read.agent_id or told.agent_id,
        customer_id=read.customer_id or told.customer_id,
        started_at=read.started_at or told.started_at,
        queue=read.queue or told.queue,
    )


def _read_lines(file: Path) -> Iterator[CallInput]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        calls = 0
        for number, line in enumerate(lines, 1):
            if line.strip():
                calls += 1
                yield _parsed(line, f"{file}: line {number}", f"{file.stem}-{number}")
        if calls == 0:
            empty = InputError("empty_file", f"{file}: the file is empty")
            yield CallInput(str(file), Call(file.stem), error=empty)


def _read_json(file: Path, *, by_hand: bool) -> Iterator[CallInput]:
    text = file.read_text(encoding="utf-8", errors="replace")
    if not text.strip():
        empty = InputError("empty_file", f"{file}: the file is empty")
        yield CallInput(str(file), Call(file.stem), error=empty)
    elif by_hand or _has_turns(text):
        yield _parsed(text, str(file), file.stem)


def _has_turns(text: str) -> bool:
    """A `*.json` met in a folder may be anything; one that cannot be parsed is reported, one without turns is not a call."""
    try:
        record: Mapping[str, object] | object = json.loads(text)
    except (ValueError, RecursionError):
        return True
    return isinstance(record, dict) and "turns" in record


def _parsed(text: str, where: str, default_id: str) -> CallInput:
    try:
        call, turns = transcript.parse(text, where=where, default_id=default_id)
    except InputError as error:
        return CallInput(where, Call(default_id), error=error)
    return CallInput(where, call, turns=turns)
