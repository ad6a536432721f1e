"""What every recognizer does: utterances in, words out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callguard.types import Transcription, Utterance


class Recognizer(Protocol):
    """A speech recognizer. Each result is a function of its own utterance alone."""

    def recognize(self, utterances: Sequence[Utterance]) -> list[Transcription]:
        """Give one transcription an utterance, in order; empty text where it heard no words."""
        ...
