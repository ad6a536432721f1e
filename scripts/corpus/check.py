"""Hold the corpus files to their format: `python scripts/corpus/check.py [FILE...]`; exit 1 and one line per fault."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from callguard.types import AGENT_CUES, AGENT_LABELS, CUSTOMER_CUES, CUSTOMER_LABELS, LEVEL_OF, Label, Level

_POSSIBLE = {"C": {*CUSTOMER_LABELS, *CUSTOMER_CUES}, "A": {*AGENT_LABELS, *AGENT_CUES} - {Label.WARNING_WITHOUT_GROUNDS}}


def faults(row: str) -> list[str]:
    """Say what is wrong with one row."""
    cells = row.split("\t")
    if len(cells) not in (5, 6):
        return [f"{len(cells)} columns, not 5 or 6"]
    speaker, level, labels, sentiment, text = cells[:5]
    if speaker not in _POSSIBLE:
        return [f"speaker {speaker!r}"]
    named = set() if labels == "-" else set(labels.split(","))
    unknown = named - {label.value for label in _POSSIBLE[speaker]}
    if unknown:
        return [f"labels {sorted(unknown)} are not of {speaker}"]
    held = {Label(name) for name in named}
    found = _customer(held, level, sentiment) if speaker == "C" else _agent(level, sentiment)
    turns = cells[5].split(" | ") if len(cells) == 6 and cells[5] else []
    if len(turns) > 3 or any(turn[:3] not in ("A: ", "C: ") for turn in turns):
        found.append("context is not up to three turns that begin with 'A: ' or 'C: '")
    return [*found, *([] if text.strip() else ["no text"])]


def _customer(held: set[Label], level: str, sentiment: str) -> list[str]:
    found = []
    expected = max((LEVEL_OF[label] for label in held if label in LEVEL_OF), default=Level.NONE)
    if level != str(int(expected)):
        found.append(f"level {level}, labels say {int(expected)}")
    if expected and Label.UNCIVIL not in held:
        found.append("level >= 1 without uncivil")
    if Label.STALKING in held and Label.INTIMIDATION not in held:
        found.append("stalking without intimidation")
    if sentiment not in ("neg", "neu", "pos"):
        found.append(f"sentiment {sentiment!r}")
    return found


def _agent(level: str, sentiment: str) -> list[str]:
    return [] if (level, sentiment) == ("-", "-") else ["an agent's row has no level and no sentiment"]


def main(names: list[str]) -> int:
    """Check the named files, or all of them."""
    files = [Path(name) for name in names] or sorted(Path(__file__).parent.glob("*/*.tsv"))
    bad = rows = 0
    counts: Counter[str] = Counter()
    for file in files:
        for number, row in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not row.strip() or row.startswith("#"):
                continue
            rows += 1
            for fault in faults(row):
                bad += 1
                print(f"{file.name}:{number}: {fault}")
            counts.update(row.split("\t")[2:3][0].split(","))
    print(f"{rows} rows, {bad} faults; " + " ".join(f"{label}={n}" for label, n in counts.most_common()))
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
