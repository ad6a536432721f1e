"""One frozen settings tree, from `callguard.toml`; a key that nobody knows is refused.

The file is looked for in the working folder unless `--config` or `CALLGUARD_CONFIG` names another. What the command line says goes before
what the file says.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from callguard.errors import ConfigurationError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AudioSettings(_Section):
    """`[audio]`."""

    channels: tuple[Literal["agent", "customer"], ...] = ()
    """Who is on each channel of a recording whose manifest or call.toml does not say, first channel first."""


class AsrSettings(_Section):
    """`[asr]`."""

    engine: Literal["auto", "moonshine"] = "auto"
    """The recognizer; `auto` takes the best one whose weights are on disk."""
    threads: int = Field(default=1, ge=1, le=64)
    """Threads of one recognizer; several workers with one thread each are faster than one with several."""


class PolicySettings(_Section):
    """`[policy]`."""

    profile: str = "balanced"
    """A profile that ships with callguard, or the path of a policy file."""


class Settings(_Section):
    """The whole tree."""

    audio: AudioSettings = AudioSettings()
    asr: AsrSettings = AsrSettings()
    policy: PolicySettings = PolicySettings()
    workers: int = Field(default=1, ge=1, le=256)
    """Processes that analyse calls side by side."""


def load(path: Path | None = None) -> Settings:
    """Read the settings; without a file the defaults hold.

    Raises:
        ConfigurationError: the named file is missing, or keys are wrong; every fault on a line of its own with file and key.
    """
    named = path or (Path(os.environ["CALLGUARD_CONFIG"]) if os.environ.get("CALLGUARD_CONFIG") else None)
    file = named or Path("callguard.toml")
    if not file.is_file():
        if named:
            raise ConfigurationError(f"{file}: there is no such settings file")
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: not valid TOML: {error}") from error
    except ValidationError as error:
        lines = [f"{file}: {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise ConfigurationError("\n".join(lines)) from error


def overridden(settings: Settings, said: dict[str, object]) -> Settings:
    """Give the settings with what the command line said put over them; what is None or empty was not said.

    Raises:
        ConfigurationError: a value is not allowed.
    """
    merged = settings.model_dump()
    for key, value in said.items():
        if isinstance(value, dict):
            merged[key] = {**merged[key], **value}
        elif value is not None:
            merged[key] = value
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise ConfigurationError("\n".join(lines)) from error
