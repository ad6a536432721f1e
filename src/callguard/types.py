"""Everything that flows through callguard, from a chunk of audio to a verdict.

All types are frozen dataclasses; names that end in `_s` are seconds of audio time from the start of the call. The vocabulary
(`Label`, `Level`, `Outcome`, `Fact`) is the one that the corpora, the classifier, the policy and the reports share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray


RATE = 16_000
"""Hertz of all audio inside callguard; sources resample at the door."""


class Speaker(StrEnum):
    """Who said a turn."""

    AGENT = "agent"
    CUSTOMER = "customer"
    UNKNOWN = "unknown"


class Level(IntEnum):
    """How severe a turn of customer speech is; agent turns have no level."""

    NONE = 0
    UNCIVIL = 1
    ABUSIVE = 2
    SEVERE = 3
    CRITICAL = 4


class Label(StrEnum):
    """What a turn may be labelled with: the vocabulary's labels, then the cues from which the judge finds facts of the call."""

    # a customer's turn
    UNDIRECTED_PROFANITY = "undirected_profanity"
    DIRECTED_PROFANITY = "directed_profanity"
    PERSONAL_INSULT = "personal_insult"
    DISCRIMINATORY_ABUSE = "discriminatory_abuse"
    SEXUAL_HARASSMENT = "sexual_harassment"
    THREAT_VIOLENCE = "threat_violence"
    THREAT_BOMB = "threat_bomb"
    INTIMIDATION = "intimidation"
    WISH_OF_HARM = "wish_of_harm"
    SELF_HARM_RISK = "self_harm_risk"
    QUOTED_ABUSE = "quoted_abuse"
    LEGAL_OR_REVIEW_THREAT = "legal_or_review_threat"
    SARCASM = "sarcasm"
    CUSTOMER_APOLOGY = "customer_apology"
    LEGIT_ANGER = "legit_anger"
    VULNERABILITY = "vulnerability"
    ESCALATION_REQUESTED = "escalation_requested"
    APPRECIATION = "appreciation"
    CRITICISM = "criticism"
    FIGURE_OF_SPEECH = "figure_of_speech"
    # an agent's turn
    WARNING_GIVEN = "warning_given"
    COURTESY_REQUEST = "courtesy_request"
    OWNERSHIP = "ownership"
    GOOD_APOLOGY = "good_apology"
    NON_APOLOGY = "non_apology"
    AGENT_EXCUSE = "agent_excuse"
    AGENT_DEFENSIVE = "agent_defensive"
    AGENT_INSULT = "agent_insult"
    STONEWALLING = "stonewalling"
    ESCALATION_DENIED = "escalation_denied"
    ESCALATION_ROUTE_GIVEN = "escalation_route_given"
    MISREPRESENTED_SUPERVISOR = "misrepresented_supervisor"
    ASKED_WHAT_IS_FAIR = "asked_what_is_fair"
    TANGIBLE_REPAIR = "tangible_repair"
    COMMITMENT_MADE = "commitment_made"
    VAGUE_PROMISE = "vague_promise"
    CALL_ENDED_BY_AGENT = "call_ended_by_agent"
    WARNING_WITHOUT_GROUNDS = "warning_without_grounds"
    """No scorer gives it: a warning is without grounds when no speech of level >= 2 came before it, which takes the call to know."""
    # cues in a customer's turn
    DIRECTED = "directed"
    UNCIVIL = "uncivil"
    STALKING = "stalking"
    BROKEN_PROMISE = "broken_promise"
    REPEAT_CONTACT = "repeat_contact"
    LONG_HOLD = "long_hold"
    REMEDY_REFUSED = "remedy_refused"
    # cues in an agent's turn
    HELPING_ACT = "helping_act"
    COMPANY_AT_FAULT = "company_at_fault"
    REMEDY_OFFERED = "remedy_offered"
    AGENT_PROVOCATION = "agent_provocation"
    MAIN_CONCERN_RESTATED = "main_concern_restated"


_ORDER = list(Label)
CUSTOMER_LABELS = tuple(_ORDER[: _ORDER.index(Label.WARNING_GIVEN)])
"""Labels that a customer's turn can have."""
AGENT_LABELS = (Label.QUOTED_ABUSE, *_ORDER[_ORDER.index(Label.WARNING_GIVEN) : _ORDER.index(Label.DIRECTED)])
"""Labels that an agent's turn can have: conduct, never an emotion."""
CUSTOMER_CUES = tuple(_ORDER[_ORDER.index(Label.DIRECTED) : _ORDER.index(Label.HELPING_ACT)])
AGENT_CUES = tuple(_ORDER[_ORDER.index(Label.HELPING_ACT) :])

