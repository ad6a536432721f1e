"""Text -> the same text without card numbers, security codes, account numbers, addresses and telephone numbers.

Spans come first and masking second, so that a caller can move its own character positions along (`moved`). Digits count in figures and in
words, because recognizers write both: "4111 1111", "four one one one", "double five oh", "forty-one eleven". PCI DSS 3.3.1 forbids keeping
a card's security code in any form; a transcript makes it searchable, so it goes before anything is written.

Masking too much costs a digit, masking too little costs a customer: where a shape is doubtful and long (seven digits), it is masked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONG_RUN = 7
"""Digits from which a run is masked whatever it is called."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start`..`end` of a text, and what they hold."""

    start: int
    end: int
    kind: str

    @property
    def placeholder(self) -> str:
        """What is written in place of it."""
        return f"[{self.kind}]"


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits that were said one after the other, in figures or words."""

    start: int
    end: int
    digits: str
    spoken_oh: int = 0


@dataclass(frozen=True, slots=True)
class _Secret:
    """A short number that is secret only because of its name."""

    kind: str
    name: re.Pattern[str]
    fewest: int
    most: int


_UNITS = {w: str(n) for n, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])}
_UNITS |= {"oh": "0", "o": "0", "nought": "0", "naught": "0", "niner": "9"}
_TEENS = {"ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15"}
_TEENS |= {"sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19"}
_TENS = {"twenty": "2", "thirty": "3", "forty": "4", "fifty": "5", "sixty": "6", "seventy": "7", "eighty": "8", "ninety": "9"}
_TIMES = {"double": 2, "triple": 3, "treble": 3}

_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_ATOM = re.compile(
    rf"\b(?P<times>{'|'.join(_TIMES)})[\s-]+(?P<timed>\d\b|(?:{_UNIT})\b)"
    rf"|\b(?P<tens>{'|'.join(_TENS)})(?:[\s-]+(?P<ones>one|two|three|four|five|six|seven|eight|nine))?\b"
    rf"|\b(?P<teen>{'|'.join(_TEENS)})\b|\b(?P<unit>{_UNIT})\b|\b(?P<hundred>hundred)\b|(?P<figures>\d+)",
    re.IGNORECASE,
)
_GAP = re.compile(
    r"(?:[\s\-\u2010-\u2015.,()/+*·_]|\b(?:uh+|um+|er+m?|and|then|so|okay|dash|hyphen|space|slash|dot)\b){0,12}", re.IGNORECASE
)

_DATE = re.compile(r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d)(?:[\s,]+\d{1,4})?")
_GROUPED_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?")
_MONEY_BEFORE = re.compile(r"[$£€¥]\s?$")
_MONEY = re.compile(r"\d+(?:[.,]\d+)*")

_SECRETS = tuple(
    _Secret(kind, re.compile(rf"\b(?:{name})\b", re.IGNORECASE), fewest, most)
    for kind, name, fewest, most in (
        (
            "security code",
            r"cvv2?|cvc2?|csc|(?:card )?(?:security|verification) (?:code|number|value)|(?:three|four|3|4) digits on the (?:back|front)",
            3,
            4,
        ),
        ("expiry date", r"expir(?:y|ation)(?: date)?|exp(?:\.? date)?|expires(?: end)?(?: of)?|valid (?:thru|through|until|to)", 3, 6),
        ("PIN", r"pin|pin (?:number|code)|pass ?code|one[- ]time (?:code|password)|password", 4, 8),
        ("social security number", r"ssn|social security(?: number)?|(?:my|your|the|full) social", 4, 9),
        ("sort code", r"sort code", 6, 6),
        ("account number", r"(?:bank )?account number|routing number", 6, 12),
    )
)
_CONNECTIVE = re.compile(
    r"(?:[\s,.:;=#'\"\u2019?!()\-]|\b(?:is|are|was|its|it|s|the|my|your|that|thats|number|code|date|no|of|on|back|card|bank|would|will|be|should"
    r"|says?|reads?|end(?:s|ing) in|last|digits?|three|four|six|uh+|um+|so|okay|ok|yes|yeah|sure|and|then)\b){0,24}",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(r"[\s,.\-]*(?:(?:is|was|that is|that's|as)\b)?\s*(?:(?:my|the|your)\b)?\s*", re.IGNORECASE)
_REACH = 80
"""Characters on either side in which a name counts as near."""

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_JOINT = r"(?:\s+(?:dot|period|underscore|dash|hyphen|minus|plus)\s+|[._+-])"
_SPOKEN_EMAIL = re.compile(
    rf"(?P<name>\b(?:[a-z0-9]\s+){{2,20}}|\b[a-z0-9]+(?:{_JOINT}[a-z0-9]+){{0,5}}\s+)(?:at|@)\s+"
    r"(?:[a-z0-9-]+(?:\s+dot\s+|\.)){1,4}(?:com|net|org|edu|gov|info|biz|io|me|eu|uk|ie|de|fr|es|it|nl|ca|au|nz|in|jp|kr)\b",
    re.IGNORECASE,
)
_NO_MAILBOX = re.compile(
    r"look(?:ed|ing|s)?|it|that|this|them|ones?|us|shop(?:ped)?|bought|buy|order(?:ed)?|available|up|out|back|here|(?:web)?site|online"
    r"|work(?:s|ed)?|is|was|are|were|saw|see|found|reviews|page|and|or|but|so|not",
    re.IGNORECASE,
)
"""Words before "at example dot com" that make it a place, not an address."""
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
_NATIONAL_INSURANCE = re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D]\b", re.IGNORECASE)
_PHONE_NAMED = re.compile(
    r"\b(?:phone|telephone|mobile|cell|landline|call(?: me)?(?: back)?(?: on| at)?|reach me|ring me|text me)\b", re.IGNORECASE
)


def spans(text: str, *, asked_for: str = "") -> tuple[Span, ...]:
    """Find what must not be written.

    Args:
        text: What one person said.
        asked_for: What the other person had just said: after "and the security code?", "one two three" is one.

    Returns:
        Spans in order, none overlapping another.
    """
    found = [*_emails(text), *_ibans(text), *_shaped(text, _NATIONAL_INSURANCE, "national insurance number")]
    found += [Span(*_with_opening(text, run), kind) for run in _runs(text) if (kind := _kind_of(text, run, asked_for))]
    return tuple(united(found))


def redact(text: str, *, asked_for: str = "") -> str:
    """Mask what must not be written; a text without any comes back as it was."""
    return masked(text, spans(text, asked_for=asked_for))


def masked(text: str, found: Iterable[Span]) -> str:
    """Write each span's placeholder in its place."""
    pieces, at = [], 0
    for span in found:
        pieces += [text[at : span.start], span.placeholder]
        at = span.end
    return "".join([*pieces, text[at:]])


