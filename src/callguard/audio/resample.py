"""Any rate -> 16 kHz, as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callguard.types import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class StreamResampler:
    """Resamples one stream; the samples that come out do not depend on how the stream was cut."""

    def __init__(self, rate: int, channels: int) -> None:
        # Loaded here: a call that is at 16 kHz already does not need it.
        import soxr

        self._channels = channels
        self._stream = None if rate == RATE else soxr.ResampleStream(rate, RATE, channels, dtype="float32")

    def push(self, samples: NDArray[np.float32], *, last: bool = False) -> NDArray[np.float32]:
        """Take samples of shape (n, channels); return those at 16 kHz that are ready, and with `last` all that are left."""
        if self._stream is None:
            return samples
        ready: NDArray[np.float32] = self._stream.resample_chunk(samples, last=last).reshape(-1, self._channels)
        return ready
