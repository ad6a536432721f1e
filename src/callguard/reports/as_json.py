"""CallReport -> the call object that scripts rely on, and its line of `calls.jsonl`."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from callguard.types import AGENT_LABELS, CUSTOMER_LABELS, Label, Speaker

if TYPE_CHECKING:
    from callguard.types import CallReport, Finding, Provenance, ScoredTurn, Sentiment, Verdict

SCORE_DIGITS = 4
SECOND_DIGITS = 3


def call_object(report: CallReport) -> dict[str, Any]:
    """Build the object of one call: scores 0..1 to four decimals, times in seconds to three.

    A call that was not analysed has the same keys, with nulls and empty lists.
    """
    verdict = report.verdict
    findings = verdict.findings if verdict else ()
    return {
        "call_id": report.call.call_id,
        "source": report.source,
        "status": report.status.value,
        "reason_code": report.reason_code,
        **_decision(verdict),
        "language": _language(report),
        "roles": {"how": report.call.roles.how.value, "confidence": round(report.call.roles.confidence, SCORE_DIGITS)},
        "facts": [fact.value for fact in verdict.facts] if verdict else [],
        "turns": [_turn(scored, groundless=_warned_without_grounds(scored, verdict)) for scored in report.turns],
        "findings": [_finding(finding) for finding in findings],
        "would_change": list(verdict.would_change) if verdict else [],
        "provenance": _provenance(report.provenance),
        "message": report.message,
        "agent_id": report.call.agent_id,
        "customer_id": report.call.customer_id,
        "started_at": report.call.started_at.isoformat().replace("+00:00", "Z") if report.call.started_at else None,
        "duration_s": round(report.duration_s, SECOND_DIGITS),
    }


def line(report: CallReport) -> str:
    """Write a call as one line of JSON, without the line's end; equal reports give equal bytes."""
    return json.dumps(call_object(report), ensure_ascii=False, allow_nan=False)


def _decision(verdict: Verdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"outcome": None, "max_level": None, "first_abuse_turn": None, "warning_turns": [], "eligible_from_turn": None}
    return {
        "outcome": verdict.outcome.value,
        "max_level": int(verdict.max_level),
        "first_abuse_turn": verdict.first_abuse_turn,
        "warning_turns": list(verdict.warning_turns),
        "eligible_from_turn": verdict.eligible_from_turn,
    }


def _language(report: CallReport) -> str | None:
    spoken = Counter(scored.turn.language for scored in report.turns)
    return spoken.most_common(1)[0][0] if spoken else None


def _turn(scored: ScoredTurn, *, groundless: bool) -> dict[str, Any]:
    turn = scored.turn
    return {
        "index": turn.index,
        "speaker": turn.speaker.value,
        "start_s": round(turn.start_s, SECOND_DIGITS),
        "end_s": round(turn.end_s, SECOND_DIGITS),
        "times_estimated": turn.times_estimated,
        "text": turn.text,
        "confidence": None if turn.confidence is None else round(turn.confidence, SCORE_DIGITS),
        "level": None if scored.level is None or turn.speaker is Speaker.AGENT else int(scored.level),
        "labels": _labels(scored, groundless=groundless),
        "sentiment": None if turn.speaker is Speaker.AGENT else _sentiment(scored.sentiment),
    }


def _labels(scored: ScoredTurn, *, groundless: bool) -> dict[str, float]:
    allowed = AGENT_LABELS if scored.turn.speaker is Speaker.AGENT else CUSTOMER_LABELS
    scores = dict(scored.scores)
    scores[Label.WARNING_WITHOUT_GROUNDS] = scores.get(Label.WARNING_GIVEN, 0.0) if groundless else 0.0
    return {label.value: round(scores.get(label, 0.0), SCORE_DIGITS) for label in allowed}


def _warned_without_grounds(scored: ScoredTurn, verdict: Verdict | None) -> bool:
    """No scorer knows it: a warning that a finding cites and that the verdict does not count among the valid ones."""
    if verdict is None or not scored.has(Label.WARNING_GIVEN) or scored.turn.index in verdict.warning_turns:
        return False
    return any(scored.turn.index in finding.turn_indexes for finding in verdict.findings)


def _sentiment(sentiment: Sentiment | None) -> dict[str, float] | None:
    if sentiment is None:
        return None
    return {name: round(getattr(sentiment, name), SCORE_DIGITS) for name in ("negative", "neutral", "positive")}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule_id": finding.rule_id,
        "clause": finding.clause,
        "level": int(finding.level),
        "turn_indexes": list(finding.turn_indexes),
        "at_s": round(finding.at_s, SECOND_DIGITS),
        "quote": finding.quote,
        "reason": finding.reason,
        "confidence": round(finding.confidence, SCORE_DIGITS),
        "possible": finding.possible,
    }


def _provenance(provenance: Provenance) -> dict[str, Any]:
    return {
        "callguard": provenance.callguard,
        "policy": provenance.policy,
        "asr": provenance.asr,
        "weights": dict(provenance.weights),
    }
