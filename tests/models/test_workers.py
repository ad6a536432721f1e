"""A call that kills the process that analyses it costs no other call."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from callguard.batch.analyse import analyse_all
from callguard.batch.inputs import CallInput
from callguard.policy import rulebook
from callguard.settings import Settings
from callguard.types import Call, Roles, RolesHow, Speaker, Status, Turn

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.models


class Deadly(str):
    """A name that ends the process that receives it."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Callable[[int], None], tuple[int]]:
        return os._exit, (9,)


def call(number: int) -> CallInput:
    name = f"c{number}"
    turns = (Turn(name, 0, Speaker.AGENT, "Good morning.", 0.0, 1.0, 1.0),)
    return CallInput(name, Call(name, roles=Roles(RolesHow.METADATA, 1.0)), turns=turns)


def test_a_deadly_call_is_skipped_and_the_others_are_done() -> None:
    calls = [call(number) for number in range(9)]
    calls[3] = replace(calls[3], source=Deadly("deadly.wav"))
    reports = list(analyse_all(calls, Settings(workers=2), rulebook.load("balanced")))
    assert [report.call.call_id for report in reports] == [each.call.call_id for each in calls]
    assert [report.status for report in reports] == [Status.SKIPPED if number == 3 else Status.ANALYSED for number in range(9)]
    assert reports[3].reason_code == "worker_died"
    assert reports[3].message.startswith("deadly.wav")
