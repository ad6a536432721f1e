"""`callguard --help` must answer at once: nothing heavy may be imported for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ["torch", "transformers", "spacy", "faster_whisper", "onnxruntime", "numpy", "pydantic_settings", "scipy", "av", "jinja2"]


@pytest.mark.parametrize("module", ["callguard", "callguard.cli", "callguard.types", "callguard.errors"])
def test_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
