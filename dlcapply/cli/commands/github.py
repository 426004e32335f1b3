"""`dlcapply github`: what is told of plans in pull requests, and which plans were approved there."""

from __future__ import annotations

from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import REVIEW_WORKFLOW, TargetOptions
from dlcapply.cli.options.target import place_options
from dlcapply.cli.options.telling import forms_option, verbose_option
from dlcapply.cli.options.values import duration, file_name, given, path_name, pick, text_option
from dlcapply.errors import UsageError
from dlcapply.rendering.formats import REPORT_FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.api.review.approved_plans import Wanted
    from dlcapply.api.review.texts import Told
    from dlcapply.cli.patience import Patience
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.forge.github.repository import GitHubRepository
    from dlcapply.forge.surroundings import Surroundings
    from dlcapply.rendering.markdown.fitting import Size
    from dlcapply.rendering.rows.approvals import ApprovedPlans

_CONCLUSIONS = ("neutral", "failure", "success")
_CLOSED = "is closed: what is said of it stays as it is"
_plan_argument = click.argument("plan", type=file_name, required=False)
_report_option = text_option(
    "--report",
    type=file_name,
    metavar="FILE",
    help="Markdown in place of a plan, where none could be made.",
)
_owner_option = text_option(
    "--owner",
    metavar="PROJECT/ENV",
    help="Whose plan could not be made; with --report.",
)
_dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")


@click.group()
def github() -> None:
    """Show plans in pull requests, and fetch the approved ones.

    Run in a workflow of GitHub Actions: its variables say where, and GITHUB_TOKEN who asks.
    """


@github.command()
@_plan_argument
@_report_option
@_owner_option
@click.option(
    "--pull-request",
    type=click.IntRange(1, 2**31),
    metavar="N",
    help="Which one; otherwise the event's.",
)
@_dry_run_option
@verbose_option
@click.pass_obj
def comment(shell: Shell, /, **options: Any) -> None:
    """Show a saved plan in one comment of the pull request.

    It is updated in place, and never by an older run.
    """
    from dlcapply.api.review import github as use
    from dlcapply.api.review.texts import ABOVE_A_FOOT
    from dlcapply.forge.comments import Written

    around, told = _around(shell), _told(options, ABOVE_A_FOOT)
    number = use.pull_request_of(around, options["pull_request"])
    if options["dry_run"]:
        _print(
            shell,
            f"would comment on pull request {number} of {around.repository}:",
            use.comment_of(told, around),
        )
        return
    if _is_closed(shell, around, options["pull_request"]):
        return
    with _repository(shell, around) as repository:
        is_named = options["pull_request"] is not None
        written = use.comment(told, around, number, repository, is_named=is_named)
    words = {
        Written.MADE: "has the comment now",
        Written.UPDATED: "has the comment brought up to date",
        Written.NEWER: "has a comment of a newer run, or of a newer commit: it stays",
        Written.CLOSED: _CLOSED,
    }
    _say(shell, f"pull request {number} {words[written]}")


@github.command()
@_plan_argument
@_report_option
@_owner_option
@click.option(
    "--blocked",
    type=click.Choice(_CONCLUSIONS),
    default="neutral",
    show_default=True,
    help="What a plan with blocked changes is.",
)
@click.option(
    "--waiting",
    type=click.Choice(_CONCLUSIONS),
    default="neutral",
    show_default=True,
    help="What a plan with waiting changes is.",
)
@_dry_run_option
@verbose_option
@click.pass_obj
def check(shell: Shell, /, **options: Any) -> None:
    """Put a saved plan on the commit under review, as a check run.

    It is red where a limit or a policy denies the plan, or none could be made. An approval is tied to it.
    """
    from dlcapply.api.review import github as use
    from dlcapply.api.review.texts import IN_A_CHECK

    around, told = _around(shell), _told(options, IN_A_CHECK)
    made = use.check_of(told, around, blocked=options["blocked"], waiting=options["waiting"])
    what = f"{made.name} on commit {made.commit[:12]}: {made.conclusion}, {made.title}"
    if options["dry_run"]:
        _print(shell, f"would say {what} ({made.external_id})", made.summary)
        return
    if _is_closed(shell, around):
        return
    with _repository(shell, around) as repository:
        is_said = use.check(made, around, repository) is not None
    newer = f"{made.name} on commit {made.commit[:12]} is of a newer run: it stays"
    _say(shell, what if is_said else newer)


@github.command(short_help="Fetch the saved plans of what was merged.")
@place_options
@click.option(
    "--out", type=path_name, required=True, metavar="DIR", help="Where the plans go; new, or empty."
)
@text_option(
    "--for",
    "pending",
    type=file_name,
    metavar="PLAN",
    help="Look no further than its changes need: a plan of now.",
)
@click.option(
    "--workflow",
    type=given,
    default=REVIEW_WORKFLOW,
    show_default=True,
    metavar="FILE",
    help="The workflow whose plans count.",
)
@text_option(
    "--artifact",
    metavar="NAME",
    help="The artefact that a plan is; otherwise dlcapply-plan-ENVIRONMENT.",
)
@text_option(
    "--branch",
    metavar="NAME",
    help="Merged into which; otherwise the default one.",
)
@click.option(
    "--within", type=duration, default="90d", show_default=True, help="Merged how long ago, at most."
)
@forms_option(*REPORT_FORMS)
@click.option("--dry-run", is_flag=True, help="Print what would be taken, and write nothing.")
@click.pass_obj
def approved(shell: Shell, /, **options: Any) -> None:
    """Fetch the saved plans of merged pull requests, for apply --approved.

    A plan counts if the review workflow has made it, before the merge, for what was merged, in this
    repository, for a pull request that touches no workflow, and if its hash is on that commit. Every other
    merged pull request is named, with the reason.
    """
    from dlcapply.api.review import approved_plans as use
    from dlcapply.cli.printing import parse_outputs
    from dlcapply.disk import check_new_folder

    outputs = parse_outputs(options["output"], forms=REPORT_FORMS)
    around = _around(shell)
    environment = use.environment_of(pick(TargetOptions, options), shell.environ)
    check_new_folder(options["out"])
    with _repository(shell, around) as repository:
        fetched = use.fetch_approved(environment, _wanted(options), repository, now=shell.clock.now())
    folder = "" if options["dry_run"] else options["out"]
    if folder:
        use.write_approved(fetched, folder)
    told = use.report_of(fetched, owner=environment.owner, folder=folder, requests=repository.sent)
    _report(outputs, shell, told)


