"""Score utterances without a call: JSON Lines in, JSON Lines out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from callguard import engine
from callguard.formats.transcript import SPEAKERS, words_of
from callguard.session import CONTEXT_TURNS
from callguard.types import AGENT_LABELS, CUSTOMER_LABELS, Label, Level, Speaker, Turn, TurnInContext

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from callguard.scoring.scorer import TurnScorer
    from callguard.types import ScoredTurn


def score_lines(lines: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Give for each line the line out and, where it could not be scored, the fault; memory does not grow with the input.

    A line that cannot be scored comes back with an `error` in the place of scores, so that lines in = lines out.
    """
    scorer = engine.build_scorer()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            scored = _scored(record, scorer)
        except (ValueError, TypeError, RecursionError) as error:
            fault = f"line {number}: {_said(error)}"
            yield json.dumps({"error": fault}), fault
        else:
            line_out = json.dumps({**record, **scored}, ensure_ascii=False)
            yield line_out.encode("utf-8", "replace").decode("utf-8"), None


def _scored(record: dict[str, object], scorer: TurnScorer) -> dict[str, object]:
    turn = _turn(record)
    before = record.get("context") or []
    if not isinstance(before, list):
        raise TypeError("`context` is not a list of turns")
    context = tuple(_turn(each) for each in before[-CONTEXT_TURNS:])
    (scored,) = scorer.score([TurnInContext(turn, context)])
    possible = AGENT_LABELS if turn.speaker is Speaker.AGENT else CUSTOMER_LABELS
    labels = {label.value: round(scored.scores.get(label, 0.0), 4) for label in possible}
    if turn.speaker is Speaker.AGENT:
        labels[Label.WARNING_WITHOUT_GROUNDS] = 0.0 if _grounds(context, scorer) else labels[Label.WARNING_GIVEN]
    return {
        "level": scored.level,
        "labels": labels,
        "directed": scored.directed,
        "sentiment": _sentiment(scored),
    }


def _grounds(context: tuple[Turn, ...], scorer: TurnScorer) -> bool:
    """Say whether some customer's turn before the warning is of level >= 2."""
    items = [TurnInContext(turn, context[:at]) for at, turn in enumerate(context) if turn.speaker is Speaker.CUSTOMER]
    return any((scored.level or Level.NONE) >= Level.ABUSIVE for scored in scorer.score(items))


def _sentiment(scored: ScoredTurn) -> dict[str, float] | None:
    feeling = scored.sentiment
    if feeling is None:
        return None
    return {"negative": round(feeling.negative, 4), "neutral": round(feeling.neutral, 4), "positive": round(feeling.positive, 4)}


def _turn(record: object) -> Turn:
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise TypeError("an object with `speaker` and `text` is due")
    speaker = SPEAKERS.get(str(record.get("speaker")))
    if speaker is None:
        raise ValueError(f"speaker {record.get('speaker')!r} is neither agent nor customer")
    return Turn("", 0, speaker, words_of(record["text"]), 0.0, 0.0, 0.0)


def _said(error: Exception) -> str:
    return f"not JSON: {error}" if isinstance(error, json.JSONDecodeError) else str(error)
