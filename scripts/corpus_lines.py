"""Read the project's own corpus (format: corpus/README.md) into examples for training and evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from callguard.types import AGENT_CUES, AGENT_LABELS, CUSTOMER_CUES, CUSTOMER_LABELS, Label, Speaker, Turn, TurnInContext

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = Path(__file__).parent / "corpus"
NAMES = (*(label.value for label in Label if label is not Label.WARNING_WITHOUT_GROUNDS), "negative", "neutral", "positive")
"""The classifier's outputs, in order."""
_SENTIMENT = {"neg": "negative", "neu": "neutral", "pos": "positive"}
_SPEAKERS = {"A": Speaker.AGENT, "C": Speaker.CUSTOMER}


@dataclass(frozen=True, slots=True)
class Example:
    """A turn and what is known of it: a name that is not in `known` is unknown, never "no"."""

    item: TurnInContext
    known: dict[str, float]
    """Label name -> 0 or 1."""
    sentiment: str | None = None
    any_abuse: float | None = None
    """Whether some label of level >= 2 holds, where a corpus knows that and no more."""
    source: str = "own"


def turn(speaker: Speaker, text: str) -> Turn:
    """Give a turn without times."""
    return Turn("", 0, speaker, text, 0.0, 0.0, 0.0)


def lines(folder: str) -> Iterator[Example]:
    """Give the single lines of `lines` or `test`."""
    for file in sorted((CORPUS / folder).glob("*.tsv")):
        for row in file.read_text(encoding="utf-8").splitlines():
            if row.strip() and not row.startswith("#"):
                cells = [*row.split("\t"), ""]
                before = [part for part in cells[5].split(" | ") if part]
                context = tuple(turn(_SPEAKERS[part[0]], part[3:]) for part in before)
                yield _example(cells, context, f"{folder}/{file.stem}")


def dialogues() -> Iterator[tuple[str, str, list[Example]]]:
    """Give the name, the outcome and the turns of each call."""
    for file in sorted((CORPUS / "dialogues").glob("*.tsv")):
        name = outcome = ""
        turns: list[Example] = []
        for row in [*file.read_text(encoding="utf-8").splitlines(), "# id: end outcome: end"]:
            if row.startswith("# id:"):
                if turns:
                    yield name, outcome, turns
                _, _, name, _, outcome = row.split()[:5]
                turns = []
            elif row.strip() and not row.startswith("#"):
                context = tuple(each.item.turn for each in turns[-3:])
                turns.append(_example([*row.split("\t"), ""], context, f"dialogues/{file.stem}"))


def _example(cells: list[str], context: tuple[Turn, ...], source: str) -> Example:
    speaker = _SPEAKERS[cells[0]]
    possible = (*AGENT_LABELS, *AGENT_CUES) if speaker is Speaker.AGENT else (*CUSTOMER_LABELS, *CUSTOMER_CUES)
    named = set() if cells[2] == "-" else set(cells[2].split(","))
    known = {label.value: float(label.value in named) for label in possible if label is not Label.WARNING_WITHOUT_GROUNDS}
    return Example(TurnInContext(turn(speaker, cells[4]), context), known, _SENTIMENT.get(cells[3]), source=source)
