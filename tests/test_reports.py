"""Reports: the call object, masking, the order of the queue, the files and the pages."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

import fakes_reports as fakes
from callguard.reports import evidence, queue, render, wording
from callguard.reports.as_json import call_object, line
from callguard.reports.build import AGENT_COLUMNS, assemble, build
from callguard.reports.masking import masked_report
from callguard.reports.queue import Group
from callguard.reports.terminal import summary_table
from callguard.reports.timeline import timeline
from callguard.types import (
    AGENT_LABELS,
    CUSTOMER_LABELS,
    Call,
    CallEnded,
    CallReport,
    Fact,
    Label,
    Level,
    Outcome,
    Speaker,
    Status,
)
from callguard.wellbeing import agent_loads
from fakes_reports import finding, report, scored, talk, turn, verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from callguard.types import Event

CALL_KEYS = [
    "call_id",
    "source",
    "status",
    "reason_code",
    "outcome",
    "max_level",
    "first_abuse_turn",
    "warning_turns",
    "eligible_from_turn",
]
CALL_KEYS += ["language", "roles", "facts", "turns", "findings", "would_change", "provenance"]
CALL_KEYS += ["message", "agent_id", "customer_id", "started_at", "duration_s"]
TURN_KEYS = ["index", "speaker", "start_s", "end_s", "times_estimated", "text", "confidence", "level", "labels", "sentiment"]
FINDING_KEYS = ["rule_id", "clause", "level", "turn_indexes", "at_s", "quote", "reason", "confidence", "possible"]

# --- the call object


@pytest.mark.parametrize("call", fakes.all_calls(), ids=lambda call: call.call.call_id)
def test_every_call_has_the_same_keys_in_order(call: CallReport) -> None:
    shown = json.loads(line(call))
    assert list(shown) == CALL_KEYS
    assert list(shown["roles"]) == ["how", "confidence"]
    assert list(shown["provenance"]) == ["callguard", "policy", "asr", "weights"]
    for said in shown["turns"]:
        assert list(said) == TURN_KEYS
        allowed = AGENT_LABELS if said["speaker"] == "agent" else CUSTOMER_LABELS
        assert list(said["labels"]) == [label.value for label in allowed]
    for found in shown["findings"]:
        assert list(found) == FINDING_KEYS


def test_an_agents_turn_has_neither_level_nor_sentiment() -> None:
    said = call_object(fakes.led_bulb())["turns"][0]
    assert said["level"] is None
    assert said["sentiment"] is None
    assert not any("sentiment" in label or "emotion" in label for label in said["labels"])


def test_a_skipped_call_has_nulls() -> None:
    shown = call_object(fakes.unreadable())
    assert (shown["status"], shown["reason_code"], shown["outcome"], shown["max_level"]) == ("skipped", "not_audio", None, None)
    assert (shown["turns"], shown["findings"], shown["warning_turns"], shown["language"]) == ([], [], [], None)


def test_numbers_are_rounded_and_times_have_their_zone() -> None:
    said = scored(turn(Speaker.CUSTOMER, "hello", 0.123456, 1.23456, confidence=0.987654), mood=(0.123456, 0.7, 0.176544))
    shown = call_object(report("c", (said,), verdict("c", Outcome.NO_ACTION)))
    assert shown["started_at"] == "2026-11-02T09:14:00Z"
    assert (shown["turns"][0]["start_s"], shown["turns"][0]["end_s"], shown["turns"][0]["confidence"]) == (0.123, 1.235, 0.9877)
    assert shown["turns"][0]["sentiment"] == {"negative": 0.1235, "neutral": 0.7, "positive": 0.1765}


def test_an_unknown_speaker_has_a_customers_labels() -> None:
    said = scored(turn(Speaker.UNKNOWN, "you idiot", 0, 1), {Label.PERSONAL_INSULT: "idiot"})
    labels = call_object(report("c", (said,), verdict("c", Outcome.CANNOT_TELL)))["turns"][0]["labels"]
    assert labels["personal_insult"] == fakes.HELD
    assert "warning_given" not in labels


@pytest.mark.parametrize(
    ("valid", "cited", "score"),
    [((), True, fakes.HELD), ((0,), True, 0.0), ((), False, 0.0)],
    ids=["cited and not valid", "valid", "cited by nothing"],
)
def test_a_warning_without_grounds_is_one_that_a_finding_cites_and_the_verdict_does_not_count(
    *, valid: tuple[int, ...], cited: bool, score: float
) -> None:
    turns = talk("c", [("a", "One more word and I'll hang up.", {Label.WARNING_GIVEN: ""})])
    found = (finding(turns, 0, ("CG330", "A warning without grounds", "nothing abusive came before")),) if cited else ()
    said = verdict("c", Outcome.NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW, warning_turns=valid, findings=found)
    assert call_object(report("c", turns, said))["turns"][0]["labels"]["warning_without_grounds"] == score


def test_equal_reports_give_equal_bytes() -> None:
    assert line(fakes.led_bulb()) == line(fakes.led_bulb())


# --- masking

CARD = "four one one one one one one one one one one one one one one one"


def _with_card() -> CallReport:
    text = f"You moron, my card is {CARD}, bye"
    said = scored(turn(Speaker.CUSTOMER, text, 0, 9, words=fakes.words_of(text)), {Label.PERSONAL_INSULT: "moron", Label.CRITICISM: CARD})
    found = finding((said,), 0, ("CG110", "An insult", f"he said {CARD}"), quote=f"moron, my card is {CARD[:20]}")
    decided = verdict("c", Outcome.WARN_FIRST, findings=(found,), reasons=(f"quoted: {CARD}",), would_change=(f"not {CARD}",))
    return replace(report("c", (said,), decided), message=f"heard {CARD}")


def test_masking_reaches_every_text() -> None:
    assert "one one one" in repr(_with_card())
    assert "one one one" not in repr(masked_report(_with_card()))


def test_a_masked_quote_is_literally_in_its_masked_turn_and_evidence_moves_along() -> None:
    shown = masked_report(_with_card())
    assert shown.verdict is not None
    text = shown.turns[0].turn.text
    assert text == "You moron, my card is [card number], bye"
    assert shown.verdict.findings[0].quote == "moron, my card is [card number]"
    assert shown.verdict.findings[0].quote in text
    assert [text[slice(*s.span)] for s in shown.turns[0].signals if s.span] == ["moron", "[card number]"]


def test_masked_words_do_not_tell_how_many_there_were() -> None:
    words = [word.text for word in masked_report(_with_card()).turns[0].turn.words]
    assert words == ["You", "moron,", "my", "card", "is", "[card number]", "bye"]


def test_a_code_that_answers_a_question_is_masked_in_the_turn_and_in_the_reason() -> None:
    turns = talk("c", [("a", "And the security code?", {}), ("c", "It's 123.", {})])
    said = verdict("c", Outcome.NO_ACTION, reasons=("The caller said 123.",))
    shown = masked_report(report("c", turns, said))
    assert shown.turns[1].turn.text == "It's [security code]."
    assert shown.verdict is not None
    assert shown.verdict.reasons == ("The caller said [security code].",)


def test_a_card_that_is_read_out_in_fours_is_masked_in_every_turn() -> None:
    fours = ["4111.", "mm-hm", "One one one one", "yes", "1111,", "okay", "and 1111. That's it."]
    turns = talk("c", [("c" if i % 2 == 0 else "a", text, {}) for i, text in enumerate(fours)])
    shown = masked_report(report("c", turns, verdict("c", Outcome.NO_ACTION)))
    assert [t.turn.text for t in shown.turns[::2]] == ["[card number].", "[card number]", "[card number],", "[card number]. That's it."]


def test_numbers_that_are_said_far_apart_are_not_one_number() -> None:
    early, late = turn(Speaker.CUSTOMER, "Order 884213.", 0, 3), turn(Speaker.CUSTOMER, "45 of them, in 2024.", 90, 93, index=1)
    shown = masked_report(report("c", (scored(early), scored(late)), verdict("c", Outcome.NO_ACTION)))
    assert [t.turn.text for t in shown.turns] == ["Order 884213.", "45 of them, in 2024."]


# --- the queue


def _placed(outcome: Outcome, **more: object) -> CallReport:
    return report("c", (), verdict("c", outcome, **more))


@pytest.mark.parametrize(
    ("call", "group"),
    [
        (_placed(Outcome.NEVER_END_ROUTE_TO_HELP), Group.SAFETY),
        (_placed(Outcome.EMERGENCY_SAFETY_PROTOCOL, max_level=Level.CRITICAL), Group.SAFETY),
        (_placed(Outcome.ELIGIBLE_IMMEDIATE, max_level=Level.CRITICAL), Group.SAFETY),
        (_placed(Outcome.ELIGIBLE_IMMEDIATE, max_level=Level.SEVERE), Group.SUPPORT),
        (_placed(Outcome.ELIGIBLE_TO_END, max_level=Level.ABUSIVE, facts=(Fact.BROKEN_PROMISE,)), Group.SUPPORT),
        (_placed(Outcome.NOT_ELIGIBLE_COMPANY_AT_FAULT), Group.PROMISES),
        (_placed(Outcome.NO_ACTION, facts=(Fact.BROKEN_PROMISE,)), Group.PROMISES),
        (_placed(Outcome.CLOSE_COURTEOUSLY), Group.ENDINGS),
        (_placed(Outcome.NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW, facts=(Fact.AGENT_ENDED_WITHOUT_GROUNDS,)), Group.ENDINGS),
        (_placed(Outcome.NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW), Group.CONDUCT),
        (_placed(Outcome.CANNOT_TELL), Group.UNCLEAR),
        (_placed(Outcome.CANNOT_TELL, max_level=Level.ABUSIVE), Group.UNCLEAR),
        (_placed(Outcome.RECOVERED_ALLY, max_level=Level.UNCIVIL), Group.REST),
        (fakes.possible_threat(), Group.SAFETY),
    ],
)
def test_each_call_has_its_group(call: CallReport, group: Group) -> None:
    assert queue.group(call) is group


def test_the_queue_puts_safety_first_and_leaves_out_what_was_not_read() -> None:
    order = [call.call.call_id for call in queue.ordered(fakes.all_calls())]
    assert order == ["night line", "hiss-17", "led-bulb", "callback", "silence", "calm"]


def test_the_deciding_words_are_those_of_the_turn_that_made_it_eligible() -> None:
    decided = queue.deciding(fakes.led_bulb())
    assert decided is not None
    assert decided.rule_id == "CG310"
    assert queue.deciding(fakes.calm()) is None


# --- evidence and the picture


def test_pieces_join_to_the_text_and_carry_their_labels() -> None:
    call = fakes.led_bulb()
    cut = evidence.pieces(call.turns[4], ())
    assert "".join(piece.text for piece in cut) == call.turns[4].turn.text
    assert [(piece.text, piece.notes) for piece in cut if piece.notes] == [
        ("You are ", ("swearing at the agent",)),
        ("so fucking stupid", ("swearing at the agent", "personal insult")),
    ]


def test_a_quote_is_marked_where_no_scorer_pointed_at_words() -> None:
    call = fakes.self_harm()
    assert call.verdict is not None
    marked = [piece for piece in evidence.pieces(call.turns[1], call.verdict.findings) if piece.notes]
    assert [(piece.text, piece.notes) for piece in marked] == [(call.verdict.findings[0].quote, ("quoted by CG101",))]


@pytest.mark.parametrize("call", fakes.all_calls(), ids=lambda call: call.call.call_id)
def test_the_picture_stays_in_its_frame(call: CallReport) -> None:
    picture = timeline(call)
    assert len(picture.bars) == len(call.turns)
    assert all(0 <= bar.x <= 100 and bar.y >= 0 for bar in picture.bars)
    assert all(0 <= flag.x <= 100 for flag in picture.flags)
    assert len(picture.ticks) <= 7


def test_severity_is_a_number_and_a_height_as_well_as_a_colour() -> None:
    bars = timeline(fakes.led_bulb()).bars
    assert bars[4].height > bars[3].height
    assert (bars[3].number, bars[4].number) == ("", "2")


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (61, "1:01"), (3661, "1:01:01")])
def test_clock(seconds: float, shown: str) -> None:
    assert wording.clock(seconds) == shown


def test_every_outcome_and_fact_has_its_words() -> None:
    assert set(wording.OUTCOMES) == set(Outcome)
    assert all(wording.fact(fact) for fact in Fact)
    assert len({words.title for words in wording.OUTCOMES.values()}) == len(Outcome)


# --- assembling and building


def test_events_become_a_report() -> None:
    call = fakes.led_bulb()
    assert call.verdict is not None
    withdrawn = finding(call.turns, 4, ("CG999", "Withdrawn later", "it was overruled"))
    events: list[Event] = [*call.turns, withdrawn, *call.verdict.findings, CallEnded(call.verdict, 63.0)]
    made = assemble(call.call, "a.wav", events, provenance=fakes.PROVENANCE, audio="a.wav")
    assert made.turns == masked_report(call).turns
    assert made.duration_s == 63.0
    assert made.verdict is not None
    assert [each.rule_id for each in made.verdict.findings] == [*(each.rule_id for each in call.verdict.findings), "CG999"]


def test_a_session_without_an_end_has_no_verdict() -> None:
    turns = fakes.calm().turns
    made = assemble(Call("c"), "c.wav", turns, provenance=fakes.PROVENANCE, status=Status.LIVE)
    assert made.verdict is None
    assert made.duration_s == turns[-1].turn.end_s


def assembled(call: CallReport) -> CallReport:
    if call.verdict is None:
        return call
    events: list[Event] = [*call.turns, CallEnded(call.verdict, call.duration_s)]
    return assemble(call.call, call.source, events, provenance=call.provenance, audio=call.audio, status=call.status)


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    build([assembled(call) for call in fakes.all_calls()], tmp_path / "out")
    return tmp_path / "out"


def test_calls_in_are_lines_out(out: Path) -> None:
    lines = (out / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(text)["call_id"] for text in lines] == [call.call.call_id for call in fakes.all_calls()]


def test_agents_csv_has_the_columns_of_the_contract(out: Path) -> None:
    with (out / "agents.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == AGENT_COLUMNS
    assert ",".join(AGENT_COLUMNS) == (
        "agent_id,calls,handled_h,abusive_calls,abusive_calls_per_100,ci_low,ci_high,exposure_min,exposure_min_per_h,dose,dose_flat,"
        "dose_steep,longest_run,back_to_back,recovery_coverage,post_eligibility_min,ended_after_eligible,promises_made,promises_broken"
    )
    assert [row["agent_id"] for row in rows] == ["a7", "b3", "m2", "unknown"]


def test_nothing_secret_is_in_any_file(out: Path) -> None:
    for path in out.rglob("*.*"):
        assert "one one one" not in path.read_text(encoding="utf-8").lower()


def test_every_link_leads_somewhere_and_the_audio_is_only_linked(out: Path) -> None:
    for page in out.rglob("*.html"):
        for href in re.findall(r'href="([^"#:]+)"', page.read_text(encoding="utf-8")):
            assert (page.parent / href).is_file()
    assert 'src="../../recordings/led%20bulb%20%231.wav"' in (out / "calls/led-bulb.html").read_text(encoding="utf-8")
    assert not list(out.rglob("*.wav"))


@pytest.mark.parametrize(
    "ids", [["a/../b", "a-..-b"], ["Call", "call"], ["same", "same"], ["日本", "中国"], ["..", ""], ["x" * 300, "x" * 299]]
)
def test_each_call_has_a_page_of_its_own_inside_the_folder(ids: list[str], tmp_path: Path) -> None:
    calls = [replace(fakes.calm(), call=Call(call_id)) for call_id in ids]
    build(calls, tmp_path)
    names = [path.name.lower() for path in (tmp_path / "calls").iterdir()]
    assert len(set(names)) == len(ids)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agents.csv", "calls", "calls.jsonl", "index.html"]


def test_a_name_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    build([fakes.about(fakes.calm(), "=cmd()", 0)], tmp_path)
    assert "\n'=cmd()," in (tmp_path / "agents.csv").read_text(encoding="utf-8")


def test_nothing_in_gives_an_empty_report(tmp_path: Path) -> None:
    build([], tmp_path)
    assert (tmp_path / "calls.jsonl").read_text(encoding="utf-8") == ""
    assert "No call was analysed" in (tmp_path / "index.html").read_text(encoding="utf-8")


# --- the pages


class _Outside(HTMLParser):
    """Collects what a page would fetch, and the attributes that would run a script."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.fetched += [value or "" for name, value in attrs if name == "src" or (tag == "link" and name == "href")]


