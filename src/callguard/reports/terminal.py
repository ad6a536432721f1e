"""Reports -> a table for a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from callguard.reports import queue, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callguard.types import CallReport, Finding

_STYLES = {"safety": "bold magenta", "act": "bold red", "warn": "yellow", "review": "cyan", "care": "magenta", "good": "green"}
_QUOTE_LENGTH = 60


def summary_table(reports: Sequence[CallReport]) -> Table:
    """List calls in the order of the queue, those that were not analysed last; times are minutes and seconds into the call."""
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), expand=False)
    table.add_column("Outcome", width=19)
    table.add_column("Call", max_width=13, overflow="fold")
    table.add_column("Agent", max_width=8, overflow="fold")
    table.add_column("Lv", justify="right", width=2)
    table.add_column("At", justify="right", max_width=7)
    table.add_column("Words that decided it", ratio=1, overflow="fold")
    for report in queue.ordered(reports):
        table.add_row(*_row(report))
    for report in reports:
        if report.verdict is None:
            call = report.call
            cells = (
                f"{wording.UNREAD.sign} {wording.UNREAD.title}",
                call.call_id,
                call.agent_id or "",
                "",
                "",
                report.message or report.reason_code or "",
            )
            table.add_row(*map(Text, cells), style="dim")
    return table


def _row(report: CallReport) -> list[Text]:
    """Texts, not markup: a customer's words may hold brackets."""
    words = wording.outcome(report.verdict.outcome if report.verdict else None)
    finding = queue.deciding(report)
    return [
        Text(f"{words.sign} {words.title}", style=_STYLES.get(words.tone, "")),
        Text(report.call.call_id),
        Text(report.call.agent_id or ""),
        Text(str(int(report.verdict.max_level)) if report.verdict else ""),
        Text(wording.clock(finding.at_s) if finding else ""),
        Text(_quote(finding) if finding else ""),
    ]


def _quote(finding: Finding) -> str:
    text = finding.quote if len(finding.quote) <= _QUOTE_LENGTH else f"{finding.quote[: _QUOTE_LENGTH - 1].rstrip()}…"
    return f"possible: “{text}”" if finding.possible else f"“{text}”"
