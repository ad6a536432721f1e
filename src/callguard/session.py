"""The core: one call in, events out.

A session knows no file, clock, network or model name. Live and batch differ only in how big a chunk is pushed: the speech gates count
absolute frames, what they close is put in order by `(known_at_s, channel)`, each utterance is recognised and each turn scored as a
function of itself and of the turns before it, and the judge folds one turn at a time. So the events are the same for every chunk size.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from callguard.types import RATE, CallEnded, Turn, TurnInContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from callguard.types import AudioChunk, Call, Event, Finding, ScoredTurn, Speaker, Transcription, Utterance, Verdict

CONTEXT_TURNS = 3
"""How many earlier turns a scorer sees."""


class Gate(Protocol):
    """Cuts one channel into utterances."""

    def push(self, samples: NDArray[np.float32]) -> list[Utterance]:
        """Take samples of shape (n,) at 16 kHz; return the utterances that they closed."""
        ...

    def finish(self) -> list[Utterance]:
        """Close what is open."""
        ...


class Judge(Protocol):
    """Folds scored turns into findings and a verdict."""

    def step(self, scored: ScoredTurn) -> list[Finding]:
        """Take the next turn; return the findings that it caused."""
        ...

    def verdict(self) -> Verdict:
        """Decide over the turns so far."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The heavy things, shared by all sessions of a process; `engine.py` builds them."""

    new_gate: Callable[[int, Speaker], Gate]
    recognize: Callable[[Sequence[Utterance]], list[Transcription]]
    """One transcription an utterance, in order; empty text where nothing was said."""
    score: Callable[[Sequence[TurnInContext]], list[ScoredTurn]]
    new_judge: Callable[[Call], Judge]


class CallSession:
    """One call, from its first chunk or turn to its verdict."""

    def __init__(self, call: Call, parts: Parts) -> None:
        self._call = call
        self._parts = parts
        self._gates = [parts.new_gate(channel, speaker) for channel, speaker in enumerate(call.channels)]
        self._judge = parts.new_judge(call)
        self._context: deque[Turn] = deque(maxlen=CONTEXT_TURNS)
        self._turns = 0
        self._samples = 0
        self._end_s = 0.0

    @property
    def verdict(self) -> Verdict:
        """The policy's answer over the turns so far."""
        return self._judge.verdict()

    def push(self, chunk: AudioChunk) -> list[Event]:
        """Take the next chunk of audio, of any length, with the call's channels at 16 kHz.

        Raises:
            ValueError: the chunk's rate or number of channels is not the call's.
        """
        if chunk.rate != RATE or chunk.samples.shape[1] != len(self._gates):
            raise ValueError(f"a chunk of {chunk.rate} Hz and {chunk.samples.shape[1]} channels; {RATE} and {len(self._gates)} are due")
        self._samples += len(chunk.samples)
        self._end_s = self._samples / RATE
        closed = [utterance for channel, gate in enumerate(self._gates) for utterance in gate.push(chunk.samples[:, channel])]
        return self._hear(closed)

    def push_turns(self, turns: Iterable[Turn]) -> list[Event]:
        """Take turns that are already words: a transcript enters the same core one step later."""
        due = []
        for turn in turns:
            due.append(TurnInContext(turn, tuple(self._context)))
            self._context.append(turn)
            self._turns += 1
            self._end_s = max(self._end_s, turn.end_s)
        events: list[Event] = []
        for scored in self._parts.score(due) if due else []:
            events.append(scored)
            events.extend(self._judge.step(scored))
        return events

    def finish(self) -> list[Event]:
        """Close the call; the last event is `CallEnded`."""
        events = self._hear([utterance for gate in self._gates for utterance in gate.finish()])
        return [*events, CallEnded(self._judge.verdict(), self._end_s)]

    def _hear(self, closed: list[Utterance]) -> list[Event]:
        if not closed:
            return []
        closed.sort(key=lambda utterance: (utterance.known_at_s, utterance.channel))
        turns: list[Turn] = []
        for utterance, heard in zip(closed, self._parts.recognize(closed), strict=True):
            if heard.text:
                turns.append(self._turn(utterance, heard, self._turns + len(turns)))
        return self.push_turns(turns)

    def _turn(self, utterance: Utterance, heard: Transcription, index: int) -> Turn:
        return Turn(
            call_id=self._call.call_id,
            index=index,
            speaker=utterance.speaker,
            text=heard.text,
            start_s=utterance.start_s,
            end_s=utterance.end_s,
            known_at_s=utterance.known_at_s,
            words=heard.words,
            confidence=heard.confidence,
            language=heard.language,
        )
