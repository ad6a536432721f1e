from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callguard.errors import PolicyError
from callguard.policy.policy_file import ROWS, profile_names
from callguard.policy.rulebook import Group, load
from callguard.types import LEVEL_OF, Label, Level, Outcome

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'schema_version = 1\nextends = "balanced"\nname = "ours"\nversion = "3"\ntitle = "Ours"\n'


def write(folder: Path, text: str, name: str = "ours.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path | str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load(path)
    return caught.value.faults


@pytest.mark.parametrize(
    ("profile", "warnings", "fault_extra"),
    [("balanced", (1, 1, 1), 0), ("as_written", (0, 0, 0), 0), ("protective", (1, 0, 0), 0), ("cautious", (2, 1, 2), 1)],
)
def test_each_profile_asks_for_its_own_warnings(profile: str, warnings: tuple[int, int, int], fault_extra: int) -> None:
    rulebook = load(profile)
    assert rulebook.name == profile
    assert tuple(rulebook.warnings[group] for group in (Group.ABUSE, Group.DISCRIMINATORY, Group.INTIMIDATION)) == warnings
    assert rulebook.fault_extra == fault_extra
    assert rulebook.warnings_needed(Group.ABUSE, company_at_fault=True) == warnings[0] + fault_extra


def test_the_profiles_are_these_and_no_two_have_the_same_hash() -> None:
    assert profile_names() == ["as_written", "balanced", "cautious", "protective"]
    assert len({load(name).policy_hash for name in profile_names()}) == 4


def test_every_row_every_severe_label_has_a_clause_a_person_can_read() -> None:
    rulebook = load("balanced")
    for row, outcome in enumerate(ROWS[:-1], 1):
        clause = rulebook.rule_of_row(row)
        assert clause is not None
        assert clause.outcome is outcome
        assert clause.text.endswith(".")
    assert rulebook.rule_of_row(len(ROWS)) is None
    assert set(ROWS) == set(Outcome)
    covered = {label for rule in rulebook.rules for label in rule.labels}
    assert {label for label, level in LEVEL_OF.items() if level >= Level.ABUSIVE} <= covered


def test_a_file_extends_a_profile_and_changes_only_what_it_says(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + '[warnings]\nabuse = 3\n[[rule]]\nid = "CG111"\ntext = "No name-calling."\n')
    ours, balanced = load(path), load("balanced")
    assert ours.warnings == {Group.ABUSE: 3, Group.DISCRIMINATORY: 1, Group.INTIMIDATION: 1}
    changed = {rule.id: rule for rule in ours.rules}["CG111"]
    assert (changed.text, changed.labels) == ("No name-calling.", (Label.PERSONAL_INSULT,))
    assert [rule for rule in ours.rules if rule.id != "CG111"] == [rule for rule in balanced.rules if rule.id != "CG111"]


def test_a_file_extends_a_file_beside_it(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "[grace]\ncustomer_turns = 4\n", "group.toml")
    site = write(tmp_path, 'extends = "group.toml"\nname = "site"\n', "site.toml")
    assert (load(site).name, load(site).version, load(site).grace_customer_turns) == ("site", "3", 4)


def test_the_hash_is_of_the_content_and_not_of_the_layout(tmp_path: Path) -> None:
    plain = write(tmp_path, HEAD, "a.toml")
    laid_out = write(tmp_path, "# a comment\n" + HEAD + "\n[warnings]\n\nabuse   = 1  # as in the profile\n", "b.toml")
    other = write(tmp_path, HEAD + "[reset]\ncivil_minutes = 11\n", "c.toml")
    assert load(plain).policy_hash == load(laid_out).policy_hash
    assert load(plain).policy_hash != load(other).policy_hash


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[warnings]\nabuse = -1\n", "ours.toml: warnings.abuse: -1; allowed: greater than or equal to 0"),
        ('[warnings]\nabuse = "1"\n', "ours.toml: warnings.abuse: '1'; allowed: a valid integer"),
        (
            "[warnings]\nswearing = 1\n",
            "ours.toml: warnings.swearing: unknown key; allowed: abuse, discriminatory, intimidation, fault_extra",
        ),
        ("[confidence]\nwords = 50\n", "ours.toml: confidence.words: 50; allowed: less than or equal to 1"),
        ("[confidence]\nlabels = 0.3\n", "ours.toml: confidence.labels: 0.3; allowed: greater than or equal to 0.5"),
        ("[reset]\ncustomer_apology = 1\n", "ours.toml: reset.customer_apology: 1; allowed: a valid boolean"),
        ("[reset]\ncivil_minutes = 0\n", "ours.toml: reset.civil_minutes: 0; allowed: greater than or equal to 1"),
        (
            '[[rule]]\nid = "CG501"\ntext = "t"\n',
            "ours.toml: rule.CG501.id: 'CG501'; allowed: CG1nn for a turn, CG3nn for the call (CG5nn is reserved for the customer)",
        ),
        ('[[rule]]\ntext = "t"\n', "ours.toml: rule #1.id: is missing; allowed: CG1nn for a turn, CG3nn for the call"),
        ('[[rule]]\nid = "CG111"\n[[rule]]\nid = "CG111"\n', "ours.toml: rule.CG111: written twice; allowed: each id once in a file"),
        (
            '[[rule]]\nid = "CG111"\noutcome = "no_action"\n',
            "ours.toml: rule.CG111: allowed in CG1nn: labels, and neither outcome nor fact",
        ),
        (
            '[[rule]]\nid = "CG308"\noutcome = "no_action"\n',
            "ours.toml: rule.CG308: allowed: outcome = 'eligible_to_end', row 8 of the decision table",
        ),
        ('[[rule]]\nid = "CG111"\nlabels = []\n', "ours.toml: rule.CG111: allowed in CG1nn: labels, and neither outcome nor fact"),
        ("[rule]\nid = 1\n", "ours.toml: rule: one table; allowed: [[rule]] entries"),
    ],
)
def test_a_broken_policy_is_told_file_key_and_what_is_allowed(tmp_path: Path, text: str, fault: str) -> None:
    assert fault in faults_of(write(tmp_path, HEAD + text))


