"""Speak the written calls in scripts/samples/*.toml: `python scripts/make_samples.py [NAME...]`.

Each script becomes samples/NAME/ with call.wav (channel 0 the agent, channel 1 the customer), call.toml and expected.json. What is expected
is what the script's author declared, never what callguard said. The same scripts, tools and voices give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import soxr

from callguard.types import Level, Outcome, Speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HERE = Path(__file__).parent
RATE = 8_000
"""Hertz: the telephone's."""
CODECS = {"mulaw": "pcm_mulaw", "alaw": "pcm_alaw", "pcm16": "pcm_s16le"}
CHANNELS = (Speaker.AGENT, Speaker.CUSTOMER)
AGENT_VOICE = "cmu_us_slt_arctic_hts"

LEAD_S, TAIL_S = 0.5, 1.0
"""Silence before the first turn and after the last."""
TURN_GAP_S = (0.3, 0.9)
SENTENCE_GAP_S = (0.15, 0.3)
"""Shorter than the silence at which the speech gate closes an utterance (0.5 s): a written turn is heard as one turn."""
SPEECH_DBFS = -23.0
"""Level (root mean square) of each turn."""
NOISE_DBFS = -70.0
"""Level of the noise floor: a line that is open and not digital silence."""
TRIM_DB = -45.0
"""Under its peak by this much, the start and the end of a sentence are the synthesiser's silence."""


@dataclass(frozen=True, slots=True)
class Script:
    """One written call, and what a person expects of it."""

    name: str
    outcome: Outcome
    max_level: Level
    eligible_from_turn: int | None
    caller_voice: str
    codec: str
    seed: int
    call: dict[str, str]
    turns: tuple[tuple[Speaker, str], ...]


def read_script(file: Path) -> Script:
    """Read a written call; a word that is not of the vocabulary is refused."""
    record: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return Script(
        name=file.stem,
        outcome=Outcome(record["outcome"]),
        max_level=Level(record["max_level"]),
        eligible_from_turn=record.get("eligible_from_turn"),
        caller_voice=record["caller_voice"],
        codec=CODECS[record["encoding"]],
        seed=record["seed"],
        call=record["call"],
        turns=tuple((Speaker(turn["speaker"]), turn["text"]) for turn in record["turns"]),
    )


def missing_tools() -> list[str]:
    """Give the Debian packages that are missing here."""
    packages = {"flite": "flite", "text2wave": "festival"}
    missing = [package for tool, package in packages.items() if shutil.which(tool) is None]
    if "festival" in missing:
        return [*missing, "festvox-us-slt-hts"]
    voices = subprocess.run(["festival", "-b", "(print (voice.list))"], capture_output=True, text=True, check=False).stdout
    return missing if AGENT_VOICE in voices else [*missing, "festvox-us-slt-hts"]


def speak(sentence: str, voice: str) -> NDArray[np.float64]:
    """Speak one sentence; give it at the telephone's rate, -1..1, without the silence around it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.wav"
        if voice == AGENT_VOICE:
            command = ["text2wave", "-eval", f"(voice_{voice})", "-o", str(out)]
            subprocess.run(command, input=sentence, text=True, check=True, capture_output=True)
        else:
            subprocess.run(["flite", "-voice", voice, "-t", sentence, "-o", str(out)], check=True, capture_output=True)
        with wave.open(str(out)) as opened:
            rate = opened.getframerate()
            samples = np.frombuffer(opened.readframes(opened.getnframes()), "<i2") / 32768
    samples = np.asarray(soxr.resample(samples, rate, RATE, quality="VHQ"), np.float64)
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 10 ** (TRIM_DB / 20))
    return samples[loud[0] : loud[-1] + 1]


def render(script: Script, say: Callable[[str, str], NDArray[np.float64]]) -> NDArray[np.int16]:
    """Place the turns one after the other, each on its speaker's channel; give 16-bit samples of shape (n, 2)."""
    rng = np.random.default_rng(script.seed)
    placed: list[tuple[int, int, NDArray[np.float64]]] = []
    at = round(LEAD_S * RATE)
    for number, (speaker, text) in enumerate(script.turns):
        at += round(rng.uniform(*TURN_GAP_S) * RATE) if number else 0
        voice = AGENT_VOICE if speaker is Speaker.AGENT else script.caller_voice
        parts: list[NDArray[np.float64]] = []
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            gap = np.zeros(round(rng.uniform(*SENTENCE_GAP_S) * RATE) if parts else 0)
            parts += [gap, say(sentence, voice)]
        samples = _levelled(np.concatenate(parts))
        placed.append((CHANNELS.index(speaker), at, samples))
        at += len(samples)
    mixed = rng.normal(0, 10 ** (NOISE_DBFS / 20), (at + round(TAIL_S * RATE), len(CHANNELS)))
    for channel, start, samples in placed:
        mixed[start : start + len(samples), channel] += samples
    return (np.clip(mixed, -1, 1) * 32767).round().astype("<i2")


def _levelled(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring a turn to the level of the others, but no peak over full scale."""
    wanted = 10 ** (SPEECH_DBFS / 20) / float(np.sqrt(np.mean(samples**2)))
    return samples * min(wanted, 0.98 / float(np.abs(samples).max()))


def write_wav(file: Path, samples: NDArray[np.int16], codec: str) -> None:
    """Write a stereo WAV; bitexact keeps the encoder's version out of the file."""
    with av.open(str(file), "w", format="wav", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(codec, rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), format="s16", layout="stereo")
        frame.rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def describe(script: Script) -> str:
    """Give the text of the call.toml."""
    told = {"media": "call.wav", **script.call, "channels": [str(speaker) for speaker in CHANNELS]}
    # A string or a list of strings reads the same in JSON and in TOML.
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in told.items())


def expect(script: Script) -> str:
    """Give the text of the expected.json; turns are counted from 0 in the script."""
    expected: dict[str, object] = {"outcome": script.outcome, "max_level": int(script.max_level)}
    if script.eligible_from_turn is not None:
        expected["eligible_from_turn"] = script.eligible_from_turn
    expected["script"] = [{"speaker": speaker, "text": text} for speaker, text in script.turns]
    return json.dumps(expected, indent=2) + "\n"


def make(script: Script, folder: Path) -> float:
    """Make one sample's folder; give the call's length in seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = render(script, speak)
    write_wav(folder / "call.wav", samples, script.codec)
    (folder / "call.toml").write_text(describe(script), encoding="utf-8")
    (folder / "expected.json").write_text(expect(script), encoding="utf-8")
    return len(samples) / RATE


def main() -> int:
    """Make the samples that are named, or all."""
    parser = argparse.ArgumentParser(description="Speak the written calls in scripts/samples/*.toml.")
    parser.add_argument("names", nargs="*", help="which scripts; all if none is named")
    parser.add_argument("--out", type=Path, default=HERE.parent / "samples", help="folder of the samples")
    options = parser.parse_args()
    missing = missing_tools()
    if missing:
        print(f"the voices are missing; run: apt-get install {' '.join(missing)}", file=sys.stderr)
        return 2
    files = {file.stem: file for file in sorted((HERE / "samples").glob("*.toml"))}
    unknown = [name for name in options.names if name not in files]
    if unknown:
        print(f"no script is called {', '.join(unknown)}; there are {', '.join(files)}", file=sys.stderr)
        return 2
    for name in options.names or files:
        length_s = make(read_script(files[name]), options.out / name)
        print(f"{name}: {length_s:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
