"""The only gate to model files: a name -> a local folder whose files have the pinned sha256.

Nothing here reaches for a network. The register is `models.toml`, in the `models/` folder of a checkout or of the installed package.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from callguard.errors import WeightsError

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "models", _PACKAGE.parent.parent / "models")
"""In an installed package; in a checkout."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One entry of the register."""

    name: str
    task: str
    licence: str
    revision: str
    folder: Path | None
    """None where the package that carries them is not installed."""
    carried_by: str
    """`callguard`, or the Python package that carries them."""
    sha256: tuple[tuple[str, str], ...]
    """File name and hash."""

    @property
    def path(self) -> Path:
        """The folder.

        Raises:
            WeightsError: the package that carries the weights is not installed.
        """
        if self.folder is None:
            raise WeightsError(self.faults()[0])
        return self.folder

    @property
    def fingerprint(self) -> str:
        """One sha256 for all files of the entry."""
        return hashlib.sha256("".join(f"{name}={digest}\n" for name, digest in self.sha256).encode()).hexdigest()

    def faults(self) -> list[str]:
        """Say what is missing or is not the pinned file; empty when all is well."""
        if self.folder is None:
            return [f"{self.name}: the package {self.carried_by} that carries these weights is not installed"]
        found = []
        for name, digest in self.sha256:
            file = self.folder / name
            if not file.is_file():
                found.append(f"{self.name}: {file} is missing")
            elif _sha256(file) != digest:
                found.append(f"{self.name}: {file} is not the pinned file (its sha256 differs); install {self.carried_by} again")
        return found


def register() -> dict[str, Weights]:
    """Read the register.

    Raises:
        WeightsError: there is none.
    """
    root = next((place for place in _PLACES if (place / "models.toml").is_file()), None)
    if root is None:
        raise WeightsError("models.toml is missing: callguard is not installed whole; install it again")
    entries = tomllib.loads((root / "models.toml").read_text(encoding="utf-8"))
    return {name: _weights(name, entry, root) for name, entry in entries.items()}


def verified(name: str) -> Weights:
    """Give an entry whose files are all there and have the pinned hashes.

    Raises:
        WeightsError: no such entry, or its files are missing or others; the message lists every fault.
    """
    entries = register()
    if name not in entries:
        raise WeightsError(f"no weights are called {name!r}; there are {', '.join(sorted(entries))}")
    faults = entries[name].faults()
    if faults:
        raise WeightsError("\n".join(faults))
    return entries[name]


def _weights(name: str, entry: dict[str, object], root: Path) -> Weights:
    folder: Path | None = root / str(entry["folder"])
    carried_by = "callguard"
    if entry["source"] == "package":
        carried_by = str(entry["package"])
        spec = find_spec(carried_by)
        folder = Path(spec.submodule_search_locations[0]) / str(entry["folder"]) if spec and spec.submodule_search_locations else None
        carried_by = carried_by.replace("_", "-")
    pins = entry["sha256"]
    return Weights(
        name=name,
        task=str(entry["task"]),
        licence=str(entry["licence"]),
        revision=str(entry["revision"]),
        folder=folder,
        carried_by=carried_by,
        sha256=tuple((str(file), str(digest)) for file, digest in pins.items()) if isinstance(pins, dict) else (),
    )


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
