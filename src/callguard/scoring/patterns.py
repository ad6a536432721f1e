"""Patterns: exact phrases that need no guess, from `patterns/*.toml`, matched by spaCy on a blank English tokenizer.

A phrase is words apart by spaces, matched on spaCy's norm of a token, so that "I'll", "i will", "won't" and "wont" need one spelling each:
`a|b` is either word, `?a` may be there or not, `...` is a gap of up to three words. A pattern fires when one phrase of `any` is there, one
of `and` (if it has such), and none of `unless`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from callguard.errors import ConfigurationError
from callguard.types import Label, Signal, Speaker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from callguard.types import Turn

_GAP = [{"OP": "?"}] * 3
_SHORT = {"is": ("'s",), "am": ("'m", "m"), "are": ("'re", "re"), "have": ("'ve", "ve"), "will": ("'ll",)}
"""Short forms whose norm spaCy leaves open, since "'s" may also be "has" or a genitive."""
_KEYS = {"id", "speaker", "gives", "takes", "score", "any", "and", "unless", "why"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One entry of a pattern file."""

    id: str
    speaker: Speaker
    gives: tuple[Label, ...]
    """Labels that it raises to `score`."""
    takes: tuple[Label, ...]
    """Labels that it keeps the classifier from giving."""
    score: float
    any: tuple[str, ...]
    together: tuple[str, ...]
    unless: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern that fired."""

    pattern: Pattern
    span: tuple[int, int]

    def signals(self) -> list[Signal]:
        """Give one signal for each label that the pattern gives."""
        pattern = self.pattern
        return [Signal(f"pattern:{pattern.id}", label, pattern.score, self.span, pattern.why) for label in pattern.gives]


def read(text: str, where: str) -> list[Pattern]:
    """Read a pattern file.

    Raises:
        ConfigurationError: with every fault, each with file and pattern.
    """
    patterns, faults = [], []
    for entry in tomllib.loads(text).get("pattern", []):
        try:
            patterns.append(_pattern(entry))
        except (KeyError, ValueError) as error:
            faults.append(f"{where}: pattern {entry.get('id', '?')}: {error}")
    if faults:
        raise ConfigurationError("\n".join(faults))
    return patterns


def _pattern(entry: dict[str, Any]) -> Pattern:
    unknown = set(entry) - _KEYS
    if unknown:
        raise ValueError(f"keys {sorted(unknown)} are not known")
    return Pattern(
        id=entry["id"],
        speaker=Speaker(entry["speaker"]),
        gives=tuple(map(Label, entry.get("gives", []))),
        takes=tuple(map(Label, entry.get("takes", []))),
        score=float(entry.get("score", 0.9)),
        any=tuple(entry["any"]),
        together=tuple(entry.get("and", [])),
        unless=tuple(entry.get("unless", [])),
        why=entry["why"],
    )


class Patterns:
    """Compiled patterns."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        # Loaded here: spaCy takes a second or two that only scoring should pay.
        import spacy
        from spacy.matcher import Matcher

        self._patterns = tuple(patterns)
        self._tokenizer = spacy.blank("en").tokenizer
        self._matcher = Matcher(self._tokenizer.vocab)
        for number, pattern in enumerate(self._patterns):
            for part, phrases in (("any", pattern.any), ("and", pattern.together), ("unless", pattern.unless)):
                if phrases:
                    self._matcher.add(f"{number} {part}", [_compiled(phrase) for phrase in phrases], greedy="LONGEST")

    @classmethod
    def shipped(cls) -> Patterns:
        """Compile the patterns that ship with callguard."""
        folder = files("callguard.scoring") / "patterns"
        toml = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
        return cls(pattern for file in toml for pattern in read(file.read_text(encoding="utf-8"), file.name))

    def match(self, turn: Turn) -> list[Hit]:
        """Give the patterns of the turn's speaker that fire on it, in the order of the files."""
        doc = self._tokenizer(turn.text)
        found: dict[str, tuple[int, int]] = {}
        for key, start, end in self._matcher(doc):
            name = self._tokenizer.vocab.strings[key]
            span = doc[start:end]
            known = found.get(name)
            if known is None or span.start_char < known[0]:
                found[name] = (span.start_char, span.end_char)
        speaker = Speaker.AGENT if turn.speaker is Speaker.AGENT else Speaker.CUSTOMER
        hits = []
        for number, pattern in enumerate(self._patterns):
            span_of_any = found.get(f"{number} any")
            if (
                pattern.speaker is speaker
                and span_of_any
                and (not pattern.together or f"{number} and" in found)
                and f"{number} unless" not in found
            ):
                hits.append(Hit(pattern, span_of_any))
        return hits


def _compiled(phrase: str) -> list[dict[str, Any]]:
    """Turn a phrase into a token pattern of spaCy's Matcher."""
    tokens: list[dict[str, Any]] = []
    for word in phrase.split():
        if word == "...":
            tokens.extend(_GAP)
        else:
            optional = word.startswith("?") and len(word) > 1
            either = (word.removeprefix("?") if optional else word).split("|")
            token: dict[str, Any] = {"NORM": {"IN": [*either, *(short for each in either for short in _SHORT.get(each, ()))]}}
            tokens.append({**token, "OP": "?"} if optional else token)
    return tokens