LEVEL_OF: Mapping[Label, Level] = {
    Label.UNCIVIL: Level.UNCIVIL,
    Label.DIRECTED_PROFANITY: Level.ABUSIVE,
    Label.PERSONAL_INSULT: Level.ABUSIVE,
    Label.DISCRIMINATORY_ABUSE: Level.SEVERE,
    Label.SEXUAL_HARASSMENT: Level.SEVERE,
    Label.INTIMIDATION: Level.SEVERE,
    Label.WISH_OF_HARM: Level.SEVERE,
    Label.STALKING: Level.CRITICAL,
    Label.THREAT_VIOLENCE: Level.CRITICAL,
    Label.THREAT_BOMB: Level.CRITICAL,
}
"""The level that a label carries; a turn has the highest level of its labels."""


class Fact(StrEnum):
    """What the judge finds over a whole call."""

    COMPANY_AT_FAULT = "company_at_fault"
    BROKEN_PROMISE = "broken_promise"
    REPEAT_CONTACT = "repeat_contact"
    LONG_HOLD = "long_hold"
    REMEDIES_EXHAUSTED = "remedies_exhausted"
    RAISED_VOICE = "raised_voice"
    AGENT_PROVOCATION = "agent_provocation"
    MUTUAL_ESCALATION = "mutual_escalation"
    AGENT_ENDED_WITHOUT_GROUNDS = "agent_ended_without_grounds"
    MAIN_CONCERN_RESTATED = "main_concern_restated"
    HELPING_ACT = "helping_act"
    ROLES_UNCERTAIN = "roles_uncertain"
    WORDS_UNCERTAIN = "words_uncertain"
    LANGUAGE_UNSUPPORTED = "language_unsupported"
    NO_SPEECH = "no_speech"


class Outcome(StrEnum):
    """What the policy says of a call; the order is that of the decision table."""

    NEVER_END_ROUTE_TO_HELP = "never_end_route_to_help"
    EMERGENCY_SAFETY_PROTOCOL = "emergency_safety_protocol"
    CANNOT_TELL = "cannot_tell"
    ELIGIBLE_IMMEDIATE = "eligible_immediate"
    HUMAN_REVIEW = "human_review"
    NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW = "not_eligible_agent_conduct_review"
    NOT_ELIGIBLE_VULNERABLE = "not_eligible_vulnerable"
    ELIGIBLE_TO_END = "eligible_to_end"
    WARN_FIRST = "warn_first"
    DEESCALATED = "deescalated"
    CLOSE_COURTEOUSLY = "close_courteously"
    RECOVERED_ALLY = "recovered_ally"
    NOT_ELIGIBLE_COMPANY_AT_FAULT = "not_eligible_company_at_fault"
    NO_ACTION = "no_action"


class Status(StrEnum):
    """What became of a call that went in."""

    ANALYSED = "analysed"
    SKIPPED = "skipped"
    QUARANTINED = "quarantined"
    TRUNCATED = "truncated"
    LIVE = "live"


class RolesHow(StrEnum):
    """Where the roles of a call's speakers come from."""

    MANIFEST = "manifest"
    METADATA = "metadata"
    WORDS = "words"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Roles:
    """Where the roles come from and how sure they are, 0..1."""

    how: RolesHow = RolesHow.UNKNOWN
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a call before its first word."""

    call_id: str
    agent_id: str | None = None
    customer_id: str | None = None
    started_at: datetime | None = None
    """Wall time from the record, with a zone."""
    channels: tuple[Speaker, ...] = ()
    """The speaker on each audio channel; empty for a transcript."""
    roles: Roles = Roles()
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of a call's audio."""

    start_s: float
    samples: NDArray[np.float32]
    """Shape (n, channels), -1..1."""
    rate: int
    """Hertz."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of speech on one channel, as the speech gate cut it."""

    channel: int
    speaker: Speaker
    start_s: float
    end_s: float
    known_at_s: float
    """When the gate closed it: `known_at_s - end_s` is the delay that any listener has, live or not."""
    samples: NDArray[np.float32]
    """Shape (n,), 16 kHz."""


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word."""

    text: str
    start_s: float
    end_s: float
    probability: float | None
    """0..1; None where the recognizer gives none."""


@dataclass(frozen=True, slots=True)
class Transcription:
    """What a recognizer heard in one utterance."""

    text: str
    words: tuple[Word, ...]
    confidence: float | None
    """Mean probability of a token, 0..1."""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said without a break."""

    call_id: str
    index: int
    """0-based, in the order in which turns became known."""
    speaker: Speaker
    text: str
    start_s: float
    end_s: float
    known_at_s: float
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    """Of the words, 0..1; None for a transcript that came without."""
    language: str = "en"
    times_estimated: bool = False