@pytest.mark.parametrize("line", ['immediate = ["sexual_harassment"]', 'immediate = ["sexual_harassment", "threat_violence", "uncivil"]'])
def test_violence_and_sexual_remarks_stay_immediate_and_only_severe_speech_may_be_added(tmp_path: Path, line: str) -> None:
    (fault,) = faults_of(write(tmp_path, HEAD + line + "\n"))
    assert fault.startswith("ours.toml: immediate: [")
    assert "allowed: sexual_harassment, threat_violence, and further" in fault


def test_a_label_nobody_knows_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    fault = faults_of(write(tmp_path, HEAD + 'immediate = ["shouting", "sexual_harassment", "threat_violence"]\n'))[0]
    assert fault.startswith("ours.toml: immediate.0: 'shouting'; allowed: ")
    assert "'wish_of_harm'" in fault


def test_all_faults_come_at_once_each_with_the_file_that_wrote_it(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "[grace]\ncustomer_turns = -1\n", "base.toml")
    path = write(tmp_path, 'extends = "base.toml"\nname = "Our Policy"\n[warnings]\nabuse = 9\n', "site.toml")
    found = faults_of(path)
    assert len(found) == 3
    assert {fault.split(": ")[0] for fault in found} == {"base.toml", "site.toml"}
    assert any(fault.startswith("base.toml: grace.customer_turns") for fault in found)


@pytest.mark.parametrize("line", ["vip = true", "customer_value = 1000", "[customer]\nrevenue = 5"])
def test_a_policy_has_no_place_for_what_a_customer_is_worth(tmp_path: Path, line: str) -> None:
    (fault,) = faults_of(write(tmp_path, HEAD + line + "\n"))
    assert "unknown key; allowed: schema_version, name," in fault


def test_a_policy_that_stands_alone_must_be_whole(tmp_path: Path) -> None:
    found = faults_of(write(tmp_path, 'schema_version = 1\nname = "ours"\n'))
    missing = {fault.split(": ")[1] for fault in found}
    assert missing >= {"version", "title", "immediate", "warnings", "confidence", "reset", "grace"}


def test_a_circle_is_refused(tmp_path: Path) -> None:
    write(tmp_path, 'extends = "b.toml"\n', "a.toml")
    path = write(tmp_path, 'extends = "a.toml"\n', "b.toml")
    assert faults_of(path) == ["b.toml: extends: goes in a circle (b.toml -> a.toml -> b.toml); allowed: a chain that ends"]


def test_what_is_no_policy_is_said_to_be_none(tmp_path: Path) -> None:
    assert faults_of("strict") == ["no policy 'strict'; allowed: as_written, balanced, cautious, protective, or the path of a TOML file"]
    assert faults_of(write(tmp_path, 'extends = "nowhere"\n'))[0].startswith("ours.toml: extends: no policy 'nowhere'; allowed: ")
    assert faults_of(write(tmp_path, "name = \n"))[0].startswith("ours.toml: not TOML: ")
    assert faults_of(write(tmp_path, "extends = 3\n"))[0].startswith("ours.toml: extends: 3; allowed: ")
    assert faults_of(write(tmp_path, HEAD.replace("1", "2", 1)))[0].startswith("ours.toml: schema_version: 2; allowed: 1")
