"""How classifier and patterns become one score a label, with the reason kept."""

from __future__ import annotations

import pytest

from callguard.scoring.classifier import Prediction
from callguard.scoring.patterns import Patterns, read
from callguard.scoring.scorer import TurnScorer
from callguard.types import (
    AGENT_CUES,
    AGENT_LABELS,
    CUSTOMER_CUES,
    CUSTOMER_LABELS,
    Label,
    Level,
    ScoredTurn,
    Sentiment,
    Speaker,
    Turn,
    TurnInContext,
)

TEXT = "You useless man, he said, and left."
PATTERN = """
[[pattern]]
id = "p"
speaker = "customer"
gives = ["quoted_abuse"]
takes = ["personal_insult"]
score = 0.8
any = ["he said"]
why = "tells what somebody said"
"""

UNRELATED = '[[pattern]]\nid = "u"\nspeaker = "agent"\ngives = ["ownership"]\nwhy = "unrelated"\nany = ["zebra"]'


class Foreseen:
    """Says what a test wrote down, and that the first ten characters carried it."""

    def __init__(self, scores: dict[Label, float]) -> None:
        self.scores = dict.fromkeys(Label, 0.0) | scores

    def predict(self, item: TurnInContext) -> Prediction:
        assert item.turn.text == TEXT
        return Prediction(self.scores, Sentiment(0.7, 0.2, 0.1))

    def evidence(self, item: TurnInContext, label: Label) -> tuple[int, int]:
        assert item.turn.text == TEXT
        assert label
        return 0, 10


def score(scores: dict[Label, float], *, speaker: Speaker = Speaker.CUSTOMER, patterns: str = "") -> ScoredTurn:
    scorer = TurnScorer(Foreseen(scores), Patterns(read(patterns or UNRELATED, "f")))
    (scored,) = scorer.score([TurnInContext(Turn("c", 0, speaker, TEXT, 0.0, 1.0, 1.0))])
    return scored


@pytest.mark.parametrize(
    ("label", "level"),
    [
        (Label.CRITICISM, 0),
        (Label.UNDIRECTED_PROFANITY, 0),
        (Label.SELF_HARM_RISK, 0),
        (Label.LEGAL_OR_REVIEW_THREAT, 0),
        (Label.UNCIVIL, 1),
        (Label.PERSONAL_INSULT, 2),
        (Label.DIRECTED_PROFANITY, 2),
        (Label.WISH_OF_HARM, 3),
        (Label.INTIMIDATION, 3),
        (Label.STALKING, 4),
        (Label.THREAT_VIOLENCE, 4),
    ],
)
def test_the_level_is_that_of_the_labels_that_hold(label: Label, level: int) -> None:
    assert score({label: 0.5}).level == level
    assert score({label: 0.49}).level == Level.NONE


def test_an_agents_turn_has_no_level_no_sentiment_and_only_an_agents_labels() -> None:
    scored = score({Label.WARNING_GIVEN: 0.9, Label.PERSONAL_INSULT: 0.9}, speaker=Speaker.AGENT)
    assert (scored.level, scored.sentiment, scored.directed) == (None, None, False)
    assert set(scored.scores) == {*AGENT_LABELS, *AGENT_CUES}


@pytest.mark.parametrize("speaker", [Speaker.CUSTOMER, Speaker.UNKNOWN])
def test_who_is_not_the_agent_is_read_as_a_customer(speaker: Speaker) -> None:
    scored = score({Label.PERSONAL_INSULT: 0.9}, speaker=speaker)
    assert scored.level == Level.ABUSIVE
    assert set(scored.scores) == {*CUSTOMER_LABELS, *CUSTOMER_CUES}


def test_a_pattern_takes_from_the_classifier_and_gives_with_its_reason() -> None:
    scored = score({Label.PERSONAL_INSULT: 0.9}, patterns=PATTERN)
    assert scored.level == Level.NONE
    assert scored.scores[Label.QUOTED_ABUSE] == 0.8
    (signal,) = scored.signals
    assert (signal.source, signal.note) == ("pattern:p", "tells what somebody said")
    assert signal.span is not None
    assert TEXT[slice(*signal.span)] == "he said"


@pytest.mark.parametrize(
    ("scores", "level"),
    [
        ({Label.QUOTED_ABUSE: 0.8, Label.PERSONAL_INSULT: 0.7, Label.UNCIVIL: 0.7}, 0),
        ({Label.QUOTED_ABUSE: 0.7, Label.PERSONAL_INSULT: 0.8, Label.UNCIVIL: 0.8}, 2),
        ({Label.QUOTED_ABUSE: 0.4, Label.PERSONAL_INSULT: 0.5}, 2),
        ({Label.FIGURE_OF_SPEECH: 0.8, Label.THREAT_VIOLENCE: 0.6}, 0),
        ({Label.FIGURE_OF_SPEECH: 0.6, Label.THREAT_VIOLENCE: 0.8}, 4),
        ({Label.FIGURE_OF_SPEECH: 0.8, Label.PERSONAL_INSULT: 0.6}, 2),
    ],
)
def test_the_likelier_reading_of_the_same_words_holds(scores: dict[Label, float], level: int) -> None:
    assert score(scores).level == level


def test_abuse_comes_with_the_words_that_carried_it() -> None:
    (insult,) = (signal for signal in score({Label.PERSONAL_INSULT: 0.9}).signals if signal.label is Label.PERSONAL_INSULT)
    assert (insult.source, insult.score, insult.span) == ("turn-classifier", 0.9, (0, 10))


def test_what_is_abusive_is_uncivil_and_an_insult_is_aimed_at_somebody() -> None:
    scored = score({Label.PERSONAL_INSULT: 0.9})
    assert scored.has(Label.UNCIVIL)
    assert scored.directed
    assert not score({Label.THREAT_VIOLENCE: 0.9}).directed
