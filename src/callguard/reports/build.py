"""Events of a session -> CallReport; CallReports -> a folder that people and scripts can read."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from callguard.reports import as_json, queue, render
from callguard.reports.masking import masked_report
from callguard.types import AgentLoad, CallEnded, CallReport, Finding, ScoredTurn, Status
from callguard.wellbeing import agent_loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from callguard.types import Call, Event, Provenance, Verdict

AGENT_COLUMNS = tuple(field.name for field in fields(AgentLoad) if field.name != "estimated")
"""Columns of `agents.csv`."""
CALLS_FOLDER = "calls"
_SAFE_LENGTH = 60


def assemble(
    call: Call, source: str, events: Iterable[Event], *, provenance: Provenance, audio: str | None = None, status: Status = Status.ANALYSED
) -> CallReport:
    """Gather the events of a session into the report of its call, with everything redacted that must not be written.

    A finding that was raised on the way and is not in the last verdict, because a later turn overruled it, stays in the record.
    """
    turns: list[ScoredTurn] = []
    findings: list[Finding] = []
    ended: CallEnded | None = None
    for event in events:
        if isinstance(event, ScoredTurn):
            turns.append(event)
        elif isinstance(event, Finding):
            findings.append(event)
        else:
            ended = event
    report = CallReport(
        call=call,
        source=source,
        status=status,
        provenance=provenance,
        verdict=_with_all(ended.verdict, findings) if ended else None,
        turns=tuple(turns),
        duration_s=ended.end_s if ended else max((t.turn.end_s for t in turns), default=0.0),
        audio=audio,
    )
    return masked_report(report)


def build(reports: Sequence[CallReport], out_dir: Path) -> None:
    """Write `calls.jsonl`, `agents.csv`, `index.html` and a page for each analysed call; the audio stays where it is and is linked."""
    loads = agent_loads(reports)
    named = list(zip(reports, _page_names(reports), strict=True))
    pages = out_dir / CALLS_FOLDER
    pages.mkdir(parents=True, exist_ok=True)
    _write(out_dir / "calls.jsonl", "".join(f"{as_json.line(report)}\n" for report in reports))
    _write_agents(out_dir / "agents.csv", loads)
    listed = [render.Listed(report, f"{CALLS_FOLDER}/{name}" if name else None) for report, name in named]
    _write(out_dir / "index.html", render.index_page(listed, loads))
    _write_pages(pages, [(report, name) for report, name in named if name])


def _write_pages(folder: Path, named: Sequence[tuple[CallReport, str]]) -> None:
    """Write the pages of analysed calls, chained in the order of the queue."""
    chain = sorted(named, key=lambda item: queue.key(item[0]))
    names = [None, *(name for _, name in chain), None]
    for at, (report, name) in enumerate(chain, 1):
        links = render.Links(audio=_audio_href(report.audio, folder), previous=names[at - 1], following=names[at + 1])
        _write(folder / name, render.call_page(report, links))


def _with_all(verdict: Verdict, findings: Sequence[Finding]) -> Verdict:
    missing = tuple(f for f in dict.fromkeys(findings) if f not in verdict.findings)
    return replace(verdict, findings=verdict.findings + missing) if missing else verdict


def _page_names(reports: Sequence[CallReport]) -> list[str | None]:
    """Name a page for each analysed call; two calls never share one, also where the file system ignores case."""
    taken: set[str] = set()
    names: list[str | None] = []
    for i, report in enumerate(reports):
        name = _safe_name(report.call.call_id)
        while name.lower() in taken:
            name = f"{name}-{i}"
        taken.add(name.lower())
        names.append(f"{name}.html" if report.verdict else None)
    return names


def _safe_name(call_id: str) -> str:
    """Keep an identifier that is safe as a file name; otherwise make one that is and add a hash, so that it stays its own."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", call_id).strip("-")[:_SAFE_LENGTH]
    if safe == call_id:
        return safe
    return f"{safe or 'call'}-{hashlib.sha256(os.fsencode(call_id)).hexdigest()[:8]}"


def _audio_href(audio: str | None, pages: Path) -> str | None:
    """Point from the folder of pages to a recording, percent-encoded."""
    if audio is None:
        return None
    target = Path(audio).absolute()
    try:
        return quote(os.fsencode(Path(os.path.relpath(target, pages.absolute())).as_posix()))
    except ValueError:  # on another drive, which no relative path reaches
        return target.as_uri()


def _write_agents(path: Path, loads: Sequence[AgentLoad]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(AGENT_COLUMNS)
        writer.writerows([_cell(getattr(load, column)) for column in AGENT_COLUMNS] for load in loads)


def _cell(value: str | float | None) -> str:
    """Write a cell; a name that a spreadsheet would take for a formula is made text."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
    return "" if value is None else str(round(value, 4))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="replace", newline="\n")