def _wanted(options: Any) -> Wanted:
    from dlcapply.api.review.approved_plans import Wanted, pending_of

    return Wanted(
        workflow=options["workflow"],
        within=options["within"],
        artifact=options["artifact"],
        branch=options["branch"],
        pending=pending_of(options["pending"]) if options["pending"] else None,
    )


def _report(outputs: tuple[Output, ...], shell: Shell, told: ApprovedPlans) -> None:
    from dlcapply.cli.printing import report
    from dlcapply.rendering.formats import JSON, MARKDOWN, TEXT
    from dlcapply.rendering.json_documents import approved_document, to_json
    from dlcapply.rendering.markdown.approved_plans import approved_markdown
    from dlcapply.rendering.text.approved_plans import approved_lines

    report(
        outputs,
        shell,
        formats={
            TEXT: lambda: approved_lines(told),
            JSON: lambda: to_json(approved_document(told)),
            MARKDOWN: lambda: approved_markdown(told),
        },
    )


@github.command()
@click.argument("plan", type=file_name)
@_dry_run_option
@verbose_option
@click.pass_obj
def issue(shell: Shell, /, **options: Any) -> None:
    """Keep one issue open for as long as there is drift.

    PLAN is the document of plan --drift -o json. The issue is opened, brought up to date, and closed.
    """
    from dlcapply.api.review import drift_issue as use

    around, drift = _around(shell), use.drift_of(options["plan"])
    if options["dry_run"]:
        draft, state = use.draft_of(drift, around), "open" if drift.proven else "closed"
        _print(shell, f"would keep the issue {draft.title!r} {state}:", f"{draft.body}\n{draft.foot}")
        return
    with _repository(shell, around) as repository:
        done = use.tell(drift, around, repository)
    _say(shell, done)


@github.command(short_help="Print the options that labels consent to.")
@verbose_option
@click.pass_obj
def consents(shell: Shell, /) -> None:
    """Print the options that the pull request's labels consent to, one a line.

    allow-replace:NAME is --allow-replace=NAME, and allow-stops:N is --allow-stops=N.
    """
    from dlcapply.api.review import github as use
    from dlcapply.cli.patience import Patience
    from dlcapply.cli.printing import say
    from dlcapply.cli.streams import stdout

    around = _around(shell)
    with Patience(shell) as patience:
        asked = use.consents(around, partial(_opened, shell, around, patience))
    say(stdout(), shell, *asked)


def _around(shell: Shell) -> Surroundings:
    from dlcapply.forge.surroundings import surroundings_of

    return surroundings_of(shell.environ)


@contextmanager
def _repository(shell: Shell, around: Surroundings) -> Iterator[GitHubRepository]:
    """The repository, asked within the block; what takes long is told, and with -v every request."""
    from dlcapply.cli.patience import Patience

    with Patience(shell) as patience, closing(_opened(shell, around, patience)) as repository:
        yield repository


def _opened(shell: Shell, around: Surroundings, patience: Patience) -> GitHubRepository:
    from dlcapply.api.review.github import connect
    from dlcapply.cli.printing import say
    from dlcapply.cli.streams import stderr

    def tell(text: str) -> None:
        say(stderr(), shell, text)

    return connect(around, shell.environ, clock=shell.clock, tell=tell, watcher=patience)


def _told(options: Any, size: Size) -> Told:
    """The plan, or what stands in its place; raises UsageError for neither, and for both."""
    from dlcapply.api.review.texts import told_instead, told_of

    plan, report, owner = options["plan"], options["report"], options["owner"]
    if plan and not report and not owner:
        return told_of(plan, size=size)
    if report and owner and not plan:
        return told_instead(report, owner, size=size)
    raise UsageError(
        "name a saved plan, or --report FILE and --owner PROJECT/ENV where none could be made",
        hint="plan --out FILE saves one",
    )


def _is_closed(shell: Shell, around: Surroundings, number: int | None = None) -> bool:
    """Whether nothing is to be said any more, which is told: what was approved stays what was approved."""
    if not around.is_closed or number is not None:
        return False
    _say(shell, f"pull request {around.pull_request} {_CLOSED}")
    return True


def _say(shell: Shell, *texts: str) -> None:
    from dlcapply.cli.printing import say
    from dlcapply.cli.streams import stdout

    say(stdout(), shell, *texts)


def _print(shell: Shell, headline: str, text: str) -> None:
    from dlcapply.cli.streams import stdout

    _say(shell, headline)
    stdout().write_document(text if text.endswith("\n") else f"{text}\n")
