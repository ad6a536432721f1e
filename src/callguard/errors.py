"""What can go wrong, as one tree.

    CallguardError
    ├── InputError            one call cannot be processed; the others go on (exit code 1)
    └── ConfigurationError    nothing can be processed until a person mends it (exit code 2)
        ├── PolicyError
        └── WeightsError

Each error takes facts and makes its own message. An `InputError` carries a reason code that scripts may rely on.
"""

from __future__ import annotations


class CallguardError(Exception):
    """The root of the tree."""

    exit_code = 1


class InputError(CallguardError):
    """One call cannot be processed.

    `reason_code` is one of the codes listed in docs/reason-codes.md; `message` is one line that says what to do.
    """

    def __init__(self, reason_code: str, message: str) -> None:
        super().__init__(message)
        self.reason_code = reason_code
        self.message = message


class ConfigurationError(CallguardError):
    """The settings, the policy or the installation need a person."""

    exit_code = 2


class PolicyError(ConfigurationError):
    """A policy file is not valid; every fault is listed, each with file and key."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class WeightsError(ConfigurationError):
    """Weights are missing or are not the ones that were pinned."""
