"""Recordings on disk become float32 at 16 kHz, whatever they were written as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import sounds
from callguard.audio.decode import Recording
from callguard.audio.resample import StreamResampler
from callguard.errors import InputError
from callguard.types import RATE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def decoded(path: Path, length_s: float = 60.0) -> NDArray[np.float32]:
    with Recording(path) as recording:
        return np.concatenate([chunk.samples for chunk in recording.chunks(length_s)])


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_mulaw", "pcm_alaw", "pcm_u8", "pcm_s24le", "pcm_f32le"])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav(tmp_path: Path, rate: int, codec: str, channels: int) -> None:
    path = sounds.write(tmp_path / "a.wav", sounds.tone(1.0, rate, channels), rate, codec)
    samples = decoded(path)
    assert samples.dtype == np.float32
    assert samples.shape[1] == channels
    assert len(samples) == pytest.approx(RATE, abs=RATE * 0.02)
    for channel in range(channels):
        spectrum = np.abs(np.fft.rfft(samples[2000:-2000, channel]))
        assert np.argmax(spectrum) * RATE / (len(samples) - 4000) == pytest.approx(440 * (1 + channel), abs=2)
        assert np.sqrt(np.mean(samples[2000:-2000, channel] ** 2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)


def test_chunks_follow_each_other(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", sounds.tone(3.0, 8000, 2), 8000)
    with Recording(path) as recording:
        chunks = list(recording.chunks(0.5))
    assert len(chunks) > 3
    at = 0
    for chunk in chunks:
        assert chunk.start_s == pytest.approx(at / RATE)
        assert chunk.rate == RATE
        at += len(chunk.samples)
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), decoded(path))


def test_a_recording_that_breaks_off_gives_what_it_holds(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", sounds.tone(2.0, 8000), 8000)
    path.write_bytes(path.read_bytes()[: 44 + 8000 * 2])
    assert len(decoded(path)) == pytest.approx(RATE, abs=RATE * 0.02)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.wav", b"", "empty_file"),
        ("header.wav", sounds.wav_header(), "no_audio"),
        ("text.wav", b"this is a text and not a recording\n" * 40, "not_audio"),
        ("zip.wav", b"PK\x03\x04" + bytes(2000), "not_audio"),
    ],
)
def test_what_is_no_recording(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        decoded(path)
    assert caught.value.reason_code == code
    assert "\n" not in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        Recording(tmp_path / "none.wav")
    assert caught.value.reason_code == "file_not_found"


def test_six_channels_are_refused(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", sounds.tone(0.5, 8000, 6), 8000)
    with pytest.raises(InputError) as caught:
        Recording(path)
    assert caught.value.reason_code == "too_many_channels"


@pytest.mark.parametrize("rate", [8000, 44100])
def test_resampling_does_not_depend_on_the_cuts(rate: int) -> None:
    samples = np.random.default_rng(3).normal(0, 0.2, (rate * 3, 2)).astype(np.float32)

    def resampled(step: int) -> NDArray[np.float32]:
        stream = StreamResampler(rate, 2)
        parts = [stream.push(samples[at : at + step]) for at in range(0, len(samples), step)]
        return np.concatenate([*parts, stream.push(samples[:0], last=True)])

    assert np.array_equal(resampled(rate // 50), resampled(len(samples)))
