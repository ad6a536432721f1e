"""The language of the pattern files, and what the shipped patterns must and must not fire on."""

from __future__ import annotations

import pytest

from callguard.errors import ConfigurationError
from callguard.scoring.patterns import Patterns, read
from callguard.types import Label, Speaker, Turn


def turn(speaker: Speaker, text: str) -> Turn:
    return Turn("c", 0, speaker, text, 0.0, 1.0, 1.0)


def fires(phrases: list[str], text: str, *, together: list[str] | None = None, unless: list[str] | None = None) -> bool:
    head = '[[pattern]]\nid = "p"\nspeaker = "customer"\ngives = ["criticism"]\nwhy = "w"\n'
    toml = f"{head}any = {phrases}\nand = {together or []}\nunless = {unless or []}\n"
    return bool(Patterns(read(toml, "f.toml")).match(turn(Speaker.CUSTOMER, text)))


@pytest.mark.parametrize(
    ("phrases", "text", "expected"),
    [
        (["i will hang up"], "I'll hang up", True),
        (["i will hang up"], "i will HANG up", True),
        (["i will not stay"], "I won't stay", True),
        (["end|close the call"], "close the call", True),
        (["end|close the call"], "close the ticket", False),
        (["end ?this call"], "end call", True),
        (["end ?this call"], "end this call", True),
        (["end ... call"], "end this very long call", True),
        (["end ... call"], "end this so very long call", False),
        (["are going to"], "we're gonna see", True),
        (["cart"], "cartwheel", False),
    ],
)
def test_a_phrase(phrases: list[str], text: str, expected: bool) -> None:  # noqa: FBT001
    assert fires(phrases, text) is expected


def test_together_and_unless() -> None:
    assert fires(["end"], "end it if you shout", together=["shout"])
    assert not fires(["end"], "end it", together=["shout"])
    assert not fires(["end"], "end it as we close", unless=["close"])


def test_the_span_is_the_words() -> None:
    patterns = Patterns(read('[[pattern]]\nid="p"\nspeaker="customer"\ngives=["criticism"]\nwhy="w"\nany=["my lawyer"]', "f"))
    (hit,) = patterns.match(turn(Speaker.CUSTOMER, "Well, my lawyer will call."))
    assert (hit.span, [signal.label for signal in hit.signals()]) == ((6, 15), [Label.CRITICISM])


def test_a_pattern_is_for_one_speaker() -> None:
    patterns = Patterns(read('[[pattern]]\nid="p"\nspeaker="agent"\ngives=["ownership"]\nwhy="w"\nany=["sorry"]', "f"))
    assert patterns.match(turn(Speaker.AGENT, "sorry"))
    assert not patterns.match(turn(Speaker.CUSTOMER, "sorry"))


def test_every_fault_is_told_at_once() -> None:
    entries = ['id="a"\nspeaker="robot"\nany=["x"]', 'id="b"\nspeaker="agent"', 'id="c"\nspeaker="agent"\nany=["x"]\ngives=["nonsense"]']
    toml = "".join(f'[[pattern]]\n{entry}\nwhy="w"\n' for entry in entries)
    with pytest.raises(ConfigurationError) as caught:
        read(toml, "f.toml")
    lines = str(caught.value).splitlines()
    assert [line.split(":")[1].strip() for line in lines] == ["pattern a", "pattern b", "pattern c"]


SHIPPED = Patterns.shipped()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("If you swear at me once more I'll have to end the call.", {Label.WARNING_GIVEN}),
        ("if the insults carry on i'm gonna hang up", {Label.WARNING_GIVEN}),
        ("I'll have to end the call at six because we close then.", set()),
        ("If the line drops I'll call you back.", set()),
        ("Please stop shouting at me.", set()),
        ("I'm ending this call now because of the insults.", {Label.CALL_ENDED_BY_AGENT}),
        ("Thanks, I'm closing the ticket now.", set()),
        ("I'm sorry if you felt that way.", {Label.NON_APOLOGY}),
        ("I'm sorry we lost your parcel.", set()),
        ("You're speaking to the supervisor.", {Label.MISREPRESENTED_SUPERVISOR}),
        ("I'll put you through to the supervisor.", set()),
    ],
)
def test_agents(text: str, expected: set[Label]) -> None:
    hits = SHIPPED.match(turn(Speaker.AGENT, text))
    assert {signal.label for hit in hits for signal in hit.signals()} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I want to die, that's the truth.", {Label.SELF_HARM_RISK}),
        ("I want to diet, is it on the menu?", set()),
        ("There's a bomb under the counter of your branch.", {Label.THREAT_BOMB}),
        ("There's a bath bomb missing from my order.", set()),
        ("I'd like to speak to a manager, please.", {Label.ESCALATION_REQUESTED}),
        ("I spoke to the manager yesterday.", set()),
        ("He called me an idiot.", {Label.QUOTED_ABUSE}),
        ("He called me an idiot and you are one too.", set()),
        ("My solicitor will write to you.", {Label.LEGAL_OR_REVIEW_THREAT}),
        ("My wife died in April and the bills keep coming in her name.", {Label.VULNERABILITY}),
        ("My phone died in April.", set()),
        ("i'm nearly blind so could you read it out", {Label.VULNERABILITY}),
        ("The test was blind, I'm told.", set()),
        ("I shouldn't have shouted at you like that.", {Label.CUSTOMER_APOLOGY}),
        ("You should be sorry about what your driver said.", set()),
    ],
)
def test_customers(text: str, expected: set[Label]) -> None:
    hits = SHIPPED.match(turn(Speaker.CUSTOMER, text))
    assert {signal.label for hit in hits for signal in hit.signals()} == expected
