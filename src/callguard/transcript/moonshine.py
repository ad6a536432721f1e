"""The moonshine recognizer (tiny, English, MIT) on plain onnxruntime.

The two graphs run greedily, one utterance at a time, so that no neighbour in a batch can change a word. Half a second of silence around the
utterance lowers the word error rate of read speech from 5.1 to 2.9 %. The graphs give no word times: they are spread over the utterance by
the words' lengths.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from callguard.types import RATE, Transcription, Word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from callguard.types import Utterance

_LAYERS, _HEADS, _WIDTH = 6, 8, 36
_BOS, _EOS = 1, 2
_TOKENS_A_SECOND = 6.5
"""Faster than anybody speaks: more is the decoder repeating itself."""
_SILENCE_BEFORE_S, _SILENCE_AFTER_S = 0.1, 0.4
_SPACE = "▁"
_OLD_SPELLING = re.compile(r"\b(to-(?:day|night|morrow)|good-(?:bye|night|day))\b", re.IGNORECASE)
"""The model learned from audiobooks and spells some words as they did; everything after it knows today's spelling."""


class Moonshine:
    """Recognizes English."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        # Loaded here: commands that hear nothing should not pay for it.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        self._encoder = onnxruntime.InferenceSession(str(folder / "encoder_model.ort"), options, providers=providers)
        self._decoder = onnxruntime.InferenceSession(str(folder / "decoder_model_merged.ort"), options, providers=providers)
        self._outputs = [output.name for output in self._decoder.get_outputs()]
        self._vocabulary = read_vocabulary((folder / "tokenizer.bin").read_bytes())

    def recognize(self, utterances: Sequence[Utterance]) -> list[Transcription]:
        """Give one transcription an utterance, in order; empty text where it heard no words."""
        return [self._recognize(utterance) for utterance in utterances]

    def _recognize(self, utterance: Utterance) -> Transcription:
        tokens, logprobs = self._decode(utterance.samples)
        words = [(_OLD_SPELLING.sub(_today, text), p) for text, p in _words([self._vocabulary[token] for token in tokens], logprobs)]
        return Transcription(
            text=" ".join(text for text, _ in words),
            words=_timed(words, utterance.start_s, utterance.end_s),
            confidence=float(np.exp(np.mean(logprobs))) if logprobs else None,
        )

    def _decode(self, samples: NDArray[np.float32]) -> tuple[list[int], list[float]]:
        """Give the tokens heard in (n,) samples, and the log-probability of each."""
        before = np.zeros(round(_SILENCE_BEFORE_S * RATE), np.float32)
        after = np.zeros(round(_SILENCE_AFTER_S * RATE), np.float32)
        audio = np.concatenate([before, samples, after])[None]
        mask = np.ones(audio.shape, np.int64)
        (hidden,) = self._encoder.run(None, {"input_values": audio, "attention_mask": mask})
        cache: dict[str, Any] = {
            f"past_key_values.{layer}.{side}.{kind}": np.zeros((0, _HEADS, 1, _WIDTH), np.float32)
            for layer in range(_LAYERS)
            for side in ("decoder", "encoder")
            for kind in ("key", "value")
        }
        tokens: list[int] = []
        logprobs: list[float] = []
        last = _BOS
        for step in range(max(8, int(_TOKENS_A_SECOND * audio.shape[1] / RATE))):
            given = {
                "input_ids": np.array([[last]], np.int64),
                "encoder_hidden_states": hidden,
                "encoder_attention_mask": mask,
                "use_cache_branch": np.array([step > 0]),
                **cache,
            }
            named = dict(zip(self._outputs, self._decoder.run(None, given), strict=True))
            logits = named["logits"][0, -1].astype(np.float64)
            last = int(np.argmax(logits))
            if last == _EOS:
                break
            tokens.append(last)
            peak = logits[last]
            logprobs.append(float(-np.log(np.sum(np.exp(logits - peak)))))
            for name in cache:
                # After the first step the graph gives back empty encoder states: the first ones stay.
                if step == 0 or ".decoder." in name:
                    cache[name] = named[name.replace("past_key_values", "present")]
        return tokens, logprobs


def read_vocabulary(data: bytes) -> list[bytes]:
    """Read `tokenizer.bin`: each token is its length (one byte, or two from 128 on) and its bytes."""
    tokens = []
    at = 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length = data[at] * 128 + length - 128
            at += 1
        tokens.append(data[at : at + length])
        at += length
    return tokens


def _words(tokens: list[bytes], logprobs: list[float]) -> list[tuple[str, float]]:
    """Join tokens into words, each with the geometric mean of its tokens' probabilities."""
    groups: list[tuple[bytes, list[float]]] = []
    space = _SPACE.encode()
    for token, logprob in zip(tokens, logprobs, strict=True):
        piece = token
        if piece.startswith(b"<0x"):
            piece = bytes([int(piece[3:5], 16)])
        if piece.startswith((space, b" ")) or not groups:
            groups.append((piece.removeprefix(space).removeprefix(b" "), [logprob]))
        else:
            text, parts = groups[-1]
            groups[-1] = (text + piece, [*parts, logprob])
    words = ((text.decode("utf-8", "replace").strip(), float(np.exp(np.mean(parts)))) for text, parts in groups)
    return [(text, probability) for text, probability in words if text]


def _today(found: re.Match[str]) -> str:
    return found[0].replace("-", "")


def _timed(words: list[tuple[str, float]], start_s: float, end_s: float) -> tuple[Word, ...]:
    """Spread words over the utterance by their lengths, each a character longer for the gap."""
    total = sum(len(text) + 1 for text, _ in words)
    timed = []
    at = 0
    for text, probability in words:
        begin, at = at, at + len(text) + 1
        timed.append(Word(text, start_s + (end_s - start_s) * begin / total, start_s + (end_s - start_s) * at / total, probability))
    return tuple(timed)