def moved(part: tuple[int, int], found: Iterable[Span]) -> tuple[int, int]:
    """Move a part of a text along to the masked text; one that touches a masked span takes in the whole placeholder."""
    start, end = part
    new_start, new_end = start, end
    for span in found:
        grown = len(span.placeholder) - (span.end - span.start)
        if span.end <= start:
            new_start += grown
            new_end += grown
        elif span.start < end:
            new_start -= max(0, start - span.start)
            new_end += grown + max(0, span.end - end)
    return new_start, new_end


def luhn_valid(digits: str) -> bool:
    """Say whether a string of digits passes the check of ISO/IEC 7812-1, annex B."""
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _runs(text: str) -> Iterator[_Run]:
    run: _Run | None = None
    for match in _ATOM.finditer(text):
        digits, oh = _value(match)
        if run and _GAP.fullmatch(text, run.end, match.start()):
            run = _Run(run.start, match.end(), run.digits + digits, run.spoken_oh + oh)
            continue
        if run:
            yield run
        run = _Run(match.start(), match.end(), digits, oh)
    if run:
        yield run


def _value(match: re.Match[str]) -> tuple[str, int]:
    """Digits that an atom stands for, and how many of them were an "oh", which is also an exclamation."""
    groups = {name: value.lower() for name, value in match.groupdict().items() if value}
    if "timed" in groups:
        return _UNITS.get(groups["timed"], groups["timed"]) * _TIMES[groups["times"]], 0
    if "tens" in groups:
        return _TENS[groups["tens"]] + _UNITS.get(groups.get("ones", "zero"), "0"), 0
    if "teen" in groups:
        return _TEENS[groups["teen"]], 0
    if "unit" in groups:
        return _UNITS[groups["unit"]], int(groups["unit"] in {"oh", "o"})
    return ("00", 0) if "hundred" in groups else ("".join(str(int(d)) for d in groups["figures"]), 0)