def test_pages_are_small_and_fetch_nothing_but_the_recording(out: Path) -> None:
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        outside = _Outside()
        outside.feed(text)
        assert len(text.encode()) < 300_000
        assert outside.handlers == []
        assert all(src.startswith(("data:", "../../recordings/")) for src in outside.fetched)


def test_what_people_said_is_never_markup(out: Path) -> None:
    text = (out / "calls/calm.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;please&lt;/b&gt; &amp; " in text
    assert "<b>please</b>" not in text


def _brightness(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_brightness(one), _brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_have_enough_contrast(theme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", render._source("style.css"), re.DOTALL)[theme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for tone in ("safety", "act", "warn", "review", "care", "good", "plain"):
        assert _contrast(colours[tone], colours[f"{tone}-bg"]) >= 4.5, tone
        assert _contrast(colours[tone], colours["card"]) >= 4.5, tone
        assert _contrast(colours["ink"], colours[f"{tone}-bg"]) >= 4.5, tone
    for ground in ("page", "card", "sunk", "m0", "m1", "m2", "m3", "m4"):
        assert _contrast(colours["ink"], colours[ground]) >= 4.5, ground
    for text, ground in [("soft", "page"), ("soft", "card"), ("soft", "sunk"), ("soft", "review-bg"), ("link", "page"), ("link", "sunk")]:
        assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for shape in ("agent", "l0", "l1", "l2", "l3", "l4"):
        assert _contrast(colours[shape], colours["card"]) >= 3, shape


def test_a_permission_without_a_warning_says_that_none_was_asked_for() -> None:
    turns = talk("c", [("c", "I'd break your jaw.", {Label.THREAT_VIOLENCE: ""})])
    said = verdict("c", Outcome.ELIGIBLE_IMMEDIATE, max_level=Level.CRITICAL, first_abuse_turn=0, eligible_from_turn=0)
    assert render.call_page(report("c", turns, said), render.Links()).count("not asked for") == 2
    assert "not asked for" not in render.call_page(fakes.possible_threat(), render.Links())


def test_index_is_golden(golden: Callable[[str, str], None]) -> None:
    calls = [masked_report(call) for call in fakes.all_calls()]
    listed = [render.Listed(call, f"calls/{i}.html" if call.verdict else None) for i, call in enumerate(calls)]
    golden("index.html", render.index_page(listed, agent_loads(calls)))


def test_a_calls_page_is_golden(golden: Callable[[str, str], None]) -> None:
    links = render.Links(audio="../recordings/a.wav", previous="before.html", following="after.html")
    golden("call.html", render.call_page(masked_report(fakes.led_bulb()), links))


def test_a_call_that_was_not_read_has_no_page() -> None:
    with pytest.raises(ValueError, match="not analysed"):
        render.call_page(fakes.unreadable(), render.Links())


# --- the terminal


def test_the_table_fits_80_columns_and_shows_words_as_words() -> None:
    console = Console(width=80, record=True, force_terminal=False, no_color=True, file=None, quiet=False)
    quoted = masked_report(fakes.led_bulb())
    assert quoted.verdict is not None
    shouted = replace(quoted.verdict, findings=(replace(quoted.verdict.findings[2], quote="[bold]moron[/bold]"),))
    with console.capture() as capture:
        console.print(summary_table([*fakes.all_calls(), replace(quoted, verdict=shouted)]))
    shown = capture.get()
    assert max(map(len, shown.splitlines())) <= 80
    for words in ("Never end", "possible", "You useless moron", "0:47", "broken", "[bold]moron[/bold]"):
        assert words in shown
