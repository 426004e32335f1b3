"""Where a person can look at a run: console, dashboards, TensorBoards, and a terminal for who asks for it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_plus, urlencode, urlsplit, urlunsplit

from dlcapply.api.connect import EMULATOR
from dlcapply.api.inspecting.run_heads import head_of
from dlcapply.cloud.dashboards import DASHBOARD, RAY_DASHBOARD, TERMINAL, dashboard, web_terminal
from dlcapply.cloud.tensorboards import tensorboards_of
from dlcapply.cloud.wire.endpoint import address_of
from dlcapply.errors import DlcapplyError, ServiceError
from dlcapply.model.addresses import Address
from dlcapply.model.answers import maps, pod_name
from dlcapply.rendering.rows.inspection import Addresses
from dlcapply.secrecy import MASK, is_secret_name, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.model.jobs import Environment
    from dlcapply.model.runs import Run
    from dlcapply.model.tensorboards import Tensorboard
    from dlcapply.rendering.rows.inspection import TensorboardDone

CONSOLE = "console"
_CONSOLE = "https://pai.console.aliyun.com/"
_DOMAIN = ".aliyuncs.com"
# What addresses call the values that open them, besides the names of every secret.
_OPENING = frozenset(
    {"code", "sign", "signature", "sig", "ticket", "tkt", "auth_tkt", "jwt"}
    | {"session", "sessionid", "jsessionid", "phpsessid", "sid"}
)
_PAIR = re.compile(r"(?<=[?&;#])(?P<name>[^=?&;#]+)=(?P<value>[^&;#]*)")
_RAY = frozenset({"RayJob", "DataJuicerJob"})


def addresses(
    manifests: Manifests,
    service: Service,
    named: NamedRun,
    *,
    terminal: bool = False,
    pod: str = "",
    tokens: bool = False,
) -> Addresses:
    """Every address of the run, and why there is none where there is none.

    The address of a terminal opens a shell to whoever has it: only with `terminal` one is asked for, in the
    first pod or in `pod`. Tokens in the other addresses are masked unless `tokens` asks for them. What PAI
    does not answer is a note. Raises DlcapplyError for a pod that the run does not have.
    """
    run = named.run
    found = [console_of(manifests.environment, run)]
    found += [_masked(one, shows=tokens) for one in _dashboards(service, run)]
    if terminal:
        found.append(_terminal(service, run, pod))
    boards, notes = _tensorboards(manifests, service, run)
    shown = tuple(_masked_board(one, shows=tokens) for one in boards)
    return Addresses(head_of(manifests, service, named), tuple(found), shown, notes)


def console_of(environment: Environment, run: Run) -> Address:
    """The page that Alibaba's own skill for diagnosing jobs links to; only PAI itself has one."""
    if environment.endpoint and not _is_pai(environment):
        return Address(CONSOLE, note="only PAI itself has one")
    place = urlencode({"regionId": environment.region, "workspaceId": environment.workspace_id})
    return Address(CONSOLE, f"{_CONSOLE}?{place}#/dlc/jobs/{quote(run.job_id, safe='')}/overview")


def _is_pai(environment: Environment) -> bool:
    return environment.endpoint != EMULATOR and address_of(environment).name.endswith(_DOMAIN)


def _dashboards(service: Service, run: Run) -> Iterator[Address]:
    job_type = run.body.get("JobType")
    has_ray = isinstance(job_type, str) and job_type in _RAY
    for kind in [DASHBOARD, RAY_DASHBOARD] if has_ray else [DASHBOARD]:
        try:
            yield dashboard(service.connection, run.job_id, kind)
        except ServiceError as error:
            yield Address(kind, note=error.message)


def _tensorboards(
    manifests: Manifests, service: Service, run: Run
) -> tuple[tuple[Tensorboard, ...], tuple[str, ...]]:
    workspace_id = manifests.environment.workspace_id
    try:
        found = tensorboards_of(service.connection, workspace_id, run.job_id)
    except ServiceError as error:
        return (), (f"TensorBoards: {error.message}",)
    return tuple(sorted(found, key=lambda one: not one.is_active)), ()


def _terminal(service: Service, run: Run, pod: str) -> Address:
    pods = [
        one for one in maps(service.jobs.detail(run).body.get("Pods")) if isinstance(one.get("PodId"), str)
    ]
    chosen = [one for one in pods if pod in {"", one["PodId"], pod_name(one["PodId"], run.job_id)}]
    if pod and not chosen:
        names = ", ".join(one["PodId"] for one in pods[:20]) or "none"
        raise DlcapplyError(f"{run.job_id} has no pod {pod}", hint=f"its pods: {names}")
    if not chosen:
        return Address(TERMINAL, note="there is no pod yet")
    uid = chosen[0].get("PodUid")
    try:
        found = web_terminal(
            service.connection, run.job_id, chosen[0]["PodId"], uid=uid if isinstance(uid, str) else ""
        )
    except ServiceError as error:
        return Address(TERMINAL, note=error.message)
    opens = f"opens a shell in {chosen[0]['PodId']} to whoever has it; connect within 30 seconds"
    return replace(found, note=opens) if found.url else found


def _masked(address: Address, *, shows: bool) -> Address:
    """The address without the tokens in it, unless they are asked for."""
    safe = address.url if shows else without_tokens(address.url)
    if safe == address.url:
        return address
    return replace(address, url=safe, note="it holds a token: --tokens prints it")


def shown_boards(done: TensorboardDone, *, tokens: bool) -> TensorboardDone:
    """What was done, with the addresses as `addresses` shows them."""
    boards = tuple(_masked_board(one, shows=tokens) for one in done.tensorboards)
    return replace(done, tensorboards=boards)


def _masked_board(one: Tensorboard, *, shows: bool) -> Tensorboard:
    return one if shows else replace(one, address=without_tokens(one.address))


def without_tokens(url: str) -> str:
    """The address with the mask in place of each value that opens it to whoever has it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    told = urlunsplit((parts.scheme, host, _path(parts.path), parts.query, parts.fragment))
    return without_secrets(_PAIR.sub(_pair, told))


def _pair(found: re.Match[str]) -> str:
    """A name and its value, as it stands in a query, behind a semicolon of a path or in a fragment."""
    name, value = unquote(found["name"]), unquote_plus(found["value"])
    if _is_token(name, value):
        return f"{found['name']}={MASK}"
    if "://" not in value:
        return found[0]
    try:  # an address to go on to
        there = without_tokens(value) if value.count("://") == 1 else MASK
    except ValueError:
        there = MASK
    return found[0] if there == value else f"{found['name']}={quote(there, safe=MASK)}"


def _is_token(name: str, value: str) -> bool:
    return bool(value) and (is_secret_name(name) or name.lower() in _OPENING)


def _path(path: str) -> str:
    """The path, without what follows a part that announces a token (GetTensorboardSharedUrl's example)."""
    before, announced, _ = path.partition("/token/")
    return f"{before}{announced}{MASK}" if announced else path