@dataclass(frozen=True, slots=True)
class TurnInContext:
    """A turn with up to three turns before it, oldest first: what a scorer sees."""

    turn: Turn
    context: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One scorer's word on one label of one turn."""

    source: str
    """`turn-classifier`, or `pattern:<id>`."""
    label: Label
    score: float
    """0..1, calibrated so that 0.5 is the decision."""
    span: tuple[int, int] | None = None
    """Characters of the turn's text that carried it."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How a customer's words read as text; the three sum to 1. Agent turns have none."""

    negative: float
    neutral: float
    positive: float

    @property
    def value(self) -> float:
        """-1 (negative) .. 1 (positive)."""
        return self.positive - self.negative


@dataclass(frozen=True, slots=True)
class ScoredTurn:
    """A turn and what the scorers, taken together, say of it."""

    turn: Turn
    scores: Mapping[Label, float]
    """Every label and cue that the speaker can have."""
    level: Level | None
    """None on an agent's turn."""
    directed: bool
    sentiment: Sentiment | None
    signals: tuple[Signal, ...] = ()
    """The evidence: what fired, from which scorer, on which words."""

    def has(self, label: Label, threshold: float = 0.5) -> bool:
        """Say whether the label holds at a threshold."""
        return self.scores.get(label, 0.0) >= threshold


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a call met, with the words that ground it."""

    rule_id: str
    """`CG1xx` a turn, `CG3xx` the call."""
    clause: str
    """The policy's own text of the rule."""
    call_id: str
    turn_indexes: tuple[int, ...]
    at_s: float
    quote: str
    """Literally in the transcript, from the first of `turn_indexes`."""
    reason: str
    level: Level = Level.NONE
    confidence: float = 1.0
    possible: bool = False
    """For a person to judge: the words are too uncertain to be a ground."""
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision about ending one call, under one policy."""

    call_id: str
    outcome: Outcome
    max_level: Level
    first_abuse_turn: int | None
    warning_turns: tuple[int, ...]
    eligible_from_turn: int | None
    facts: tuple[Fact, ...]
    findings: tuple[Finding, ...]
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]
    policy_hash: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last event of a call."""

    verdict: Verdict
    end_s: float
    """Length of the call."""


Event = ScoredTurn | Finding | CallEnded
"""What a session gives back, in order."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """With what a verdict was made, so that it can be made again."""

    callguard: str
    policy: str
    """`name version sha256`."""
    asr: str | None
    """Engine and settings; None for a transcript."""
    weights: tuple[tuple[str, str], ...]
    """Name and sha256."""


@dataclass(frozen=True, slots=True)
class CallReport:
    """All that is known of one call that went in, also of one that could not be read."""

    call: Call
    source: str
    status: Status
    provenance: Provenance
    reason_code: str | None = None
    message: str = ""
    """One line for people where the call was not analysed."""
    verdict: Verdict | None = None
    turns: tuple[ScoredTurn, ...] = ()
    duration_s: float = 0.0
    audio: str | None = None
    """Path of the recording, if there is one."""


@dataclass(frozen=True, slots=True)
class AgentLoad:
    """What one agent was exposed to: a measure of the calls, never of the person."""

    agent_id: str
    calls: int
    handled_h: float
    abusive_calls: int
    abusive_calls_per_100: float
    ci_low: float
    ci_high: float
    exposure_min: float
    exposure_min_per_h: float
    dose: float
    dose_flat: float
    dose_steep: float
    longest_run: int
    back_to_back: int
    recovery_coverage: float | None
    post_eligibility_min: float
    ended_after_eligible: int
    promises_made: int
    promises_broken: int
    estimated: bool = field(default=False)
    """True where turns had no times and minutes were counted from words."""
