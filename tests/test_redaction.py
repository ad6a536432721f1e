"""What must not be written, and the near-misses that must stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callguard.redaction import luhn_valid, masked, moved, redact, spans

MASKED = [
    # cards, in figures
    ("My card is 4111 1111 1111 1111.", "My card is [card number]."),
    ("4111-1111-1111-1111", "[card number]"),
    ("it's 4111, 1111, uh, 1111 and 1111 okay", "it's [card number] okay"),
    ("Amex 378282246310005 please", "Amex [card number] please"),
    ("4111111111111111 12 27 123", "[card number]"),
    # and in words
    ("four one one one one one one one one one one one one one one one", "[card number]"),
    ("four triple one, double one double one, one one one one, one one one one thanks", "[card number] thanks"),
    ("forty-one eleven eleven eleven eleven eleven eleven eleven", "[card number]"),
    ("it ends double five oh four two nine one", "it ends [number]"),
    # secrets that are secret by their name
    ("the CVV is 123", "the CVV is [security code]"),
    ("security code? one two three", "security code? [security code]"),
    ("the three digits on the back are 9 8 7", "the three digits on the back are [security code]"),
    ("123 is my security code", "[security code] is my security code"),
    ("expires 12/27", "expires [expiry date]"),
    ("expiry date oh three twenty seven", "expiry date [expiry date]"),
    ("my pin is 4821", "my pin is [PIN]"),
    ("The PIN number's four eight two one.", "The PIN number's [PIN]."),
    ("the passcode is 994210", "the passcode is [PIN]"),
    ("social security number 078-05-1120", "social security number [social security number]"),
    ("the last four of my social are 1120", "the last four of my social are [social security number]"),
    ("sort code 20-00-00, account number 55779911", "sort code [sort code], account number [account number]"),
    ("it's AB 12 34 56 C", "it's [national insurance number]"),
    ("IBAN GB82 WEST 1234 5698 7654 32 thanks", "IBAN [IBAN] thanks"),
    # addresses
    ("write to jane.doe@example.co.uk.", "write to [email]."),
    ("jane dot doe at example dot com", "[email]"),
    ("my email is jane_doe at example.com please", "my email is [email] please"),
    ("j a n e at example dot co dot uk", "[email]"),
    # telephones and other long runs
    ("call me on +44 20 7946 0958", "call me on [phone number]"),
    ("it's (555) 123-4567", "it's [phone number]"),
    ("oh two oh, seven nine four six, oh nine five eight", "[phone number]"),
    ("customer 20488912", "customer [number]"),
]

KEPT = [
    "That's $1,299.99, not £49.99.",
    "It cost 3,500,000 won.",
    "My order is 884213 and the other one 4471.",
    "reference 4471, or was it 44712?",
    "in 2024 or in nineteen ninety nine",
    "on 2026-11-02 or 12/05/2026 at 9",
    "between 10:30 and 11:45, or 9 to 5",
    "one two three, testing",
    "I've been on hold for one hour and 45 minutes. Two times.",
    "the 12 pin connector, pin 4",
    "the warranty expires in 2027",
    "two million three hundred thousand one hundred and twenty five dollars",
    "oh oh oh oh oh oh oh oh",
    "I looked at amazon dot com and at example.com",
    "The security code was wrong in 2024.",
    "You useless moron, you couldn't find your own ass with a flashlight.",
    "",
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_masks(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_keeps(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("asked", "said", "expected"),
    [
        ("And the security code?", "One two three.", "[security code]."),
        ("What's the expiry date?", "oh three twenty seven", "[expiry date]"),
        ("And your order number?", "One two three.", "One two three."),
    ],
)
def test_an_answer_is_read_with_its_question(asked: str, said: str, expected: str) -> None:
    assert redact(said, asked_for=asked) == expected


@pytest.mark.parametrize("text", [text for text, _ in MASKED] + KEPT)
def test_masking_twice_changes_nothing(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("You moron", "You moron"),
        ("4111", "[card number]"),
        ("moron, 4111 1111", "moron, [card number]"),
        ("1111, bye", "[card number], bye"),
        ("bye", "bye"),
    ],
)
def test_a_part_moves_along_and_takes_in_the_whole_placeholder(part: str, expected: str) -> None:
    text = "You moron, 4111 1111 1111 1111, bye"
    found = spans(text)
    at = text.rindex(part) if part.startswith("1111") else text.index(part)
    start, end = moved((at, at + len(part)), found)
    assert masked(text, found)[start:end] == expected


@pytest.mark.parametrize(
    ("digits", "valid"), [("4111111111111111", True), ("4111111111111112", False), ("378282246310005", True), ("0", True)]
)
def test_luhn(digits: str, *, valid: bool) -> None:
    assert luhn_valid(digits) is valid


WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SEPARATORS = ["", " ", "-", ".", ", ", " - ", " uh ", ", and "]


def _with_check_digit(body: str) -> str:
    return next(body + str(d) for d in range(10) if luhn_valid(body + str(d)))


cards = st.text("0123456789", min_size=12, max_size=18).map(_with_check_digit)


def _digits_in(text: str) -> str:
    """Read digits back from figures and from words, whatever stands between them."""
    atoms = re.findall(r"\d|\b(?:double|triple)\b|\b(?:" + "|".join(WORDS) + r"|oh)\b", text.lower())
    digits, times = "", 1
    for atom in atoms:
        if atom in {"double", "triple"}:
            times = 2 if atom == "double" else 3
            continue
        digits += ("0" if atom == "oh" else atom if atom.isdigit() else str(WORDS.index(atom))) * times
        times = 1
    return digits


@given(cards, st.lists(st.sampled_from(SEPARATORS), min_size=19, max_size=19))
def test_no_card_number_survives_in_figures(card: str, separators: list[str]) -> None:
    said = "".join(digit + separator for digit, separator in zip(card, separators, strict=False))
    assert _digits_in(redact(f"My card is {said} if you please")) == ""


@given(cards, st.data())
def test_no_card_number_survives_in_words(card: str, data: st.DataObject) -> None:
    said, at = [], 0
    while at < len(card):
        run = len(card[at:]) - len(card[at:].lstrip(card[at]))
        times = data.draw(st.integers(1, min(run, 3)))
        name = data.draw(st.sampled_from(["zero", "oh"])) if card[at] == "0" else WORDS[int(card[at])]
        said.append({1: "", 2: "double ", 3: "triple "}[times] + name)
        at += times
    text = redact("My card is " + data.draw(st.sampled_from([" ", ", ", "-"])).join(said) + " if you please")
    assert not any(luhn_valid(part) for part in re.findall(r"\d{13,19}", _digits_in(text)))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["a", "a.", "one ", "1 ", "a dot ", "GB82 ", "my pin is the ", "(+", "@"])
def test_a_hostile_text_takes_no_time_to_speak_of(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    assert len(redact(text)) <= len(text)


@given(st.text(max_size=200))
def test_spans_are_in_order_and_inside_the_text(text: str) -> None:
    at = 0
    for span in spans(text):
        assert at <= span.start < span.end <= len(text)
        at = span.end
