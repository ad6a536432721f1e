"""The door for policy files: TOML in, checked and merged content out, every fault named with its file and key.

A policy may extend a profile or another file. Files are merged first, key by key, rules by id, and checked once, so that a file that
extends needs to hold only what differs. Each fault is attributed to the file that wrote the key.
"""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from callguard.errors import PolicyError
from callguard.types import LEVEL_OF, Fact, Label, Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

PROFILES = Path(__file__).parent / "profiles"

ROWS = (
    Outcome.NEVER_END_ROUTE_TO_HELP,
    Outcome.EMERGENCY_SAFETY_PROTOCOL,
    Outcome.CANNOT_TELL,
    Outcome.ELIGIBLE_IMMEDIATE,
    Outcome.HUMAN_REVIEW,
    Outcome.NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW,
    Outcome.NOT_ELIGIBLE_VULNERABLE,
    Outcome.ELIGIBLE_TO_END,
    Outcome.WARN_FIRST,
    Outcome.NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW,
    Outcome.DEESCALATED,
    Outcome.CLOSE_COURTEOUSLY,
    Outcome.RECOVERED_ALLY,
    Outcome.NOT_ELIGIBLE_COMPANY_AT_FAULT,
    Outcome.NO_ACTION,
)
"""The decision table's outcomes, row 1 first; rule `CG3nn` is the clause of row nn."""

ALWAYS_IMMEDIATE = frozenset({Label.SEXUAL_HARASSMENT, Label.THREAT_VIOLENCE})
MAY_BE_IMMEDIATE = frozenset(label for label, level in LEVEL_OF.items() if level >= Level.SEVERE) - {Label.THREAT_BOMB}

