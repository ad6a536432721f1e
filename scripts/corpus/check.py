"""Hold the corpus files to their format: `python scripts/corpus/check.py [FILE...]`; exit 1 and one line per fault."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

CUSTOMER = set(
    [
        "undirected_profanity",
        "directed_profanity",
        "personal_insult",
        "discriminatory_abuse",
        "sexual_harassment",
        "threat_violence",
        "threat_bomb",
        "intimidation",
        "wish_of_harm",
        "self_harm_risk",
        "quoted_abuse",
        "legal_or_review_threat",
        "sarcasm",
        "customer_apology",
        "legit_anger",
        "vulnerability",
        "escalation_requested",
        "appreciation",
        "criticism",
        "figure_of_speech",
        "directed",
        "uncivil",
        "stalking",
        "broken_promise",
        "repeat_contact",
        "long_hold",
        "remedy_refused",
    ]
)
AGENT = set(
    [
        "warning_given",
        "courtesy_request",
        "ownership",
        "good_apology",
        "non_apology",
        "agent_excuse",
        "agent_defensive",
        "agent_insult",
        "stonewalling",
        "escalation_denied",
        "escalation_route_given",
        "misrepresented_supervisor",
        "asked_what_is_fair",
        "tangible_repair",
        "commitment_made",
        "vague_promise",
        "call_ended_by_agent",
        "helping_act",
        "company_at_fault",
        "remedy_offered",
        "agent_provocation",
        "main_concern_restated",
        "quoted_abuse",
    ]
)
LEVELS = {
    "threat_violence": 4, "threat_bomb": 4, "stalking": 4,
    "discriminatory_abuse": 3, "sexual_harassment": 3, "intimidation": 3, "wish_of_harm": 3,
    "directed_profanity": 2, "personal_insult": 2, "uncivil": 1,
}  # fmt: skip


def faults(row: str) -> list[str]:
    """Return what is wrong with one row."""
    cells = row.split("\t")
    if len(cells) not in (5, 6):
        return [f"{len(cells)} columns, not 5 or 6"]
    speaker, level, labels, sentiment, text = cells[:5]
    found = []
    named = set() if labels == "-" else set(labels.split(","))
    if speaker not in ("C", "A"):
        return [f"speaker {speaker!r}"]
    unknown = named - (CUSTOMER if speaker == "C" else AGENT)
    if unknown:
        found.append(f"labels {sorted(unknown)} are not of {speaker}")
    if speaker == "C":
        expected = max([LEVELS.get(label, 0) for label in named], default=0)
        if level != str(expected):
            found.append(f"level {level}, labels say {expected}")
        if expected >= 1 and "uncivil" not in named:
            found.append("level >= 1 without uncivil")
        if "stalking" in named and "intimidation" not in named:
            found.append("stalking without intimidation")
        if sentiment not in ("neg", "neu", "pos"):
            found.append(f"sentiment {sentiment!r}")
    elif (level, sentiment) != ("-", "-"):
        found.append("an agent's row has no level and no sentiment")
    if not text.strip():
        found.append("no text")
    if len(cells) == 6 and cells[5]:
        turns = cells[5].split(" | ")
        if len(turns) > 3 or any(turn[:3] not in ("A: ", "C: ") for turn in turns):
            found.append("context is not up to three turns that begin with 'A: ' or 'C: '")
    return found


def main() -> int:
    """Check the named files, or all of them."""
    here = Path(__file__).parent
    files = [Path(name) for name in sys.argv[1:]] or sorted(here.glob("*/*.tsv"))
    bad = 0
    seen: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    rows = 0
    for file in files:
        for number, row in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not row.strip() or row.startswith("#"):
                continue
            rows += 1
            for fault in faults(row):
                bad += 1
                print(f"{file.name}:{number}: {fault}")
            cells = row.split("\t")
            if len(cells) >= 5:
                key = "\t".join([cells[0], cells[4].lower(), *cells[5:]])
                seen[key] += 1
                if seen[key] == 2 and "dialogues" not in file.parts:
                    print(f"{file.name}:{number}: written twice: {cells[4]}")
                counts.update(cells[2].split(","))
    print(f"{rows} rows, {bad} faults", file=sys.stderr)
    print(" ".join(f"{label}={n}" for label, n in counts.most_common()), file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
