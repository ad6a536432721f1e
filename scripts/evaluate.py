"""Measure: `python scripts/evaluate.py classifier|dialogues [options]`; results go to standard output as a table.

`classifier` scores the project's own test lines, which no training sees, with the shipped model and patterns as users run them.
`dialogues` analyses a file of labelled dialogues (`expected.outcome`) and compares outcomes and turns.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import corpus_lines
import public_corpora
from callguard import engine
from callguard.batch.analyse import analyse_all
from callguard.batch.inputs import find
from callguard.policy import rulebook
from callguard.settings import Settings
from callguard.types import Level, Speaker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from callguard.types import ScoredTurn
    from corpus_lines import Example

ROOT = Path(__file__).parent.parent
NEAR = 0.8
"""Share of common word trigrams from which a test line counts as a near-duplicate of a training line."""


def unseen(test: list[Example], training: list[Example]) -> list[Example]:
    """Drop test lines that are near-duplicates of training lines."""
    known = [_shingles(example) for example in training]
    by_shingle: dict[str, set[int]] = {}
    for number, shingles in enumerate(known):
        for shingle in shingles:
            by_shingle.setdefault(shingle, set()).add(number)
    kept = []
    for example in test:
        mine = _shingles(example)
        near = Counter(number for shingle in mine for number in by_shingle.get(shingle, ()))
        if not any(common / len(mine | known[number]) >= NEAR for number, common in near.most_common(20)):
            kept.append(example)
    return kept


def _shingles(example: Example) -> set[str]:
    words = [each.lower() for each in re.findall(r"[\w']+", example.item.turn.text)]
    return {" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))}


def scores(pairs: Iterable[tuple[bool, bool]]) -> str:
    """Give precision, recall, F1 and the number of positives of (true, said) pairs."""
    counts = Counter(pairs)
    hit, false, missed = counts[True, True], counts[False, True], counts[True, False]
    precision, recall = hit / max(1, hit + false), hit / max(1, hit + missed)
    f1 = 2 * hit / max(1, 2 * hit + false + missed)
    return f"{precision:9.3f} {recall:9.3f} {f1:9.3f} {hit + missed:9d}"


def classifier(options: argparse.Namespace) -> None:
    """Measure the classifiers on the project's test lines."""
    training = [*corpus_lines.lines("lines"), *(turn for _, _, turns in corpus_lines.dialogues() for turn in turns)]
    written = list(corpus_lines.lines("test"))
    test = unseen(written, training)
    scorer = engine.build_scorer()
    started = time.process_time()
    scored = scorer.score([example.item for example in test])
    spent = time.process_time() - started
    near = len(written) - len(test)
    print(f"{len(test)} test lines, {near} near-duplicates of training lines left out; {len(test) / spent:.0f} a CPU second")
    print(f"{'':28s} precision    recall        F1 positives")
    customers = [(example, each) for example, each in zip(test, scored, strict=True) if example.item.turn.speaker is Speaker.CUSTOMER]
    for name, rows in _registers(customers).items():
        pairs = [(_level(example) >= Level.ABUSIVE, (each.level or 0) >= Level.ABUSIVE) for example, each in rows]
        print(f"{'level >= 2, ' + name:28s}{scores(pairs)}")
    for name in corpus_lines.NAMES[:-3]:
        rows = [
            (bool(example.known[name]), each.scores[name] >= 0.5)
            for example, each in zip(test, scored, strict=True)
            if name in example.known
        ]
        if any(true for true, _ in rows):
            print(f"{name:28s}{scores(rows)}")
    if options.data:
        _civil(options.data, scorer)
    if options.wrong:
        for example, each in customers:
            if (_level(example) >= Level.ABUSIVE) != ((each.level or 0) >= Level.ABUSIVE):
                print(f"level {_level(example):d}, said {each.level}: {example.item.turn.text}")


def _civil(data: Path, scorer: object) -> None:
    items = [example.item for example in public_corpora.civil(data, "test") if example.item.turn.speaker is Speaker.CUSTOMER][:6000]
    false = [each for each in scorer.score(items) if (each.level or 0) >= Level.ABUSIVE]  # type: ignore[attr-defined]
    print(f"civil turns of multidogo and banking77 test: {len(false)} of {len(items)} at level >= 2")
    for each in false[:10]:
        print(f"  {each.level}: {each.turn.text}")


def _registers(rows: list[tuple[Example, ScoredTurn]]) -> dict[str, list[tuple[Example, ScoredTurn]]]:
    recognizer = [row for row in rows if row[0].item.turn.text == row[0].item.turn.text.lower()]
    clean = [row for row in rows if row not in recognizer]
    return {"all": rows, "clean": clean, "recognizer style": recognizer}


def _level(example: Example) -> Level:
    from callguard.scoring.scorer import level_of
    from callguard.types import Label

    return level_of({Label(name): value for name, value in example.known.items()})


def dialogues(options: argparse.Namespace) -> int:
    """Compare outcomes with those that people wrote down; any false eligibility is a failure."""
    expected = {record["id"]: record["expected"] for record in map(json.loads, options.file.read_text(encoding="utf-8").splitlines())}
    right = false = 0
    for report in analyse_all(find([str(options.file)]), Settings(), rulebook.load(options.policy)):
        verdict, due = report.verdict, expected[report.call.call_id]
        if verdict is None:
            continue
        same = verdict.outcome == due["outcome"]
        right += same
        false += verdict.outcome.startswith("eligible") and not due["outcome"].startswith("eligible")
        turns = [key for key in ("max_level", "first_abuse_turn", "eligible_from_turn") if key in due and getattr(verdict, key) != due[key]]
        wrong = "".join(f"  {key} {getattr(verdict, key)}, not {due[key]}" for key in turns)
        print(f"{'ok ' if same else 'NOT'} {report.call.call_id:6s} {verdict.outcome:36s} {'' if same else due['outcome']}{wrong}")
        if options.turns and not same:
            for each in report.turns:
                held = " ".join(f"{label}={score:.2f}" for label, score in each.scores.items() if score >= 0.4)
                level = "-" if each.level is None else int(each.level)
                print(f"      {each.turn.index} {each.turn.speaker[:1]} {level} {each.turn.text[:90]} [{held}]")
    print(f"{right} of {len(expected)} outcomes right, {false} falsely eligible")
    return 1 if false else 0


def main() -> int:
    """Run one measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(required=True)
    lines = commands.add_parser("classifier", help="the project's test lines")
    lines.add_argument("--data", type=Path, help="folder of the public corpora, for the civil turns")
    lines.add_argument("--wrong", action="store_true", help="print the lines whose level is wrong")
    lines.set_defaults(run=classifier)
    calls = commands.add_parser("dialogues", help="labelled dialogues")
    calls.add_argument("file", type=Path)
    calls.add_argument("--policy", default="balanced")
    calls.add_argument("--turns", action="store_true", help="print the turns of calls that are wrong")
    calls.set_defaults(run=dialogues)
    options = parser.parse_args()
    return options.run(options) or 0


if __name__ == "__main__":
    sys.exit(main())
