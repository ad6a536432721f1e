"""Docs that cannot rot: the README's commands run, every reason code is listed, every option is documented."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CALLGUARD = str(Path(sys.executable).parent / "callguard")
COMMANDS = [line.strip().split("  #")[0] for line in README.splitlines() if line.startswith("    .venv/bin/callguard")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the README's commands expect: the samples, a folder of calls, the README's own manifest."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "samples").symlink_to(ROOT / "samples")
    recording = next((ROOT / "samples").glob("*/call.wav"))
    for place in ("calls", "2026-11-02"):
        (folder / place).mkdir()
    shutil.copy(recording, folder / "calls" / "one.wav")
    shutil.copy(recording, folder / "2026-11-02" / "0914.wav")
    manifest = re.search(r"^    file,call_id.*?\n\n", README, re.MULTILINE | re.DOTALL)
    assert manifest is not None
    (folder / "manifest.csv").write_text("\n".join(line.strip() for line in manifest[0].strip().splitlines()))
    return folder


@pytest.mark.models
@pytest.mark.parametrize("command", COMMANDS)
def test_the_readmes_commands_run(command: str, desk: Path) -> None:
    done = subprocess.run([CALLGUARD, *command.split()[1:]], capture_output=True, text=True, check=False, cwd=desk)
    assert done.returncode == 0, done.stderr


def test_the_readmes_policy_is_valid(tmp_path: Path) -> None:
    policy = re.search(r'^    extends = "balanced".*?\n\n(?=\S)', README, re.MULTILINE | re.DOTALL)
    assert policy is not None
    (tmp_path / "house.toml").write_text("\n".join(line.strip() for line in policy[0].splitlines()))
    done = subprocess.run([CALLGUARD, "policy", "check", "house.toml"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_reason_code_is_listed_and_no_other() -> None:
    listed = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs" / "reason-codes.md").read_text(encoding="utf-8"), re.MULTILINE))
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    raised = set(re.findall(r'InputError\(\s*"(\w+)"', source)) | set(re.findall(r'_skipped\(each, [^"]*"(\w+)"', source))
    assert raised | {"too_many_channels"} == listed


def test_every_command_has_help_with_an_example_or_needs_none() -> None:
    for words in ([], ["analyze"], ["score"], ["policy", "check"], ["models", "list"], ["models", "verify"]):
        done = subprocess.run([CALLGUARD, *words, "--help"], capture_output=True, text=True, check=True)
        assert "Usage:" in done.stdout
