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
from callguard.types import Fact, Level, Speaker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callguard.types import AgentLoad, CallReport, Finding, ScoredTurn, Verdict


@dataclass(frozen=True, slots=True)
class Listed:
    """A call, redacted, and the address of its page seen from the list; None where it has none."""

    report: CallReport
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the list."""

    report: CallReport
    href: str | None
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
class Step:
    """A rung of the ladder to a permission, and the turn that reached it."""

    text: str
    holds: bool
    answer: str
    """In words; where there is a turn, its time says it instead."""
    index: int | None = None
    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Links:
    """Where a call's page leads to, as relative addresses."""

    audio: str | None = None
    previous: str | None = None
    following: str | None = None


def index_page(listed: Sequence[Listed], loads: Sequence[AgentLoad]) -> str:
    """Write the list of every call that went in, and what each agent was exposed to."""
    reports = [item.report for item in listed]
    read = sorted((item for item in listed if item.report.verdict), key=lambda item: queue.key(item.report))
    entries = [Entry(item.report, item.href, _words(item.report), queue.deciding(item.report)) for item in read]
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
        outcomes=[(words.title, n) for words in wording.OUTCOMES.values() if (n := sum(e.words is words for e in entries))],
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
        words=_words(report),
        links=links,
        picture=timeline.timeline(report),
        steps=_steps(report, verdict),
        lines=[_line(scored, report) for scored in report.turns],
        estimated=any(t.turn.times_estimated for t in report.turns),
        findings=sorted(verdict.findings, key=lambda f: (f.at_s, f.rule_id)),
    )


def _words(report: CallReport) -> wording.OutcomeWords:
    return wording.outcome(report.verdict.outcome if report.verdict else None)


def _tallies(reports: Sequence[CallReport]) -> list[tuple[str, int, str]]:
    read = [queue.group(r) for r in reports if r.verdict is not None]
    return [
        ("calls", len(reports), "that went in"),
        ("flagged", sum(g in queue.FLAGGED for g in read), "ask a person for something"),
        ("cannot tell", sum(g is queue.Group.UNCLEAR for g in read), "need an ear"),
        ("not analysed", len(reports) - len(read), "listed below with the reason"),
    ]


def _steps(report: CallReport, verdict: Verdict) -> list[Step]:
    """Say what held and what was missing, in the order in which a permission is earned."""
    start_s = {t.turn.index: t.turn.start_s for t in report.turns}

    permitted = verdict.eligible_from_turn is not None
    unasked = "not asked for" if permitted else "no"
    helped = Fact.HELPING_ACT in verdict.facts

    def step(text: str, index: int | None, *, missing: str = "no") -> Step:
        holds = index is not None
        return Step(text, holds, "yes" if holds else missing, index=index if index in start_s else None, at_s=start_s.get(index or 0, 0.0))

    return [
        step("Abuse, level 2 or above", verdict.first_abuse_turn),
        Step("The agent helped or offered to", helped, "yes" if helped else unasked),
        step("A valid warning", verdict.warning_turns[0] if verdict.warning_turns else None, missing=unasked),
        step("Permission to end", verdict.eligible_from_turn),
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
    environment.filters |= {"prose": wording.prose, "policy": wording.policy}
    return environment


@cache
def _source(name: str) -> str:
    """Read a style or script that belongs to the package; nobody else's words are in it, so it goes into the page as it is."""
    environment = _environment()
    if environment.loader is None:
        raise LookupError(name)
    return environment.loader.get_source(environment, name)[0]
