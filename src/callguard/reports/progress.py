"""Progress of a long run, on standard error and only where somebody watches."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from callguard.types import CallReport


def follow(reports: Iterable[CallReport], *, total: int) -> Iterator[CallReport]:
    """Give the reports on, and show calls done, hours of audio, how many times faster than real time, and the time left."""
    columns = (
        TextColumn("Analysing"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[audio]}"),
        TimeRemainingColumn(compact=True),
    )
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("calls", total=total, audio="")
        started, heard_s = time.monotonic(), 0.0
        for report in reports:
            heard_s += report.duration_s if report.audio else 0.0
            pace = heard_s / max(1e-9, time.monotonic() - started)
            told = f"{heard_s / 3600:.2f} h of audio, {pace:.0f} x real time" if heard_s else ""
            progress.update(task, advance=1, audio=told)
            yield report
