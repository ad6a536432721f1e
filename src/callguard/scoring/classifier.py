"""The turn classifier: a fine-tuned MiniLM that reads a turn with up to three turns before it.

It runs as an int8 ONNX graph, one turn a run. Dynamic quantisation takes its scale from the whole batch, so a neighbour in a batch can move
a score; with a batch of one a score is a function of its own turn and context alone, whatever is pushed beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from callguard.types import Label, Sentiment, Speaker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from callguard.types import Turn, TurnInContext

MAX_TOKENS = 160
"""Of turn and context together."""
TURN_TOKENS = 96
"""A longer turn is read in windows of this length; each label takes its highest window."""
WINDOW_STEP = 64
SENTIMENTS = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the classifier says of one turn."""

    scores: Mapping[Label, float]
    sentiment: Sentiment


def encode(tokenizer: Tokenizer, item: TurnInContext) -> list[tuple[list[int], list[int]]]:
    """Give token ids and type ids of each window: `[CLS] speaker: turn [SEP] speaker: earlier turn ... [SEP]`.

    The context keeps its end where there is no room for all of it. Training and run-time share this function.
    """
    cls, sep = _special(tokenizer, "[CLS]"), _special(tokenizer, "[SEP]")
    speaker = tokenizer.encode(f"{_name(item.turn)}:", add_special_tokens=False).ids
    turn = tokenizer.encode(item.turn.text, add_special_tokens=False).ids
    before = " ".join(f"{_name(turn)}: {turn.text}" for turn in item.context)
    context = tokenizer.encode(before, add_special_tokens=False).ids if before else []
    windows = []
    for start in range(0, max(1, len(turn) - TURN_TOKENS + WINDOW_STEP), WINDOW_STEP):
        first = [cls, *speaker, *turn[start : start + TURN_TOKENS], sep]
        room = MAX_TOKENS - len(first) - 1
        second = [*context[-room:], sep] if context else []
        windows.append((first + second, [0] * len(first) + [1] * len(second)))
    return windows


def load_tokenizer(file: Path) -> Tokenizer:
    """Load a tokenizer without the padding and cutting that its file may ask for: `encode` does its own."""
    # Loaded here: `callguard --help` must not wait for it.
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _special(tokenizer: Tokenizer, name: str) -> int:
    token = tokenizer.token_to_id(name)
    if token is None:
        raise ValueError(f"the tokenizer has no {name}")
    return token


def _name(turn: Turn) -> str:
    """The name that the model knows a speaker by; one that is unknown is read as a customer, so that abuse is not missed."""
    return "agent" if turn.speaker is Speaker.AGENT else "customer"


class TurnClassifier:
    """The shipped classifier."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        # Loaded here: `callguard --help` must not wait for it.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._graph = onnxruntime.InferenceSession(str(folder / "model.int8.onnx"), options, providers=["CPUExecutionProvider"])
        self._tokenizer = load_tokenizer(folder / "tokenizer.json")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        names = [config["id2label"][str(index)] for index in range(len(config["id2label"]))]
        self._labels = [(index, Label(name)) for index, name in enumerate(names) if name not in SENTIMENTS]
        self._sentiments = [names.index(name) for name in SENTIMENTS]

    def predict(self, item: TurnInContext) -> Prediction:
        """Score one turn."""
        logits = np.stack([self._run(ids, types) for ids, types in encode(self._tokenizer, item)])
        probabilities = 1 / (1 + np.exp(-logits.max(axis=0)))
        feelings = logits[:, self._sentiments].mean(axis=0)
        shares = np.exp(feelings - feelings.max())
        shares /= shares.sum()
        return Prediction({label: float(probabilities[index]) for index, label in self._labels}, Sentiment(*map(float, shares)))

    def evidence(self, item: TurnInContext, label: Label, *, width: int = 4) -> tuple[int, int] | None:
        """Give the characters that carried a label: the `width` words without which its score falls most (occlusion).

        None for a turn of no more than `width` words: all of it is the evidence.
        """
        words = _words(item.turn.text)
        if len(words) <= width:
            return None
        scores = []
        for first in range(len(words) - width + 1):
            start, end = words[first][0], words[first + width - 1][1]
            scores.append(self.predict(_without(item, start, end)).scores[label])
        best = int(np.argmin(scores))
        return words[best][0], words[best + width - 1][1]

    def _run(self, ids: Sequence[int], types: Sequence[int]) -> NDArray[np.float32]:
        given = {
            "input_ids": np.array([ids], np.int64),
            "attention_mask": np.ones((1, len(ids)), np.int64),
            "token_type_ids": np.array([types], np.int64),
        }
        logits: NDArray[np.float32] = self._graph.run(None, given)[0][0]
        return logits


def _words(text: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        spans.append((start, at))
    return spans


def _without(item: TurnInContext, start: int, end: int) -> TurnInContext:
    text = f"{item.turn.text[:start]}{item.turn.text[end:]}"
    return replace(item, turn=replace(item.turn, text=" ".join(text.split())))
