"""The project's corpus keeps its own format, and its test lines stay apart from its training lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CORPUS = Path(__file__).parent.parent / "scripts" / "corpus"


def rows(folder: str) -> list[list[str]]:
    files = sorted((CORPUS / folder).glob("*.tsv"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


def test_every_file_keeps_the_format() -> None:
    done = subprocess.run([sys.executable, CORPUS / "check.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_test_line_of_five_words_or_more_is_a_training_line() -> None:
    training = {row[4].lower() for folder in ("lines", "dialogues") for row in rows(folder)}
    test = {row[4].lower() for row in rows("test") if len(row[4].split()) >= 5}
    assert not training & test


def test_there_is_something_of_everything() -> None:
    labels = {label for row in rows("test") for label in row[2].split(",")}
    assert {"threat_bomb", "self_harm_risk", "warning_given", "quoted_abuse", "figure_of_speech", "-"} <= labels
