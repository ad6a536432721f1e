"""Labelled calls as scored turns: what a perfect scorer would hand to the judge."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callguard.policy.judge import Judge
from callguard.policy.rulebook import load
from callguard.types import (
    AGENT_CUES,
    AGENT_LABELS,
    CUSTOMER_CUES,
    CUSTOMER_LABELS,
    LEVEL_OF,
    Call,
    Label,
    Level,
    Outcome,
    Roles,
    RolesHow,
    ScoredTurn,
    Sentiment,
    Speaker,
    Turn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from callguard.policy.rulebook import Rulebook
    from callguard.types import Verdict

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "scripts" / "corpus" / "dialogues"
SHARED = Path(os.environ.get("CALLGUARD_SHARED", ROOT.parent / "shared"))
EXAMPLES = SHARED / "examples" / "dialogues.jsonl"
LABELS_OF_EXAMPLES = Path(__file__).parent / "data" / "dialogue_labels.json"

BALANCED = load("balanced")
ELIGIBLE = frozenset({Outcome.ELIGIBLE_IMMEDIATE, Outcome.ELIGIBLE_TO_END})

_SENTIMENT = {"neg": Sentiment(0.8, 0.15, 0.05), "neu": Sentiment(0.1, 0.8, 0.1), "pos": Sentiment(0.05, 0.15, 0.8)}


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """One turn and the labels that a person gave it."""

    speaker: Speaker
    labels: frozenset[Label]
    text: str
    sentiment: str = "-"


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A call and the outcome that its writer gave it."""

    call_id: str
    outcome: str
    turns: tuple[LabelledTurn, ...]


def read_tsv(path: Path) -> list[LabelledCall]:
    """Read a file of dialogues in the corpus's format."""
    calls: list[tuple[str, str, list[LabelledTurn]]] = []
    for row in path.read_text(encoding="utf-8").splitlines():
        if row.startswith("# id:"):
            words = row.split()
            calls.append((words[2], words[words.index("outcome:") + 1], []))
        elif row.strip() and not row.startswith("#"):
            speaker, _, labels, sentiment, text = row.split("\t")[:5]
            named = frozenset() if labels == "-" else frozenset(Label(label) for label in labels.split(","))
            who = Speaker.CUSTOMER if speaker == "C" else Speaker.AGENT
            calls[-1][2].append(LabelledTurn(who, named, text, sentiment))
    return [LabelledCall(call_id, outcome, tuple(turns)) for call_id, outcome, turns in calls]


def read_examples() -> list[tuple[LabelledCall, dict[str, Any]]]:
    """Join the shared examples with the labels that this project gave their turns; empty where they are absent."""
    if not EXAMPLES.is_file():
        return []
    labels: dict[str, list[list[str]]] = json.loads(LABELS_OF_EXAMPLES.read_text(encoding="utf-8"))
    found = []
    for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
        dialogue = json.loads(line)
        turns = tuple(
            LabelledTurn(Speaker(turn["speaker"]), frozenset(Label(label) for label in named), turn["text"])
            for turn, named in zip(dialogue["turns"], labels[dialogue["id"]], strict=True)
        )
        found.append((LabelledCall(dialogue["id"], dialogue["expected"]["outcome"], turns), dialogue["expected"]))
    return found


def scored(turns: Iterable[LabelledTurn], call_id: str = "c1") -> list[ScoredTurn]:
    """Score each turn with certainty, ten seconds to a turn."""
    return [scored_turn(index, turn, call_id) for index, turn in enumerate(turns)]


def scored_turn(index: int, turn: LabelledTurn, call_id: str = "c1") -> ScoredTurn:
    """Score one turn with certainty."""
    agent = turn.speaker is Speaker.AGENT
    may_have = (*AGENT_LABELS, *AGENT_CUES) if agent else (*CUSTOMER_LABELS, *CUSTOMER_CUES)
    start_s = 10.0 * index
    return ScoredTurn(
        turn=Turn(call_id, index, turn.speaker, turn.text, start_s, start_s + 8.0, start_s + 8.5),
        scores={label: 1.0 if label in turn.labels else 0.0 for label in may_have},
        level=None if agent else max((LEVEL_OF.get(label, Level.NONE) for label in turn.labels), default=Level.NONE),
        directed=Label.DIRECTED in turn.labels,
        sentiment=_SENTIMENT.get(turn.sentiment),
    )


def judge(turns: Sequence[ScoredTurn], rulebook: Rulebook | None = None, *, roles_confidence: float = 1.0) -> Verdict:
    """Judge a whole call, under the default policy unless another is given."""
    call = Call("c1" if not turns else turns[0].turn.call_id, roles=Roles(RolesHow.MANIFEST, roles_confidence))
    judging = Judge(call, rulebook or BALANCED)
    for turn in turns:
        judging.step(turn)
    return judging.verdict()


def script(*rows: str) -> list[ScoredTurn]:
    """Write a call by its labels alone: `A helping_act`, `C personal_insult`, `? personal_insult`; one row a turn.

    Abuse is aimed at the agent unless the row says `elsewhere`.
    """
    who = {"A": Speaker.AGENT, "C": Speaker.CUSTOMER, "?": Speaker.UNKNOWN}
    turns = []
    for index, row in enumerate(rows):
        speaker, *words = row.split()
        labels = {Label(word) for word in words if word != "elsewhere"}
        if any(LEVEL_OF.get(label, Level.NONE) >= Level.ABUSIVE for label in labels):
            labels |= {Label.UNCIVIL} if "elsewhere" in words else {Label.UNCIVIL, Label.DIRECTED}
        turns.append(LabelledTurn(who[speaker], frozenset(labels), f"These are the words of turn {index}."))
    return scored(turns)


def unsure_words(turn: ScoredTurn, confidence: float = 0.3) -> ScoredTurn:
    """Let the recogniser doubt what it heard."""
    return replace(turn, turn=replace(turn.turn, confidence=confidence))
