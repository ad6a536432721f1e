"""Recordings for tests, written byte by byte or encoded by PyAV; no speech synthesis is needed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def tone(seconds: float, rate: int, channels: int = 1) -> NDArray[np.float32]:
    """Give a tone of 440 Hz on the first channel, of 880 Hz on the second; shape (n, channels)."""
    at = np.arange(round(seconds * rate)) / rate
    return np.stack([0.3 * np.sin(2 * np.pi * 440 * (1 + channel) * at) for channel in range(channels)], axis=1).astype(np.float32)


def write(path: Path, samples: NDArray[np.float32], rate: int, codec: str = "pcm_s16le") -> Path:
    """Encode samples of shape (n, channels) into a file whose suffix names the container."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), format="flt", layout=layout)
        frame.sample_rate = rate
        for resampled in av.AudioResampler(format=stream.format, layout=layout, rate=rate).resample(frame):
            for packet in stream.encode(resampled):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def wav_header(rate: int = 8000, channels: int = 1, data_bytes: int = 0) -> bytes:
    """Give the 44 bytes of a PCM WAV header."""
    block = 2 * channels
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + data_bytes,
        b"WAVE",
        b"fmt ",
        16,
        1,
        channels,
        rate,
        rate * block,
        block,
        16,
        b"data",
        data_bytes,
    )