def _kind_of(text: str, run: _Run, asked_for: str) -> str | None:
    if named := _named_secret(text, run, asked_for):
        return named
    if len(run.digits) < LONG_RUN or len(run.digits) - run.spoken_oh < 3:
        return None
    if _holds_card(run.digits):
        return "card number"
    if _harmless(text, run):
        return None
    before = text[max(0, run.start - 30) : run.start]
    phone = before.endswith(("+", "(")) or bool(_PHONE_NAMED.search(before)) or len(run.digits) in {10, 11}
    return "phone number" if phone and len(run.digits) <= 15 else "number"


def _holds_card(digits: str) -> bool:
    """Card numbers have 13 to 19 digits; an expiry date or code said right after one lengthens the run."""
    lengths = range(13, min(19, len(digits)) + 1)
    return any(luhn_valid(digits[i : i + n]) for n in lengths for i in range(len(digits) - n + 1))


def _harmless(text: str, run: _Run) -> bool:
    words = text[run.start : run.end]
    money = _MONEY_BEFORE.search(text[: run.start]) and _MONEY.fullmatch(words)
    return len(run.digits) < 13 and bool(money or _DATE.fullmatch(words) or _GROUPED_NUMBER.fullmatch(words))


def _named_secret(text: str, run: _Run, asked_for: str) -> str | None:
    for secret in _SECRETS:
        if not secret.fewest <= len(run.digits) <= secret.most or (secret.kind == "expiry date" and not _starts_with_month(run.digits)):
            continue
        if secret.name.search(asked_for) or _named_before(text, run, secret) or _named_after(text, run, secret):
            return secret.kind
    return None


def _named_before(text: str, run: _Run, secret: _Secret) -> bool:
    names = secret.name.finditer(text, max(0, run.start - _REACH), run.start)
    return any(_CONNECTIVE.fullmatch(text, name.end(), run.start) for name in names)


def _named_after(text: str, run: _Run, secret: _Secret) -> bool:
    link = _NAMED_AFTER.match(text, run.end)
    # Without a word between them the name belongs to what follows: "4471, PIN 9911".
    return bool(link and link.group().strip(" ,.-") and secret.name.match(text, link.end()))


def _starts_with_month(digits: str) -> bool:
    """A year alone ("the warranty expires 2027") does not; "12/27", "3/27" and "0327" do."""
    return 1 <= int(digits[:2] if len(digits) != 3 else digits[0]) <= 12


def _with_opening(text: str, run: _Run) -> tuple[int, int]:
    start = run.start
    while start and text[start - 1] in "+(":
        start -= 1
    return start, run.end


def _emails(text: str) -> Iterator[Span]:
    yield from _shaped(text, _EMAIL, "email")
    for match in _SPOKEN_EMAIL.finditer(text):
        if not _NO_MAILBOX.fullmatch(match["name"].strip()):
            yield Span(match.start(), match.end(), "email")


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        # Words may follow the number without a break in the pattern, so shorter readings are tried until the check digits agree.
        for end in range(match.end(), match.start() + 14, -1):
            if text[end - 1].isalnum() and _iban_valid(text[match.start() : end]):
                yield Span(match.start(), end, "IBAN")
                break


def _iban_valid(text: str) -> bool:
    """ISO 7064 MOD 97-10 over the account identifier of ISO 13616."""
    plain = re.sub(r"[ -]", "", text).upper()
    return 15 <= len(plain) <= 34 and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _shaped(text: str, shape: re.Pattern[str], kind: str) -> Iterator[Span]:
    return (Span(match.start(), match.end(), kind) for match in shape.finditer(text))


def united(found: Iterable[Span]) -> Iterator[Span]:
    """Join spans that overlap, in order; each keeps the kind of the one that began first."""
    last: Span | None = None
    for span in sorted(found, key=lambda s: (s.start, -s.end)):
        if last and span.start < last.end:
            last = Span(last.start, max(last.end, span.end), last.kind)
            continue
        if last:
            yield last
        last = span
    if last:
        yield last
