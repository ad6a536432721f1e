"""The vocabulary in plain words: what an outcome means, who may act on it, and what a label, fact or level is called.

A supervisor reads these and nothing else, so each outcome says first what is allowed and then whose decision it is. The product itself
never ends a call and never bans a customer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callguard.types import Fact, Label, Level, Outcome, RolesHow, Status

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """An outcome for people."""

    title: str
    meaning: str
    who: str
    """Who may act, and on what."""
    tone: str
    """Name of a style; the title always says the same in words."""
    sign: str
    """One character, so that the tone is never carried by colour alone."""


OUTCOMES: Mapping[Outcome, OutcomeWords] = {
    Outcome.NEVER_END_ROUTE_TO_HELP: OutcomeWords(
        "Never end: route to help",
        "The caller disclosed a risk of self-harm. That overrides every rule about abuse for the rest of the call.",
        "The agent stays on the line. A supervisor joins now and follows the self-harm drill.",
        "safety",
        "✚",
    ),
    Outcome.EMERGENCY_SAFETY_PROTOCOL: OutcomeWords(
        "Emergency: bomb threat protocol",
        "A bomb threat was made. Keeping the caller talking is safer than ending the call.",
        "The agent keeps the caller on the line. A supervisor raises the alarm; security and the police decide the rest.",
        "safety",
        "✚",
    ),
    Outcome.CANNOT_TELL: OutcomeWords(
        "Cannot tell",
        "The recording allows no decision: no speech, an unsupported language, or it is unclear who spoke.",
        "A person listens and decides. There is no recommendation.",
        "plain",
        "?",
    ),
    Outcome.ELIGIBLE_IMMEDIATE: OutcomeWords(
        "May end at once",
        "A threat of violence or a sexual remark was aimed at the agent. The policy asks for no warning.",
        "The agent may end the call without asking anybody. A supervisor acknowledges it; after a threat, so does security.",
        "act",
        "■",
    ),
    Outcome.HUMAN_REVIEW: OutcomeWords(
        "Human review",
        "Both sides were at fault, or the evidence is weak.",
        "A supervisor reads both sides and decides. There is no recommendation to end.",
        "review",
        "◆",
    ),
    Outcome.NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW: OutcomeWords(
        "Not eligible: conduct to review",
        "The policy gave no ground to end, and something on the agent's side needs a look.",
        "A supervisor talks it over with the agent, who may add a note or contest it. It is coaching, not discipline.",
        "review",
        "◆",
    ),
    Outcome.NOT_ELIGIBLE_VULNERABLE: OutcomeWords(
        "Not eligible: vulnerable caller",
        "There was abuse, and the caller had disclosed something that bears on self-control or understanding.",
        "The agent offers an adjustment. A supervisor assists and may take the call over.",
        "care",
        "●",
    ),
    Outcome.ELIGIBLE_TO_END: OutcomeWords(
        "May end under the policy",
        "There was abuse after as many valid warnings as the policy asks for, while the agent was trying to help.",
        "The agent may end the call without asking anybody. A supervisor acknowledges it afterwards.",
        "act",
        "■",
    ),
    Outcome.WARN_FIRST: OutcomeWords(
        "Warn first",
        "There was abuse, and the warnings that the policy asks for had not been given.",
        "The agent may warn: name the behaviour and say that the call will be ended. Until then it is not a ground to end.",
        "warn",
        "▲",
    ),
    Outcome.DEESCALATED: OutcomeWords(
        "De-escalated",
        "There was abuse; a warning or the caller's apology followed, and it stopped.",
        "Nothing has to be decided. Ask the agent whether a break would help.",
        "good",
        "✓",
    ),
    Outcome.CLOSE_COURTEOUSLY: OutcomeWords(
        "Close courteously",
        "Remedies were offered and refused, without abuse. A polite close is not an ending for abuse.",
        "The agent may close kindly and leave the offer open. A manager asks whether the job should have been taken.",
        "plain",
        "○",
    ),
    Outcome.RECOVERED_ALLY: OutcomeWords(
        "Recovered: provisional ally",
        "The call began in justified anger and ended well, with a concrete repair.",
        "Whoever made the promise keeps it: only then is it a recovery.",
        "good",
        "✓",
    ),
    Outcome.NOT_ELIGIBLE_COMPANY_AT_FAULT: OutcomeWords(
        "Not eligible: own it first",
        "The caller was angry with reason: the company had made the mistake. Anger is not abuse.",
        "The agent owns the mistake and repairs it. A manager looks at what broke.",
        "warn",
        "▲",
    ),
    Outcome.NO_ACTION: OutcomeWords("No action", "Nothing in this call asks for a decision.", "Nobody has to act.", "plain", "○"),
}

UNREAD = OutcomeWords("Not analysed", "The call could not be read.", "Mend the input and run it again, or listen to it.", "plain", "!")

LOW_CONFIDENCE = 0.6
"""Below this, words are shown as uncertain. For display only: the policy has its own limits."""

LEVELS: Mapping[Level, str] = {
    Level.NONE: "none",
    Level.UNCIVIL: "uncivil",
    Level.ABUSIVE: "abusive",
    Level.SEVERE: "severe",
    Level.CRITICAL: "critical",
}

STATUSES: Mapping[Status, str] = {
    Status.ANALYSED: "analysed",
    Status.SKIPPED: "skipped",
    Status.QUARANTINED: "held back",
    Status.TRUNCATED: "cut short",
    Status.LIVE: "still going on",
}

ROLES: Mapping[RolesHow, str] = {
    RolesHow.MANIFEST: "from the manifest",
    RolesHow.METADATA: "from the recording's metadata",
    RolesHow.WORDS: "from the words",
    RolesHow.UNKNOWN: "unknown",
}

_LABELS: Mapping[Label, str] = {
    Label.UNDIRECTED_PROFANITY: "swearing, aimed at nobody",
    Label.DIRECTED_PROFANITY: "swearing at the agent",
    Label.DISCRIMINATORY_ABUSE: "discriminatory abuse",
    Label.SEXUAL_HARASSMENT: "sexual remark",
    Label.THREAT_VIOLENCE: "threat of violence",
    Label.THREAT_BOMB: "bomb threat",
    Label.SELF_HARM_RISK: "risk of self-harm",
    Label.QUOTED_ABUSE: "quoted, not used",
    Label.LEGAL_OR_REVIEW_THREAT: "legal or review threat",
    Label.CUSTOMER_APOLOGY: "apology by the customer",
    Label.LEGIT_ANGER: "justified anger",
    Label.ESCALATION_REQUESTED: "asked for a supervisor",
    Label.WARNING_GIVEN: "warning",
    Label.COURTESY_REQUEST: "request to stop, no warning",
    Label.OWNERSHIP: "owned the mistake",
    Label.GOOD_APOLOGY: "apology",
    Label.NON_APOLOGY: "apology that blames",
    Label.AGENT_EXCUSE: "excuse",
    Label.AGENT_DEFENSIVE: "defensive answer",
    Label.AGENT_INSULT: "insult by the agent",
    Label.ESCALATION_DENIED: "supervisor refused",
    Label.ESCALATION_ROUTE_GIVEN: "route to a supervisor given",
    Label.MISREPRESENTED_SUPERVISOR: "posed as a supervisor",
    Label.TANGIBLE_REPAIR: "concrete repair",
    Label.COMMITMENT_MADE: "promise made",
    Label.CALL_ENDED_BY_AGENT: "agent ended the call",
    Label.DIRECTED: "aimed at the agent",
    Label.BROKEN_PROMISE: "reported a broken promise",
    Label.REPEAT_CONTACT: "not the first contact",
    Label.REMEDY_REFUSED: "refused a remedy",
    Label.HELPING_ACT: "helped or offered to",
    Label.COMPANY_AT_FAULT: "company at fault",
    Label.REMEDY_OFFERED: "offered a remedy",
    Label.AGENT_PROVOCATION: "provocation by the agent",
}

_FACTS: Mapping[Fact, str] = {
    Fact.BROKEN_PROMISE: "a promise was broken",
    Fact.COMPANY_AT_FAULT: "the company was at fault",
    Fact.REPEAT_CONTACT: "not the first contact",
    Fact.LONG_HOLD: "long hold",
    Fact.REMEDIES_EXHAUSTED: "remedies offered and refused",
    Fact.RAISED_VOICE: "louder than the caller's own baseline (never a ground)",
    Fact.AGENT_PROVOCATION: "the agent provoked first",
    Fact.MUTUAL_ESCALATION: "both sides escalated",
    Fact.AGENT_ENDED_WITHOUT_GROUNDS: "the agent ended the call without grounds",
    Fact.MAIN_CONCERN_RESTATED: "the agent restated the main concern",
    Fact.HELPING_ACT: "the agent helped or offered to",
    Fact.ROLES_UNCERTAIN: "unclear who spoke",
    Fact.WORDS_UNCERTAIN: "words uncertain",
    Fact.LANGUAGE_UNSUPPORTED: "language not supported",
    Fact.NO_SPEECH: "no speech found",
}


def label(which: Label) -> str:
    """Name a label for people."""
    return _LABELS.get(which, which.value.replace("_", " "))


def fact(which: Fact) -> str:
    """Name a fact for people."""
    return _FACTS[which]


def outcome(which: Outcome | None) -> OutcomeWords:
    """Say what an outcome means; None is a call that was not analysed."""
    return UNREAD if which is None else OUTCOMES[which]


def prose(text: str) -> str:
    """Put the outcomes that a sentence names by their codes in plain words."""
    codes = "|".join(sorted((outcome.value for outcome in Outcome), key=len, reverse=True))
    return re.sub(rf"\b({codes})\b", lambda found: f"“{OUTCOMES[Outcome(found[0])].title}”", text)


def policy(provenance: str) -> str:
    """Shorten the hash in a policy's `name version sha256`."""
    name, _, digest = provenance.rpartition(" ")
    return f"{name} · {digest[:12]}" if name else provenance


def level(which: Level | None) -> str:
    """Name a level with its number, for example "level 2, abusive"."""
    return "no level" if which is None else f"level {int(which)}, {LEVELS[which]}"


def clock(seconds: float) -> str:
    """Write seconds of a call as m:ss, or h:mm:ss from an hour on."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def sureness(confidence: float | None) -> str:
    """Put a confidence of 0..1 in words and per cent."""
    if confidence is None:
        return "not measured"
    word = "high" if confidence >= 0.85 else "fair" if confidence >= LOW_CONFIDENCE else "low"
    return f"{word}, {confidence:.0%}"
