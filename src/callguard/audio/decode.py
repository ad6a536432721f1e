"""A recording on disk -> AudioChunks at 16 kHz, decoded as a stream, so that memory does not grow with the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from callguard.audio.resample import StreamResampler
from callguard.errors import InputError
from callguard.types import RATE, AudioChunk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

MOST_CHANNELS = 2


class Recording:
    """An open recording; use it in a `with`.

    Raises:
        InputError: `file_not_found`, `empty_file`, `not_audio`, `no_audio`, `too_many_channels`, each with one line that says what to do.
    """

    def __init__(self, path: Path) -> None:
        # Loaded here: transcripts need no decoder.
        import av

        if not path.is_file():
            raise InputError("file_not_found", f"{path}: there is no such file")
        if path.stat().st_size == 0:
            raise InputError("empty_file", f"{path}: the file is empty; was the recording copied to its end?")
        try:
            self._container = av.open(str(path), metadata_errors="ignore")
        except (av.error.FFmpegError, ValueError) as error:
            raise InputError("not_audio", f"{path}: not a recording that can be decoded ({_reason(error)})") from error
        self.path = path
        if not self._container.streams.audio:
            self._container.close()
            raise InputError("no_audio", f"{path}: the file holds no audio stream")
        self._stream = self._container.streams.audio[0]
        self.channels = self._stream.codec_context.channels
        self.rate = self._stream.codec_context.sample_rate
        if not 1 <= self.channels <= MOST_CHANNELS or self.rate < 1:
            self._container.close()
            code, fact = ("too_many_channels", f"{self.channels} channels") if self.rate else ("not_audio", "no sample rate")
            raise InputError(code, f"{path}: {fact}; export the call as mono or as stereo with one speaker a channel")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._container.close()

    def chunks(self, length_s: float = 60.0) -> Iterator[AudioChunk]:
        """Give the audio in chunks of about `length_s` seconds, float32 of shape (n, channels) at 16 kHz.

        Raises:
            InputError: `no_audio` when not one sample could be decoded. A recording that breaks off later gives what it holds.
        """
        resampler = StreamResampler(self.rate, self.channels)
        due = round(length_s * RATE)
        ready: list[NDArray[np.float32]] = []
        held = done = 0
        for samples in self._decoded():
            ready.append(resampler.push(samples))
            held += len(ready[-1])
            if held >= due:
                yield AudioChunk(done / RATE, np.concatenate(ready), RATE)
                done, held, ready = done + held, 0, []
        ready.append(resampler.push(np.zeros((0, self.channels), np.float32), last=True))
        held += len(ready[-1])
        if held:
            yield AudioChunk(done / RATE, np.concatenate(ready), RATE)
        if not done + held:
            raise InputError("no_audio", f"{self.path}: the header is there but no sound follows it")

    def _decoded(self) -> Iterator[NDArray[np.float32]]:
        """Give decoded samples of shape (n, channels) at the recording's own rate; a broken tail ends them."""
        import av

        to_float = av.AudioResampler(format="flt", layout=self._stream.codec_context.layout, rate=self.rate)
        try:
            for frame in self._container.decode(self._stream):
                for converted in to_float.resample(frame):
                    yield np.nan_to_num(converted.to_ndarray().reshape(-1, self.channels), posinf=1.0, neginf=-1.0)
        except (av.error.FFmpegError, ValueError):
            return


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()
