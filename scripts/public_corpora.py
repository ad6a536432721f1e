"""Read public corpora (one shape: `NAME/{train,dev,test}.jsonl.xz`) into examples; what a corpus does not say stays unknown."""

from __future__ import annotations

import difflib
import json
import lzma
import random
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from callguard.types import LEVEL_OF, Label, Level, Speaker, TurnInContext
from corpus_lines import Example, turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CIVIL = {
    label.value: 0.0
    for label in (
        *LEVEL_OF,
        Label.SELF_HARM_RISK,
        Label.QUOTED_ABUSE,
        Label.UNDIRECTED_PROFANITY,
        Label.LEGAL_OR_REVIEW_THREAT,
        Label.SARCASM,
    )
}
"""What does not hold of a civil customer's turn."""
_CIVIL_AGENT = {
    label.value: 0.0
    for label in (
        Label.WARNING_GIVEN,
        Label.COURTESY_REQUEST,
        Label.AGENT_EXCUSE,
        Label.AGENT_DEFENSIVE,
        Label.AGENT_INSULT,
        Label.AGENT_PROVOCATION,
        Label.STONEWALLING,
        Label.MISREPRESENTED_SUPERVISOR,
        Label.ESCALATION_DENIED,
        Label.CALL_ENDED_BY_AGENT,
    )
}
_ABUSE = [label.value for label, level in LEVEL_OF.items() if level >= Level.ABUSIVE]
_SENTIMENT = {"neg": "negative", "neu": "neutral", "pos": "positive"}


def records(data: Path, corpus: str, split: str) -> Iterator[dict[str, object]]:
    """Give the records of one split."""
    with lzma.open(data / corpus / f"{split}.jsonl.xz", "rt", encoding="utf-8") as opened:
        for line in opened:
            yield json.loads(line)


def civil(data: Path, split: str) -> Iterator[Example]:
    """Give civil service turns of multidogo and banking77, both sides."""
    for record in records(data, "multidogo", split):
        agent = record["speaker"] == "agent"
        speaker = Speaker.AGENT if agent else Speaker.CUSTOMER
        context = tuple(turn(Speaker.CUSTOMER if agent else Speaker.AGENT, text) for text in record["context"][-1:])
        yield Example(TurnInContext(turn(speaker, record["text"]), context), _CIVIL_AGENT if agent else CIVIL, source="multidogo")
    for record in records(data, "banking77", split):
        yield Example(TurnInContext(turn(Speaker.CUSTOMER, record["text"])), CIVIL, source="banking77")


def swearing_at_things(data: Path, split: str) -> Iterator[Example]:
    """Give bitext's templated requests, of which some swear at the thing."""
    for record in records(data, "bitext_cs", split):
        known = {**CIVIL, "undirected_profanity": float(record["labels"]["u_profanity_undirected"])}
        yield Example(TurnInContext(turn(Speaker.CUSTOMER, record["text"])), known, source="bitext_cs")


def convabuse(data: Path, split: str) -> Iterator[Example]:
    """Give what users say to a chatbot, with its turn before."""
    for record in records(data, "convabuse", split):
        labels = record["labels"]
        abusive = float(labels["u_abusive"])
        sides = (Speaker.AGENT, Speaker.CUSTOMER, Speaker.AGENT)
        context = tuple(turn(side, text) for side, text in zip(sides, record["context"][-3:], strict=False))
        known = dict.fromkeys([*_ABUSE, "uncivil"], 0.0)
        if abusive:
            hate = max(labels[kind] for kind in ("racist", "sexist", "homophobic", "ableist", "transphobic"))
            known = {"uncivil": 1.0, "directed": float(labels["t_system"] > 0.5)}
            known |= {"sexual_harassment": float(labels["sex_harassment"] > 0.5)} if labels["sex_harassment"] in (0, 1) else {}
            known |= {"personal_insult": 1.0} if labels["intellectual"] > 0.5 and labels["t_system"] > 0.5 else {}
            known |= {"discriminatory_abuse": 0.0} if hate == 0 else {}
        yield Example(TurnInContext(turn(Speaker.CUSTOMER, record["text"]), context), known, any_abuse=abusive, source="convabuse")


def sentiment(data: Path, split: str) -> Iterator[Example]:
    """Give turns with a sentiment of goemotions and topicalchat."""
    for corpus in ("goemotions", "topicalchat_sentiment"):
        for record in records(data, corpus, split):
            value = record["labels"].get("u_sentiment")
            if value is not None:
                yield Example(TurnInContext(turn(Speaker.CUSTOMER, record["text"])), {}, _SENTIMENT[value], source=corpus)


def confusions(data: Path) -> dict[str, list[str]]:
    """Learn what a recognizer makes of words: pairs of a word and what was heard for it, from real recognizer output."""
    heard: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records(data, "topicalchat_asr", "test"):
        said = _plain(record["labels"]["reference"])
        got = _plain(record["text"])
        for op, a, b, c, d in difflib.SequenceMatcher(None, said, got, autojunk=False).get_opcodes():
            if op == "replace" and b - a == d - c == 1:
                heard[said[a]][got[c]] += 1
    return {word: list(found.elements()) for word, found in heard.items()}


def _plain(text: str) -> list[str]:
    return "".join(sign for sign in text.lower() if sign.isalnum() or sign in " '").split()


class RecognizerStyle:
    """Rewrites a clean line as a recognizer would give it."""

    def __init__(self, heard: dict[str, list[str]], seed: int) -> None:
        self._heard = heard
        self._random = random.Random(seed)  # noqa: S311

    def __call__(self, text: str) -> str:
        """Lower case, no punctuation, a few disfluencies and word errors."""
        words = []
        for word in _plain(text):
            if self._random.random() < 0.02:
                words.append(self._random.choice(["uh", "um", word]))
            swap = self._heard.get(word)
            words.append(self._random.choice(swap) if swap and self._random.random() < 0.06 else word)
        return " ".join(words) or text
