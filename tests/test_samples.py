"""Each sample is a whole call: audio that decodes, a description that parses, a person's expectation, and words that can be heard."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callguard.audio.decode import Recording
from callguard.formats.manifest import read_call_toml
from callguard.transcript.moonshine import Moonshine
from callguard.transcript.silero import SileroDetector
from callguard.transcript.speech_gate import SpeechGate
from callguard.types import Level, Outcome, RolesHow, Speaker, Utterance
from callguard.weights import verified

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "scripts" / "samples").glob("*.toml"))
NAMES = [script.stem for script in SCRIPTS]
RATE = 8_000
FORMAT_TAGS = {"pcm16": 1, "alaw": 6, "mulaw": 7}
"""The first field of a WAV's `fmt ` chunk, at byte 20."""

each_sample = pytest.mark.parametrize("name", NAMES)


def sample(name: str) -> Path:
    return ROOT / "samples" / name


def written(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "scripts" / "samples" / f"{name}.toml").read_text(encoding="utf-8"))


def expected(name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((sample(name) / "expected.json").read_text(encoding="utf-8"))
    return record


@pytest.fixture(scope="module")
def detector() -> SileroDetector:
    return SileroDetector(verified("silero-vad-v6").path / "silero_vad_v6.onnx")


@pytest.fixture(scope="module")
def recognizer() -> Moonshine:
    return Moonshine(verified("moonshine-tiny-en").path)


def utterances(name: str, detector: SileroDetector) -> list[Utterance]:
    """What the speech gates cut, in the order in which the session hears it."""
    with Recording(sample(name) / "call.wav") as recording:
        gates = [SpeechGate(detector, channel, speaker) for channel, speaker in enumerate((Speaker.AGENT, Speaker.CUSTOMER))]
        closed = [
            each for chunk in recording.chunks() for channel, gate in enumerate(gates) for each in gate.push(chunk.samples[:, channel])
        ]
    closed += [each for gate in gates for each in gate.finish()]
    return sorted(closed, key=lambda each: (each.known_at_s, each.channel))


def plain(text: str) -> str:
    """Lower case without marks; the recognizer writes `to-night`, the scripts `tonight`."""
    return " ".join(re.sub(r"[^a-z ]", " ", text.lower().replace("-", "").replace("'", "")).split())


def test_every_script_has_its_sample_and_no_sample_is_left_over() -> None:
    assert sorted(folder.name for folder in (ROOT / "samples").iterdir() if folder.is_dir()) == NAMES


def test_the_samples_cover_eight_outcomes_agents_industries_and_days() -> None:
    calls = [read_call_toml(sample(name) / "call.toml").call for name in NAMES]

    assert len({expected(name)["outcome"] for name in NAMES}) == 8
    assert len({call.agent_id for call in calls}) == 8
    assert len({call.queue for call in calls}) == 8
    assert len({call.started_at.date() for call in calls if call.started_at}) == 8


@each_sample
def test_a_sample_has_its_three_files_and_the_recording_is_small(name: str) -> None:
    assert sorted(file.name for file in sample(name).iterdir()) == ["call.toml", "call.wav", "expected.json"]
    assert (sample(name) / "call.wav").stat().st_size < 1_300_000


@each_sample
def test_the_description_parses_and_says_who_is_on_which_channel(name: str) -> None:
    described = read_call_toml(sample(name) / "call.toml")

    assert described.error is None
    assert described.media == sample(name) / "call.wav"
    assert described.call.call_id == name
    assert described.call.channels == (Speaker.AGENT, Speaker.CUSTOMER)
    assert described.call.roles.how is RolesHow.METADATA
    assert described.call.agent_id
    assert described.call.customer_id
    assert described.call.started_at is not None
    assert datetime(2026, 11, 1, tzinfo=UTC) <= described.call.started_at < datetime(2026, 11, 16, tzinfo=UTC)


@each_sample
def test_what_is_expected_is_in_the_vocabulary_and_agrees_with_itself(name: str) -> None:
    record = expected(name)
    turns = record["script"]

    assert set(record) <= {"outcome", "max_level", "eligible_from_turn", "script"}
    outcome, level = Outcome(record["outcome"]), Level(record["max_level"])
    assert ("eligible_from_turn" in record) == (outcome in {Outcome.ELIGIBLE_TO_END, Outcome.ELIGIBLE_IMMEDIATE})
    if "eligible_from_turn" in record:
        assert level >= Level.ABUSIVE
        assert turns[record["eligible_from_turn"]]["speaker"] == Speaker.CUSTOMER
    assert 6 <= len(turns) <= 10


@each_sample
def test_what_is_expected_is_what_the_script_declares(name: str) -> None:
    record, script = expected(name), written(name)

    assert {key: record.get(key) for key in ("outcome", "max_level", "eligible_from_turn")} == {
        key: script.get(key) for key in ("outcome", "max_level", "eligible_from_turn")
    }
    assert record["script"] == [{"speaker": turn["speaker"], "text": turn["text"]} for turn in script["turns"]]


@each_sample
def test_the_recording_is_a_stereo_telephone_call_in_the_encoding_that_the_script_names(name: str) -> None:
    head = (sample(name) / "call.wav").read_bytes()[:22]

    assert int.from_bytes(head[20:22], "little") == FORMAT_TAGS[written(name)["encoding"]]
    with Recording(sample(name) / "call.wav") as recording:
        assert (recording.rate, recording.channels) == (RATE, 2)
        assert 20 <= sum(len(chunk.samples) / chunk.rate for chunk in recording.chunks()) <= 60


def test_the_samples_come_in_all_three_encodings() -> None:
    assert {written(name)["encoding"] for name in NAMES} == set(FORMAT_TAGS)


@pytest.mark.models
@each_sample
def test_each_written_turn_is_heard_as_one_turn_of_its_speaker_with_its_key_words(
    name: str, detector: SileroDetector, recognizer: Moonshine
) -> None:
    turns = written(name)["turns"]
    cut = utterances(name, detector)

    assert [each.speaker for each in cut] == [turn["speaker"] for turn in turns]
    lost = [
        (key, heard.text)
        for turn, heard in zip(turns, recognizer.recognize(cut), strict=True)
        for key in turn.get("must_hear", [])
        if plain(key) not in plain(heard.text)
    ]
    assert lost == []


def test_without_the_voices_one_line_says_what_to_install(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_samples.py"), "--out", str(tmp_path)],
        env={"PATH": str(tmp_path), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 2
    assert ran.stderr == "the voices are missing; run: apt-get install flite festival festvox-us-slt-hts\n"
    assert list(tmp_path.iterdir()) == []