_Share = Annotated[float, Field(ge=0, le=1)]
_Warnings = Annotated[int, Field(ge=0, le=5)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class WarningsTable(_Strict):
    """`[warnings]`: how many valid warnings each category group asks for."""

    abuse: _Warnings
    discriminatory: _Warnings
    intimidation: _Warnings
    fault_extra: _Warnings


class ConfidenceTable(_Strict):
    """`[confidence]`: what counts as certain, 0..1."""

    roles: _Share
    words: _Share
    labels: Annotated[float, Field(ge=0.5, le=1)]


class ResetTable(_Strict):
    """`[reset]`: what clears abuse."""

    customer_apology: bool
    civil_minutes: Annotated[int, Field(ge=1, le=120)]


class GraceTable(_Strict):
    """`[grace]`: opening customer turns in which incivility is passed over."""

    customer_turns: Annotated[int, Field(ge=0, le=10)]


class RuleTable(_Strict):
    """`[[rule]]`: a clause as a person reads it, and the labels, the outcome or the fact that it stands for."""

    id: Annotated[str, Field(pattern=r"^CG[13]\d\d$")]
    text: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    false_alarms: list[str]
    since: Annotated[str, Field(min_length=1)]
    labels: list[Annotated[Label, Field(strict=False)]] = Field(default_factory=list)
    outcome: Annotated[Outcome, Field(strict=False)] | None = None
    fact: Annotated[Fact, Field(strict=False)] | None = None


class PolicyFile(_Strict):
    """A policy after its files have been merged."""

    schema_version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
    version: Annotated[str, Field(min_length=1)]
    title: Annotated[str, Field(min_length=1)]
    immediate: list[Annotated[Label, Field(strict=False)]]
    own_it_before_warning: bool
    essential_service: bool
    warnings: WarningsTable
    confidence: ConfidenceTable
    reset: ResetTable
    grace: GraceTable
    rule: dict[str, RuleTable]


def read_policy(name_or_path: str | Path) -> PolicyFile:
    """Read a profile by its name or a policy by its path.

    Raises:
        PolicyError: with every fault of the file and of those that it extends.
    """
    chain = _chain(_locate(name_or_path, base=Path(), said_in=None))
    merged: dict[str, Any] = {}
    origin: dict[tuple[str, ...], str] = {}
    faults: list[str] = []
    for path, content in reversed(chain):
        origin.update(dict.fromkeys(_merge(merged, _rules_by_id(content, path.name, faults)), path.name))
    try:
        policy = PolicyFile.model_validate(merged)
    except ValidationError as error:
        raise PolicyError(faults + [_said(detail, origin, chain[0][0].name) for detail in error.errors()]) from None
    faults += [f"{_origin_of(key, origin, chain[0][0].name)}: {'.'.join(key)}: {said}" for key, said in _contradictions(policy)]
    if faults:
        raise PolicyError(faults)
    return policy


def profile_names() -> list[str]:
    """List the profiles that callguard ships."""
    return sorted(path.stem for path in PROFILES.glob("*.toml"))


def _locate(name_or_path: str | Path, *, base: Path, said_in: str | None) -> Path:
    if str(name_or_path) in profile_names():
        return PROFILES / f"{name_or_path}.toml"
    path = base / name_or_path
    if path.is_file():
        return path
    where = f"{said_in}: extends: " if said_in else ""
    raise PolicyError([f"{where}no policy {str(name_or_path)!r}; allowed: {', '.join(profile_names())}, or the path of a TOML file"])


def _chain(path: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Read the file and all that it extends, the file itself first."""
    chain: list[tuple[Path, dict[str, Any]]] = []
    while True:
        if path.resolve() in (seen.resolve() for seen, _ in chain):
            circle = " -> ".join([*(seen.name for seen, _ in chain), path.name])
            raise PolicyError([f"{path.name}: extends: goes in a circle ({circle}); allowed: a chain that ends"])
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PolicyError([f"{path.name}: not TOML: {error}"]) from None
        base = content.pop("extends", None)
        chain.append((path, content))
        if base is None:
            return chain
        if not isinstance(base, str):
            raise PolicyError([f"{path.name}: extends: {base!r}; allowed: a profile's name or the path of a TOML file"])
        path = _locate(base, base=path.parent, said_in=path.name)


def _rules_by_id(content: dict[str, Any], file: str, faults: list[str]) -> dict[str, Any]:
    """Turn `[[rule]]` into a table by id, so that a file can change one key of one rule of the file that it extends."""
    rules = content.get("rule", [])
    if not isinstance(rules, list):
        faults.append(f"{file}: rule: one table; allowed: [[rule]] entries")
        rules = []
    by_id: dict[str, Any] = {}
    for number, rule in enumerate(rules, 1):
        rule_id = rule.get("id") if isinstance(rule, dict) else None
        if not isinstance(rule_id, str):
            faults.append(f"{file}: rule #{number}.id: is missing; allowed: CG1nn for a turn, CG3nn for the call")
        elif rule_id in by_id:
            faults.append(f"{file}: rule.{rule_id}: written twice; allowed: each id once in a file")
        else:
            by_id[rule_id] = rule
    return {**content, "rule": by_id}


def _merge(into: dict[str, Any], content: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Merge tables key by key; what the later file writes wins. Yields the path of every key that it wrote."""
    for key, value in content.items():
        yield (*at, key)
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            yield from _merge(into[key], value, (*at, key))
        else:
            into[key] = copy.deepcopy(value)


def _origin_of(key: tuple[str, ...], origin: Mapping[tuple[str, ...], str], default: str) -> str:
    for length in range(len(key), 0, -1):
        if key[:length] in origin:
            return origin[key[:length]]
    return default


def _said(detail: ErrorDetails, origin: Mapping[tuple[str, ...], str], default: str) -> str:
    """Make one line of one of pydantic's errors: file, key, what is there and what is allowed."""
    key = tuple(str(part) for part in detail["loc"])
    where = f"{_origin_of(key, origin, default)}: {'.'.join(key)}"
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key; allowed: {', '.join(_keys_beside(key))}"
    if detail["type"] == "missing":
        return f"{where}: is missing; allowed: a value here or in a policy that is extended"
    if detail["type"] == "string_pattern_mismatch" and key[-1] == "id":
        return f"{where}: {detail['input']!r}; allowed: CG1nn for a turn, CG3nn for the call (CG5nn is reserved for the customer)"
    return f"{where}: {detail['input']!r}; allowed: {detail['msg'].removeprefix('Input should be ')}"


def _keys_beside(key: tuple[str, ...]) -> list[str]:
    model: type[BaseModel] = PolicyFile
    for part in key[:-1]:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
        elif part == "rule":
            model = RuleTable
    return [*model.model_fields, *(["extends"] if model is PolicyFile else [])]


def _contradictions(policy: PolicyFile) -> list[tuple[tuple[str, ...], str]]:
    """Say what each key alone allows but all of them together do not."""
    faults: list[tuple[tuple[str, ...], str]] = []
    immediate = set(policy.immediate)
    if not ALWAYS_IMMEDIATE <= immediate <= MAY_BE_IMMEDIATE:
        always, also = (", ".join(sorted(labels)) for labels in (ALWAYS_IMMEDIATE, MAY_BE_IMMEDIATE - ALWAYS_IMMEDIATE))
        faults.append((("immediate",), f"{sorted(immediate)}; allowed: {always}, and further {also}"))
    for key, rule in policy.rule.items():
        stands_for = (bool(rule.labels), rule.outcome is not None, rule.fact is not None)
        if stands_for != (True, False, False) and rule.id.startswith("CG1"):
            faults.append((("rule", key), "allowed in CG1nn: labels, and neither outcome nor fact"))
        elif rule.id.startswith("CG3") and (rule.labels or sum(stands_for) != 1):
            faults.append((("rule", key), "allowed in CG3nn: either outcome or fact, and no labels"))
    for row, outcome in enumerate(ROWS[:-1], 1):
        rule_id = f"CG3{row:02d}"
        clause = policy.rule.get(rule_id)
        if clause is None:
            faults.append((("rule", rule_id), f"is missing; allowed: the clause of row {row}, outcome = {outcome.value!r}"))
        elif clause.outcome is not outcome:
            faults.append((("rule", rule_id), f"allowed: outcome = {outcome.value!r}, row {row} of the decision table"))
    covered = {label for rule in policy.rule.values() for label in rule.labels}
    needed = [label for label, level in LEVEL_OF.items() if level >= Level.ABUSIVE and label not in covered]
    faults += [(("rule",), f"no rule for {label.value}; allowed: a CG1nn rule for every label of level 2 or above") for label in needed]
    return faults
