"""Silero's speech detector (v6, MIT), from the graph that faster-whisper ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_CONTEXT = 64
"""Samples of the frame before that the graph wants in front of each frame."""

State = tuple["NDArray[np.float32]", "NDArray[np.float32]", "NDArray[np.float32]"]
"""The two recurrent states (1, 1, 128) and the last 64 samples."""


class SileroDetector:
    """One graph for all streams; the state of a stream is the caller's."""

    def __init__(self, path: Path) -> None:
        # Loaded here: commands that hear nothing should not pay for it.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._graph = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def start(self) -> State:
        """Give the state before the first frame."""
        zero = np.zeros((1, 1, 128), np.float32)
        return zero, zero, np.zeros(_CONTEXT, np.float32)

    def probability(self, frame: NDArray[np.float32], state: State) -> tuple[float, State]:
        """Give the probability of speech in a frame of 512 samples at 16 kHz, and the state after it."""
        h, c, before = state
        given = np.concatenate([before, frame])[None]
        probability, h, c = self._graph.run(None, {"input": given, "h": h, "c": c})
        return float(np.ravel(probability)[0]), (h, c, frame[-_CONTEXT:])
