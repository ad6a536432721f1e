"""Six calls as the engine would report them, and one that could not be read: enough variety for every part of a page."""

from __future__ import annotations

import math
import struct
import wave
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from callguard.types import (
    AGENT_LABELS,
    CUSTOMER_LABELS,
    LEVEL_OF,
    Call,
    CallReport,
    Fact,
    Finding,
    Label,
    Level,
    Outcome,
    Provenance,
    Roles,
    RolesHow,
    ScoredTurn,
    Sentiment,
    Signal,
    Speaker,
    Status,
    Turn,
    Verdict,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

START = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
PROVENANCE = Provenance("0.1.0", "balanced 1 4f1d", "moonshine base", (("turn-classifier", "9a31"),))
HELD, NOT_HELD = 0.93, 0.02


def turn(speaker: Speaker, text: str, start_s: float, end_s: float, **more: object) -> Turn:
    base = Turn(call_id="c", index=0, speaker=speaker, text=text, start_s=start_s, end_s=end_s, known_at_s=end_s, confidence=0.95)
    return replace(base, **more)  # type: ignore[arg-type]


def scored(said: Turn, held: Mapping[Label, str] | None = None, *, mood: tuple[float, float, float] = (0.2, 0.7, 0.1)) -> ScoredTurn:
    """Score a turn: each label that holds, with the words that carry it ("" for none in particular)."""
    held = held or {}
    is_agent = said.speaker is Speaker.AGENT
    scores = {label: HELD if label in held else NOT_HELD for label in (AGENT_LABELS if is_agent else CUSTOMER_LABELS)}
    signals = tuple(
        Signal("pattern:fake", label, HELD, (said.text.index(words), said.text.index(words) + len(words)) if words else None)
        for label, words in held.items()
    )
    return ScoredTurn(
        turn=said,
        scores=scores,
        level=None if is_agent else max((LEVEL_OF.get(label, Level.NONE) for label in held), default=Level.NONE),
        directed=not is_agent and any(LEVEL_OF.get(label, 0) >= 2 for label in held),
        sentiment=None if is_agent else Sentiment(*mood),
        signals=signals,
    )


def talk(call_id: str, lines: Sequence[tuple[str, str, Mapping[Label, str]]]) -> tuple[ScoredTurn, ...]:
    """Time lines one after the other: "a" or "c", the words, the labels that hold."""
    at = 0.4
    turns = []
    for index, (who, text, held) in enumerate(lines):
        end = round(at + 0.9 + 0.34 * len(text.split()), 2)
        speaker = Speaker.AGENT if who == "a" else Speaker.CUSTOMER
        turns.append(scored(turn(speaker, text, at, end, call_id=call_id, index=index), held))
        at = round(end + 0.6, 2)
    return tuple(turns)


def finding(turns: Sequence[ScoredTurn], index: int, rule: tuple[str, str, str], **more: object) -> Finding:
    """Ground a rule (its id, clause and reason) on a whole turn."""
    said = turns[index].turn
    rule_id, clause, reason = rule
    base = Finding(rule_id, clause, said.call_id, (index,), said.start_s, said.text, reason, turns[index].level or Level.NONE)
    return replace(base, **more)  # type: ignore[arg-type]


def verdict(call_id: str, outcome: Outcome, **more: object) -> Verdict:
    base = Verdict(call_id, outcome, Level.NONE, None, (), None, (), (), (), (), "4f1d")
    return replace(base, **more)  # type: ignore[arg-type]


def report(call_id: str, turns: tuple[ScoredTurn, ...], said: Verdict | None, **more: object) -> CallReport:
    call = Call(call_id, "a7", "u9", START, roles=Roles(RolesHow.MANIFEST, 1.0))
    base = CallReport(call, f"calls/{call_id}.wav", Status.ANALYSED, PROVENANCE, verdict=said, turns=turns)
    length_s = max((t.turn.end_s for t in turns), default=0.0) + 1.5
    return replace(base, duration_s=length_s, **more)  # type: ignore[arg-type]


def about(base: CallReport, agent_id: str | None, minutes: float) -> CallReport:
    """Give a call to another agent, some minutes after the first one began."""
    return replace(base, call=replace(base.call, agent_id=agent_id, started_at=START + timedelta(minutes=minutes)))


def led_bulb() -> CallReport:
    """Warned once, insults carry on; a card number is read out on the way."""
    turns = talk(
        "led-bulb",
        [
            ("a", "Thanks for calling Brightline Auto Lighting, this is Dana. How can I help?", {}),
            ("c", "Yeah, the LED bulb you people sold me burned out after three weeks.", {Label.CRITICISM: ""}),
            ("a", "That's way too soon. I can send a new one today. Which card did you pay with?", {Label.HELPING_ACT: ""}),
            ("c", "Four one one one, one one one one, one one one one, one one one one. Look it up, that's what they pay you for.", {}),
            (
                "c",
                "Oh my God. You are so fucking stupid. I already told the last idiot all of this.",
                {Label.DIRECTED_PROFANITY: "You are so fucking stupid", Label.PERSONAL_INSULT: "so fucking stupid"},
            ),
            (
                "a",
                "I do want to get this bulb replaced. But I need you to stop calling me names. If it carries on I'll have to end the call.",
                {Label.WARNING_GIVEN: "If it carries on I'll have to end the call"},
            ),
            (
                "c",
                "End it then! You useless moron, you couldn't find your own ass with a flashlight.",
                {Label.PERSONAL_INSULT: "You useless moron"},
            ),
            (
                "a",
                "I'm ending the call now because of the language. Your bulb is still covered, and you can ask for a review. Goodbye.",
                {Label.CALL_ENDED_BY_AGENT: "I'm ending the call now"},
            ),
        ],
    )
    findings = (
        finding(turns, 4, ("CG110", "Profanity aimed at the agent", "second person, aimed at the agent"), confidence=0.93),
        finding(turns, 5, ("CG120", "A valid warning", "names the behaviour and says that the call will be ended"), confidence=0.93),
        finding(
            turns,
            6,
            ("CG310", "Abuse after the warnings that the profile asks for", "an insult after a valid warning"),
            confidence=0.93,
            quote="You useless moron",
        ),
    )
    said = verdict(
        "led-bulb",
        Outcome.ELIGIBLE_TO_END,
        max_level=Level.ABUSIVE,
        first_abuse_turn=4,
        warning_turns=(5,),
        eligible_from_turn=6,
        facts=(Fact.HELPING_ACT,),
        findings=findings,
        reasons=(
            "Profanity and an insult were aimed at the agent at 0:29.",
            "A valid warning followed: it names the behaviour and says what will happen.",
            "The abuse went on after it, while help was on offer.",
        ),
        would_change=("Without the warning at 0:36 the outcome would be: warn first.",),
    )
    return report("led-bulb", turns, said, audio="recordings/led bulb #1.wav")


def self_harm() -> CallReport:
    turns = talk(
        "night line",
        [
            ("a", "Good evening, you're speaking to Marcus.", {}),
            (
                "c",
                "I can't pay it, I can't sleep. Some nights I think everybody would be better off without me.",
                {Label.SELF_HARM_RISK: ""},
            ),
            ("a", "I'm glad you told me. I'm staying on the line. Are you safe right now?", {}),
        ],
    )
    quote = "I think everybody would be better off without me"
    found = finding(turns, 1, ("CG101", "A risk of self-harm was disclosed", "a wish, in the first person"), quote=quote, confidence=0.81)
    said = verdict(
        "night line",
        Outcome.NEVER_END_ROUTE_TO_HELP,
        facts=(Fact.MAIN_CONCERN_RESTATED,),
        findings=(found,),
        reasons=("A risk of self-harm was disclosed at 0:03. It overrides every rule about abuse.",),
        would_change=("Nothing that is said later in the call changes this.",),
    )
    return about(report("night line", turns, said), "m2", 30)


def possible_threat() -> CallReport:
    """A threat in words that the recognizer was not sure of."""
    turns = talk(
        "hiss-17",
        [
            ("a", "Can you hear me now?", {}),
            ("c", "If you were in front of me I'd break your jaw.", {Label.THREAT_VIOLENCE: "I'd break your jaw"}),
            ("a", "I'm sorry, the line is bad. Could you say that again?", {}),
        ],
    )
    heard = replace(turns[1], turn=replace(turns[1].turn, confidence=0.41))
    turns = (turns[0], heard, turns[2])
    rule = ("CG104", "A threat of violence aimed at the agent", "conditional, second person; the words are uncertain")
    found = finding(turns, 1, rule, possible=True, confidence=0.41)
    said = verdict(
        "hiss-17",
        Outcome.HUMAN_REVIEW,
        max_level=Level.CRITICAL,
        first_abuse_turn=1,
        facts=(Fact.WORDS_UNCERTAIN,),
        findings=(found,),
        reasons=("A possible threat at 0:03: the recognizer was not sure of the words, so a person has to listen.",),
        would_change=("If the words are right, the agent may end at once.",),
    )
    return about(report("hiss-17", turns, said), "a7", 6)


def company_fault() -> CallReport:
    turns = talk(
        "callback",
        [
            ("a", "Thanks for holding, this is Marcus on the warranty desk.", {}),
            (
                "c",
                "I was promised a call back yesterday. Nobody called. This is a damn joke.",
                {Label.LEGIT_ANGER: "I was promised a call back yesterday. Nobody called", Label.UNDIRECTED_PROFANITY: "damn"},
            ),
            (
                "a",
                "You're right, that was our mistake. I'll ring you tomorrow at ten with the part number.",
                {Label.OWNERSHIP: "that was our mistake", Label.COMMITMENT_MADE: "I'll ring you tomorrow at ten"},
            ),
            ("c", "Fine. My lawyer will hear about it otherwise.", {Label.LEGAL_OR_REVIEW_THREAT: "My lawyer will hear about it"}),
        ],
    )
    found = finding(turns, 1, ("CG320", "Justified anger at a mistake of the company", "a promise was broken"), quote="Nobody called")
    said = verdict(
        "callback",
        Outcome.NOT_ELIGIBLE_COMPANY_AT_FAULT,
        facts=(Fact.COMPANY_AT_FAULT, Fact.BROKEN_PROMISE),
        findings=(found,),
        reasons=("The caller was angry with reason, and aimed nothing at the agent.", "A mention of a lawyer is never abuse."),
        would_change=("An insult of the agent would make it: own it, then warn.",),
    )
    return about(report("callback", turns, said), "m2", 55)


def calm() -> CallReport:
    turns = talk(
        "calm",
        [
            ("a", "Hello, how can I help?", {}),
            ("c", "Hi, I'd like to change my address <b>please</b> & thank you.", {Label.APPRECIATION: "thank you"}),
            ("a", "That's done. Anything else?", {}),
            ("c", "No, lovely. Bye!", {}),
        ],
    )
    return about(report("calm", turns, verdict("calm", Outcome.NO_ACTION, reasons=("Nothing was aimed at the agent.",))), "b3", 90)


def silence() -> CallReport:
    said = verdict("silence", Outcome.CANNOT_TELL, facts=(Fact.NO_SPEECH,), reasons=("No speech was found in the recording.",))
    base = report("silence", (), said)
    return replace(base, call=Call("silence"), duration_s=42.0)


def unreadable() -> CallReport:
    return CallReport(
        Call("broken"),
        "calls/broken.wav",
        Status.SKIPPED,
        replace(PROVENANCE, asr=None),
        reason_code="not_audio",
        message="The file is empty: copy it again from the recorder.",
    )


def all_calls() -> list[CallReport]:
    return [calm(), led_bulb(), silence(), unreadable(), company_fault(), self_harm(), possible_threat()]


def words_of(text: str) -> tuple[Word, ...]:
    return tuple(Word(word, i * 0.3, i * 0.3 + 0.25, 0.9) for i, word in enumerate(text.split()))


def write_wav(path: Path, seconds: float) -> None:
    """Write a quiet two-channel tone, so that a player has something to seek in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rate = 8000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        tone = (int(900 * math.sin(2 * math.pi * 220 * n / rate)) for n in range(int(seconds * rate)))
        file.writeframes(b"".join(struct.pack("<hh", sample, -sample) for sample in tone))
