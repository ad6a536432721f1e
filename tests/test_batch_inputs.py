"""What is a call, and what goes in comes out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from callguard.batch.inputs import find
from callguard.errors import ConfigurationError
from callguard.formats.manifest import read_call_toml, read_manifest
from callguard.types import RolesHow, Speaker

if TYPE_CHECKING:
    from pathlib import Path

TURNS = {"turns": [{"speaker": "agent", "text": "hello"}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.json").write_text(json.dumps({"call_id": "a", **TURNS}))
    (tmp_path / "b.jsonl").write_text("\n".join([json.dumps({"id": "b1", **TURNS}), "", "{", json.dumps(TURNS)]))
    (tmp_path / "notes.txt").write_text("not a call")
    (tmp_path / "settings.json").write_text('{"colour": "blue"}')
    (tmp_path / "c.wav").write_bytes(b"sound")
    sample = tmp_path / "sample"
    sample.mkdir()
    (sample / "call.wav").write_bytes(b"sound")
    (sample / "expected.json").write_text('{"outcome": "no_action"}')
    (sample / "call.toml").write_text(
        'media = "call.wav"\ncall_id = "s"\nagent_id = "dana"\nstarted_at = 2026-11-02T09:14:00Z\nchannels = ["agent", "customer"]\n'
    )
    return tmp_path


def test_a_folder_is_searched_through(folder: Path) -> None:
    found = list(find([str(folder)]))
    assert [each.call.call_id for each in found] == ["a", "b1", "b-3", "b-4", "c", "s"]
    assert [each.error.reason_code if each.error else None for each in found] == [None, None, "not_json", None, None, None]
    sample = found[-1].call
    assert sample.channels == (Speaker.AGENT, Speaker.CUSTOMER)
    assert (sample.agent_id, sample.roles.how, sample.roles.confidence) == ("dana", RolesHow.METADATA, 1.0)
    assert sample.started_at is not None


def test_a_file_named_by_hand_is_a_call(folder: Path) -> None:
    (found,) = find([str(folder / "settings.json")])
    assert found.error is not None
    assert found.error.reason_code == "not_a_transcript"


def test_globs_and_names_that_are_not_there(folder: Path) -> None:
    assert [each.call.call_id for each in find([str(folder / "*.json"), str(folder / "a.json")])] == ["a"]
    for missing in ("none.wav", "none*.wav"):
        (found,) = find([str(folder / missing)])
        assert found.error is not None
        assert found.error.reason_code == "file_not_found"


def test_a_manifest_names_calls_and_a_missing_file_is_one_of_them(folder: Path) -> None:
    manifest = folder / "manifest.csv"
    manifest.write_text('file,call_id,agent_id,channels\nc.wav,c9,kim,"agent,customer"\nnone.wav,n,,\na.json,,lee,\nc2.wav,x,,martian\n')
    found = {each.call.call_id: each for each in find([str(folder / "c.wav")], read_manifest(manifest))}
    assert list(found) == ["c9", "n", "a", "x"]
    assert found["c9"].call.channels == (Speaker.AGENT, Speaker.CUSTOMER)
    assert found["c9"].call.roles.how is RolesHow.MANIFEST
    assert found["a"].call.agent_id == "lee"
    errors = [found[name].error for name in ("n", "x")]
    assert [error.reason_code for error in errors if error] == ["file_not_found", "unknown_speaker"]


@pytest.mark.parametrize("content", ["file,colour\na.wav,blue\n", "call_id\nc1\n"])
def test_a_manifest_that_cannot_be_meant(tmp_path: Path, content: str) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text(content)
    with pytest.raises(ConfigurationError, match="file"):
        read_manifest(manifest)


@pytest.mark.parametrize(
    ("content", "code"),
    [("media = ", "bad_call_toml"), ('media = "a.wav"\ncolour = 1', "bad_call_toml"), ('call_id = "x"', "file_not_found")],
)
def test_a_call_toml_at_fault_is_a_skipped_call(tmp_path: Path, content: str, code: str) -> None:
    file = tmp_path / "call.toml"
    file.write_text(content)
    described = read_call_toml(file)
    assert described.error is not None
    assert described.error.reason_code == code


def test_every_row_of_a_manifest_is_a_call(folder: Path) -> None:
    manifest = folder / "manifest.csv"
    manifest.write_text("file,call_id\nc.wav,first\nc.wav,second\n,third\n,fourth\n")
    found = list(find([], read_manifest(manifest)))
    assert [each.call.call_id for each in found] == ["first", "second", "third", "fourth"]
    assert [each.error is not None for each in found] == [False, False, True, True]


HOSTILE = [
    "[" * 100_000,
    '{"turns": [{"speaker": "agent", "text": "half a character: \\ud800"}], "agent_id": "\\udfff", "call_id": "\\ud800"}',
    '{"turns": [{"speaker": "agent", "text": "hi", "start_s": 0, "end_s": 1' + "0" * 400 + "}]}",
    '{"turns": [{"speaker": "agent", "text": "hi", "start_s": NaN, "end_s": Infinity}]}',
    '{"turns": {"speaker": "agent"}}',
    "null",
]


@pytest.mark.parametrize("name", ["calls.jsonl", "call.json"])
def test_hostile_json_costs_no_other_call_and_can_be_written(tmp_path: Path, name: str) -> None:
    if name == "calls.jsonl":
        (tmp_path / name).write_text("\n".join([*HOSTILE, json.dumps(TURNS)]))
        found = list(find([str(tmp_path)]))
        assert len(found) == len(HOSTILE) + 1
    else:
        found = []
        for number, text in enumerate(HOSTILE):
            (tmp_path / f"{number}.json").write_text(text)
            found += list(find([str(tmp_path / f"{number}.json")]))
        assert len(found) == len(HOSTILE)
    assert [each.error.reason_code if each.error else None for each in found[: len(HOSTILE)]] == [
        "not_json", None, None, None, "not_a_transcript", "not_a_transcript",
    ]  # fmt: skip
    for each in found:
        assert " ".join([each.call.call_id, each.call.agent_id or "", *(turn.text for turn in each.turns)]).encode("utf-8")
        assert all(turn.end_s < 1e6 for turn in each.turns)
    assert found[1].turns[0].text == "half a character: ?"


def test_empty_files_are_told(tmp_path: Path) -> None:
    for name, content in (("e.json", ""), ("e.jsonl", ""), ("blank.jsonl", "\n \n")):
        (tmp_path / name).write_text(content)
        (found,) = find([str(tmp_path / name)])
        assert found.error is not None
        assert found.error.reason_code == "empty_file"
