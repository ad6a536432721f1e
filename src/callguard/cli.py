"""The command line: thin; each command reads its options, calls one function and says what came of it.

Results go to standard output, everything else to standard error. Exit codes: 0 all done, 1 some input could not be processed (the rest
was), 2 wrong usage or configuration. Heavy modules are imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import callguard
from callguard.errors import CallguardError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from callguard.policy.rulebook import Rulebook
    from callguard.settings import Settings
    from callguard.types import CallReport

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Permission with proof: which abusive support calls an agent may end, with the words, the time and the clause.",
    epilog="Try: callguard analyze samples/ --out report/",
)
policy_app = typer.Typer(no_args_is_help=True, help="Look at policies and check your own.")
models_app = typer.Typer(no_args_is_help=True, help="Weights: where they are and whether they are the pinned ones.")
app.add_typer(policy_app, name="policy")
app.add_typer(models_app, name="models")

ConfigOption = Annotated[Path | None, typer.Option("--config", help="Settings file; ./callguard.toml if there is one.")]
PolicyOption = Annotated[
    str | None, typer.Option("--policy", help="as_written, protective, balanced (default), cautious, or the path of a policy file.")
]


def main() -> None:
    """Run the command line; every known error is one message and an exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A file's name may hold bytes that are no text; it must not stop the line of its call.
        sys.stdout.reconfigure(errors="replace")
    try:
        app()
    except CallguardError as error:
        typer.echo(f"callguard: {error}", err=True)
        raise SystemExit(error.exit_code) from error


def _version(asked: bool) -> None:  # noqa: FBT001  # the shape that typer calls
    if asked:
        typer.echo(f"callguard {callguard.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")] = False,  # noqa: FBT002
) -> None:
    pass


@app.command(epilog="Examples: callguard analyze calls/ --out report/   ·   callguard analyze call.wav --channels agent,customer")
def analyze(  # noqa: PLR0913, PLR0917  # one parameter an option is how typer works
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="INPUT...", help="Recordings, transcripts, folders or globs of them.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the report: index.html, a page a call, calls.jsonl, agents.csv.")] = None,
    output: Annotated[str | None, typer.Option("--format", help="`jsonl` prints one call a line.")] = None,
    policy: PolicyOption = None,
    manifest: Annotated[
        Path | None, typer.Option(help="CSV with a row a call: file, call_id, agent_id, customer_id, started_at, channels.")
    ] = None,
    channels: Annotated[str | None, typer.Option(help="Who is on each channel where nothing else says it, e.g. agent,customer.")] = None,
    asr: Annotated[str | None, typer.Option(help="Recognizer: auto or moonshine.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Calls analysed side by side.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no table.")] = False,  # noqa: FBT002
    config: ConfigOption = None,
) -> None:
    """Analyse recorded calls: verdicts, a report to open in a browser, and each agent's exposure."""
    from callguard.batch.analyse import analyse_all
    from callguard.batch.inputs import find
    from callguard.formats.manifest import read_manifest

    if output not in (None, "jsonl"):
        raise typer.BadParameter("only `jsonl` is known", param_hint="--format")
    if not inputs and manifest is None:
        raise typer.BadParameter("name recordings, transcripts or folders, or a --manifest", param_hint="INPUT")
    settings = _settings(config, channels=channels, asr=asr, workers=workers)
    rulebook = _rulebook(policy or settings.policy.profile)
    calls = list(find(inputs or [], read_manifest(manifest) if manifest else []))
    reports = _printed(_followed(analyse_all(calls, settings, rulebook), total=len(calls), quiet=quiet), jsonl=output == "jsonl")
    failed = _finish(reports, out, quiet=quiet or output == "jsonl")
    if not calls:
        typer.echo("callguard: no recording or transcript was found there", err=True)
    if failed or not calls:
        raise typer.Exit(1)


@app.command(epilog='Example line in: {"speaker": "customer", "text": "You\'re useless, you know that?"}')
def score(
    file: Annotated[Path, typer.Argument(help="JSON Lines, one utterance a line; `-` reads standard input.")],
) -> None:
    """Score utterances with the classifiers alone: one line in, one line out, in the same order."""
    from callguard.batch.score import score_lines

    if str(file) != "-" and not file.is_file():
        raise typer.BadParameter(f"{file}: there is no such file", param_hint="FILE")
    failed = False
    with sys.stdin if str(file) == "-" else file.open(encoding="utf-8", errors="replace") as lines:
        for line, fault in score_lines(lines):
            failed = failed or fault is not None
            if fault:
                typer.echo(f"callguard: {file}: {fault}", err=True)
            typer.echo(line)
    if failed:
        raise typer.Exit(1)


@policy_app.command("check", epilog="Example: callguard policy check our-policy.toml")
def policy_check(name: Annotated[str, typer.Argument(metavar="FILE", help="A policy file, or the name of a shipped profile.")]) -> None:
    """Check a policy; every fault is told at once, each with file, key and what is allowed."""
    rulebook = _rulebook(name)
    typer.echo(f"{rulebook.name} {rulebook.version}: {len(rulebook.rules)} rules, sha256 {rulebook.policy_hash}")


@models_app.command("list")
def models_list() -> None:
    """Say which weights there are, what they are for and where they lie."""
    from callguard import weights

    for entry in weights.register().values():
        typer.echo(f"{entry.name}\t{entry.task}\t{entry.licence}\t{entry.folder or 'not installed: ' + entry.carried_by}")


@models_app.command("verify")
def models_verify() -> None:
    """Check every file of every set of weights against its pinned sha256."""
    from callguard import weights

    faults = [fault for entry in weights.register().values() for fault in entry.faults()]
    for fault in faults:
        typer.echo(f"callguard: {fault}", err=True)
    if faults:
        raise typer.Exit(1)
    typer.echo("all weights are the pinned ones")


def _settings(config: Path | None, *, channels: str | None, asr: str | None, workers: int | None) -> Settings:
    from callguard import settings as settings_file

    said = {
        "audio": {"channels": tuple(channels.split(","))} if channels else {},
        "asr": {"engine": asr} if asr else {},
        "workers": workers,
    }
    return settings_file.overridden(settings_file.load(config), said)


def _rulebook(name: str) -> Rulebook:
    from callguard.policy import rulebook

    return rulebook.load(name)


def _printed(reports: Iterable[CallReport], *, jsonl: bool) -> Iterator[CallReport]:
    """Print each call as a line as soon as it is there, if asked for; say in one line why a call was not analysed."""
    from callguard.reports import as_json

    for report in reports:
        if report.reason_code:
            typer.echo(f"callguard: skipped ({report.reason_code}): {report.message}", err=True)
        if jsonl:
            typer.echo(as_json.line(report))
        yield report


def _followed(reports: Iterable[CallReport], *, total: int, quiet: bool) -> Iterator[CallReport]:
    """Show progress on a terminal: calls, audio and how many times faster than the calls themselves."""
    from callguard.reports.progress import follow

    return iter(reports) if quiet else follow(reports, total=total)


def _finish(reports: Iterable[CallReport], out: Path | None, *, quiet: bool) -> bool:
    """Write the report and show the table; say whether some call was not analysed."""
    from rich.console import Console

    from callguard.reports.build import build
    from callguard.reports.terminal import summary_table

    done = list(reports)
    if out is not None:
        build(done, out)
    if not quiet:
        console = Console()
        console.print(summary_table(done))
        if out is not None:
            console.print(f"Open {out / 'index.html'} in a browser.", highlight=False, soft_wrap=True)
    return any(report.reason_code for report in done)
