"""The outside of callguard, as scripts rely on it: lines out, exit codes, one clear line for each fault. The real models run."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sounds
from callguard.types import AGENT_LABELS, CUSTOMER_LABELS, Fact, Outcome

pytestmark = pytest.mark.models
CALLGUARD = str(Path(sys.executable).parent / "callguard")
TURNS = [
    {"speaker": "agent", "text": "Good morning, how can I help?", "start_s": 0.0, "end_s": 2.0},
    {"speaker": "customer", "text": "My parcel is late, and my card is 4111 1111 1111 1111.", "start_s": 2.5, "end_s": 6.0},
]
CALL_KEYS = [
    "call_id", "source", "status", "reason_code", "outcome", "max_level", "first_abuse_turn", "warning_turns", "eligible_from_turn",
    "language", "roles", "facts", "turns", "findings", "would_change", "provenance",
]  # fmt: skip


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([CALLGUARD, *map(str, words)], capture_output=True, text=True, check=False, cwd=cwd)


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_help_answers_at_once() -> None:
    took = []
    for _ in range(3):
        started = time.perf_counter()
        assert run("--help").returncode == 0
        took.append(time.perf_counter() - started)
    assert min(took) < 0.35


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one good call, one silent one, and what may not cost them anything."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "good.json").write_text(json.dumps({"call_id": "good", "agent_id": "a7", "turns": TURNS}))
    (folder / "martian.json").write_text(json.dumps({"turns": [{"speaker": "martian", "text": "hello"}]}))
    (folder / "empty.wav").write_bytes(b"")
    (folder / "header.wav").write_bytes(sounds.wav_header())
    (folder / "text.wav").write_text("this is a text\n" * 50)
    sounds.write(folder / "silence.wav", np.zeros((8000 * 5, 2), np.float32), 8000, "pcm_mulaw")
    (folder / "manifest.csv").write_text("file,call_id,agent_id\nmissing.wav,gone,a9\n")
    return folder


@pytest.fixture(scope="module")
def analysed(odd: Path) -> subprocess.CompletedProcess[str]:
    return run("analyze", odd, "--manifest", odd / "manifest.csv", "--out", odd / "out", "--format", "jsonl")


def test_calls_in_are_lines_out(analysed: subprocess.CompletedProcess[str], odd: Path) -> None:
    assert analysed.returncode == 1
    calls = {call["call_id"]: call for call in lines(analysed)}
    assert {name: call["reason_code"] for name, call in calls.items()} == {
        "gone": "file_not_found",
        "good": None,
        "martian": "unknown_speaker",
        "empty": "empty_file",
        "header": "no_audio",
        "text": "not_audio",
        "silence": None,
    }
    for call in calls.values():
        assert [key for key in call if key in CALL_KEYS] == CALL_KEYS
        assert call["status"] == ("skipped" if call["reason_code"] else "analysed")
    assert (odd / "out" / "calls.jsonl").read_text() == analysed.stdout
    assert (odd / "out" / "index.html").is_file()


def test_each_fault_is_one_clear_line(analysed: subprocess.CompletedProcess[str]) -> None:
    told = [line for line in analysed.stderr.splitlines() if "skipped" in line]
    assert len(told) == 5
    for code in ("file_not_found", "unknown_speaker", "empty_file", "no_audio", "not_audio"):
        assert sum(f"skipped ({code})" in line for line in told) == 1


def test_silence_is_no_error(odd: Path) -> None:
    done = run("analyze", odd / "silence.wav", "--format", "jsonl")
    assert done.returncode == 0
    (call,) = lines(done)
    assert (call["status"], call["outcome"], call["turns"]) == ("analysed", Outcome.CANNOT_TELL, [])
    assert Fact.NO_SPEECH in call["facts"]


def test_a_transcript_becomes_turns_with_every_label_and_no_card_number(analysed: subprocess.CompletedProcess[str]) -> None:
    (call,) = (call for call in lines(analysed) if call["call_id"] == "good")
    agent, customer = call["turns"]
    assert set(agent["labels"]) == set(AGENT_LABELS)
    assert set(customer["labels"]) == set(CUSTOMER_LABELS)
    assert (agent["level"], agent["sentiment"]) == (None, None)
    assert customer["level"] == 0
    assert sum(customer["sentiment"].values()) == pytest.approx(1, abs=0.001)
    assert call["roles"] == {"how": "metadata", "confidence": 1.0}
    assert "4111" not in analysed.stdout
    assert call["provenance"]["asr"] is None
    assert call["provenance"]["policy"].startswith("balanced ")


def test_the_agents_file(analysed: subprocess.CompletedProcess[str], odd: Path) -> None:
    assert analysed.returncode == 1
    with (odd / "out" / "agents.csv").open(newline="") as opened:
        rows = {row["agent_id"]: row for row in csv.DictReader(opened)}
    assert rows["a7"]["calls"] == "1"
    assert rows["unknown"]["calls"] == "1"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["analyze"], "INPUT"),
        (["analyze", "x.json", "--format", "xml"], "jsonl"),
        (["analyze", "x.json", "--policy", "lenient"], "lenient"),
        (["analyze", "x.json", "--channels", "agent,martian"], "channels"),
        (["analyze", "x.json", "--config", "none.toml"], "none.toml"),
        (["analyze", "--manifest", "none.csv"], "none.csv"),
        (["score", "none.jsonl"], "none.jsonl"),
        (["policy", "check", "none.toml"], "none.toml"),
    ],
)
def test_wrong_usage_is_two(words: list[str], told: str, tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_setting_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "callguard.toml").write_text("[audio]\ncolour = 1\n")
    done = run("analyze", "x.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "callguard.toml: audio.colour" in done.stderr


def test_score_keeps_order_and_other_keys(tmp_path: Path) -> None:
    file = tmp_path / "u.jsonl"
    file.write_text(
        "\n".join([
            json.dumps({"speaker": "customer", "text": "Thank you so much, that's great.", "id": 7}),
            "{",
            json.dumps({"speaker": "agent", "text": "If you keep swearing at me I'll have to end the call."}),
            json.dumps({"speaker": "robot", "text": "hi"}),
        ])
    )  # fmt: skip
    done = run("score", file)
    assert done.returncode == 1
    thanks, broken, warning, robot = lines(done)
    assert (thanks["id"], thanks["level"], thanks["directed"]) == (7, 0, thanks["directed"])
    assert max(thanks["sentiment"], key=thanks["sentiment"].get) == "positive"
    assert set(thanks["labels"]) == set(CUSTOMER_LABELS)
    assert (warning["level"], warning["sentiment"]) == (None, None)
    assert warning["labels"]["warning_given"] >= 0.5
    assert warning["labels"]["warning_without_grounds"] >= 0.5
    assert "line 2" in broken["error"]
    assert "robot" in robot["error"]


def test_a_file_name_that_is_no_text_costs_no_call(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/b\xffd.wav")).write_bytes(b"")
    silence = Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/s\xff.wav"))
    sounds.write(tmp_path / "s.wav", np.zeros((8000, 2), np.float32), 8000).rename(silence)
    (tmp_path / "in" / "good.json").write_text(json.dumps({"turns": TURNS}))
    done = run("analyze", tmp_path / "in", "--out", tmp_path / "out", "--format", "jsonl")
    assert done.returncode == 1
    assert [call["status"] for call in lines(done)] == ["skipped", "analysed", "analysed"]
    assert len((tmp_path / "out" / "calls.jsonl").read_text(encoding="utf-8").splitlines()) == 3
    assert run("analyze", tmp_path / "in").returncode == 1


def test_score_survives_what_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "u.jsonl"
    good = json.dumps({"speaker": "customer", "text": "half \ud800", "note": "\udfff"}).encode()
    file.write_bytes(b"\xff\xfe\n" + b"[" * 100_000 + b"\n" + good + b"\n")
    done = run("score", file)
    assert done.returncode == 1
    bad, deep, scored = lines(done)
    assert "line 1" in bad["error"]
    assert "line 2" in deep["error"]
    assert scored["level"] == 0


def test_workers_give_the_same_lines(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text("\n".join(json.dumps({"call_id": f"c{number}", "turns": TURNS}) for number in range(9)))
    alone, together = run("analyze", file, "--format", "jsonl"), run("analyze", file, "--format", "jsonl", "--workers", "2")
    assert alone.returncode == together.returncode == 0
    assert alone.stdout == together.stdout


def test_models_and_policy() -> None:
    assert run("models", "verify").returncode == 0
    listed = run("models", "list").stdout
    assert [line.split("\t")[0] for line in listed.splitlines()] == ["silero-vad-v6", "moonshine-tiny-en", "turn-classifier"]
    for profile in ("as_written", "protective", "balanced", "cautious"):
        assert run("policy", "check", profile).stdout.startswith(f"{profile} ")
