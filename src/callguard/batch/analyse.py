"""Push each recorded call through a session; what happens to one never costs another."""

from __future__ import annotations

import logging
import multiprocessing
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from callguard import engine
from callguard.audio.decode import Recording
from callguard.errors import ConfigurationError, InputError
from callguard.reports.build import assemble
from callguard.session import CallSession
from callguard.types import CallReport, Roles, RolesHow, Speaker, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from callguard.batch.inputs import CallInput
    from callguard.engine import Engine
    from callguard.policy.rulebook import Rulebook
    from callguard.settings import Settings
    from callguard.types import Call, Event

_log = logging.getLogger(__name__)
_engine: Engine | None = None
"""The engine of a worker process."""


def analyse_all(inputs: Iterable[CallInput], settings: Settings, rulebook: Rulebook) -> Iterator[CallReport]:
    """Analyse calls, as many side by side as the settings say; reports come in the order of the inputs."""
    if settings.workers == 1:
        built = engine.build(settings, rulebook)
        yield from (analyse(each, built) for each in inputs)
    else:
        yield from _side_by_side(inputs, settings, rulebook)


def analyse(each: CallInput, built: Engine) -> CallReport:
    """Analyse one call; a call that cannot be analysed gives a skipped report with a reason code.

    Raises:
        ConfigurationError: no call can be analysed until a person mends the installation.
    """
    if each.error is not None:
        return _skipped(each, built, each.error.reason_code, each.error.message)
    try:
        return _from_turns(each, built) if each.recording is None else _from_recording(each, each.recording, built)
    except InputError as error:
        return _skipped(each, built, error.reason_code, error.message)
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001  # a fault of ours in one call must not cost the others
        _log.exception("call %s failed", each.call.call_id)
        return _skipped(each, built, "internal_error", f"{each.source}: {type(error).__name__}; please report this with the log above")


def _from_turns(each: CallInput, built: Engine) -> CallReport:
    session = CallSession(each.call, built.parts)
    events = [*session.push_turns(each.turns), *session.finish()]
    return assemble(each.call, each.source, events, provenance=built.provenance(audio=False))


def _from_recording(each: CallInput, path: Path, built: Engine) -> CallReport:
    with Recording(path) as recording:
        call = _with_channels(each.call, recording.channels, built.channels, each.source)
        session = CallSession(call, built.parts)
        events: list[Event] = []
        for chunk in recording.chunks():
            events.extend(session.push(chunk))
        events.extend(session.finish())
    return assemble(call, each.source, events, provenance=built.provenance(audio=True), audio=str(path))


def _with_channels(call: Call, channels: int, by_setting: tuple[Speaker, ...], source: str) -> Call:
    """Say who is on each channel: as the call's own record says, else as the settings say, else nobody knows."""
    if call.channels and len(call.channels) != channels:
        due = len(call.channels)
        raise InputError("channels_differ", f"{source}: the recording has {channels} channels, its description names {due}")
    if call.channels:
        return call
    if len(by_setting) == channels:
        return replace(call, channels=by_setting, roles=Roles(RolesHow.METADATA, 1.0))
    return replace(call, channels=(Speaker.UNKNOWN,) * channels, roles=Roles())


def _skipped(each: CallInput, built: Engine, code: str, message: str) -> CallReport:
    audio = each.recording is not None
    return CallReport(each.call, each.source, Status.SKIPPED, built.provenance(audio=audio), reason_code=code, message=message)


def _side_by_side(inputs: Iterable[CallInput], settings: Settings, rulebook: Rulebook) -> Iterator[CallReport]:
    """Keep a few calls in flight for each worker, so that memory does not grow with the number of calls."""
    waiting = iter(inputs)
    flying: deque[CallInput] = deque(islice(waiting, 2 * settings.workers))
    while flying:
        pool = _pool(settings, rulebook, settings.workers)
        try:
            with pool:
                futures = deque(pool.submit(_in_worker, each) for each in flying)
                while futures:
                    yield futures[0].result()
                    futures.popleft()
                    flying.popleft()
                    for each in islice(waiting, 1):
                        flying.append(each)
                        futures.append(pool.submit(_in_worker, each))
        except BrokenProcessPool:
            # One of the calls in flight killed its worker: each gets a worker of its own, so that the guilty one is found.
            for each in flying:
                yield _alone(each, settings, rulebook)
            flying = deque(islice(waiting, 2 * settings.workers))


def _alone(each: CallInput, settings: Settings, rulebook: Rulebook) -> CallReport:
    with _pool(settings, rulebook, 1) as pool:
        try:
            return pool.submit(_in_worker, each).result()
        except BrokenProcessPool:
            message = f"{each.source}: the process that analysed this call died; the file may be damaged"
            return _skipped(each, engine.build(settings, rulebook), "worker_died", message)


def _pool(settings: Settings, rulebook: Rulebook, workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(settings, rulebook))


def _start_worker(settings: Settings, rulebook: Rulebook) -> None:
    global _engine  # noqa: PLW0603  # a worker process has one engine for all its calls
    _engine = engine.build(settings, rulebook)


def _in_worker(each: CallInput) -> CallReport:
    if _engine is None:
        raise RuntimeError("the worker was not started")
    return analyse(each, _engine)
