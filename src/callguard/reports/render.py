"""Reports -> pages that open from a disk: nothing is loaded, nothing is sent, and each script is named by its hash.

The templates hold the markup; what a page shows is gathered here.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from callguard.reports import evidence, queue, timeline, wording
from callguard.types import Level, Speaker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from callguard.types import AgentLoad, CallReport, Finding, ScoredTurn


@dataclass(frozen=True, slots=True)
class Entry:
    """A call in the list."""

    report: CallReport
    href: str
    words: wording.OutcomeWords
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a transcript."""

    scored: ScoredTurn
    pieces: tuple[evidence.Piece, ...]
    chips: tuple[evidence.Chip, ...]
    is_warning: bool
    is_permission: bool
    is_uncertain: bool


@dataclass(frozen=True, slots=True)
class Links:
    """Where a call's page leads to, as relative addresses."""

    audio: str | None = None
    previous: str | None = None
    following: str | None = None


def index_page(reports: Sequence[CallReport], loads: Sequence[AgentLoad], hrefs: Mapping[int, str]) -> str:
    """Write the list of calls.

    Args:
        reports: Every call that went in, redacted.
        loads: What each agent was exposed to.
        hrefs: Address of each analysed call's page by its position in `reports`.
    """
    href_of = {id(report): hrefs.get(i, "") for i, report in enumerate(reports)}
    entries = [Entry(r, href_of[id(r)], wording.outcome(_outcome(r)), queue.deciding(r)) for r in queue.ordered(reports)]
    groups = [(group, list(members)) for group, members in groupby(entries, key=lambda e: queue.group(e.report))]
    unread = [r for r in reports if r.verdict is None]
    return _page(
        "index.html.j2",
        script="index.js",
        groups=groups,
        unread=unread,
        loads=loads,
        most_exposed_min=max((load.exposure_min for load in loads), default=0.0),
        tallies=_tallies(reports),
        outcomes=sorted({(e.words.title, list(wording.OUTCOMES.values()).index(e.words)) for e in entries}, key=lambda pair: pair[1]),
        policies=sorted({r.provenance.policy for r in reports}),
        engines=sorted({r.provenance.asr or "transcripts as given" for r in reports if r.verdict}),
    )


def call_page(report: CallReport, links: Links) -> str:
    """Write the page of one analysed call, redacted."""
    verdict = report.verdict
    if verdict is None:
        raise ValueError("a call that was not analysed has no page")
    return _page(
        "call.html.j2",
        script="call.js",
        report=report,
        verdict=verdict,
        words=wording.outcome(verdict.outcome),
        links=links,
        picture=timeline.timeline(report),
        lines=[_line(scored, report) for scored in report.turns],
        estimated=any(t.turn.times_estimated for t in report.turns),
        findings=sorted(verdict.findings, key=lambda f: (f.at_s, f.rule_id)),
    )


def _outcome(report: CallReport) -> wording.Outcome | None:
    return report.verdict.outcome if report.verdict else None


def _tallies(reports: Sequence[CallReport]) -> list[tuple[str, int, str]]:
    read = [queue.group(r) for r in reports if r.verdict is not None]
    return [
        ("calls", len(reports), "that went in"),
        ("flagged", sum(g in queue.FLAGGED for g in read), "ask a person for something"),
        ("cannot tell", sum(g is queue.Group.UNCLEAR for g in read), "need an ear"),
        ("not analysed", len(reports) - len(read), "listed below with the reason"),
    ]


def _line(scored: ScoredTurn, report: CallReport) -> Line:
    verdict = report.verdict
    findings = verdict.findings if verdict else ()
    confidence = scored.turn.confidence
    return Line(
        scored=scored,
        pieces=evidence.pieces(scored, findings),
        chips=evidence.chips(scored),
        is_warning=verdict is not None and scored.turn.index in verdict.warning_turns,
        is_permission=verdict is not None and scored.turn.index == verdict.eligible_from_turn,
        is_uncertain=confidence is not None and confidence < wording.LOW_CONFIDENCE,
    )


def _page(template: str, *, script: str, **content: object) -> str:
    source = _source(script)
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    page = _environment().get_template(template)
    return page.render(content, style=Markup(_source("style.css")), script=Markup(source), script_hash=f"sha256-{digest}")  # noqa: S704


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("callguard.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"wording": wording, "Speaker": Speaker, "Level": Level}
    environment.filters |= {"clock": wording.clock, "level": wording.level, "sureness": wording.sureness}
    return environment


@cache
def _source(name: str) -> str:
    """Read a style or script that belongs to the package; nobody else's words are in it, so it goes into the page as it is."""
    environment = _environment()
    if environment.loader is None:
        raise LookupError(name)
    return environment.loader.get_source(environment, name)[0]
