"""The addresses of a repository -> one name for it, without what differs from machine to machine."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from dlcapply.model.jobs import LONGEST_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable

_HASH = 32
# Ports that a scheme has anyway: ssh, https, http, git.
_USUAL_PORTS = frozenset({"", "22", "443", "80", "9418"})
# Hosts that serve SSH on the port of HTTPS under a name of their own (the hosts' documentation).
_SAME_HOSTS = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
}
# Azure DevOps has another path for SSH than for HTTPS, which may leave out a project of that name.
# https://learn.microsoft.com/azure/devops/repos/git/use-ssh-keys-to-authenticate
_AZURE = "dev.azure.com"
_AZURE_SSH = {f"ssh.{_AZURE}", "vs-ssh.visualstudio.com"}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
# As git reads it: what has a slash before its first colon is a path on this machine.
_SCP = re.compile(r"(?:[^/:\[\]]*@)?(?P<host>\[[^\]/]+\]|[^/:\[\]]+):(?P<path>.*)", re.DOTALL)
_HELPER = re.compile(r"[A-Za-z0-9+-]+::")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_HOST = re.compile(r"(?P<name>(?=.*\w)[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]*))?")
# As a mark says it, perhaps with a user: a colon is followed by a port, or by nothing that is meant here.
_MARKED = re.compile(
    r"(?:[^/@]*@)?(?P<host>(?:\[[^\]/]+\]|[^/:@\[\]]+)(?::[0-9]{1,5})?)(?:/(?P<path>.*))?", re.DOTALL
)
_IN_MARKS = "/~@:+!$&'()*,;=._-[]"


class UnreadableAddressError(ValueError):
    """No repository can be told from the address; it may hold a password, so nobody is shown it."""


def is_local(address: str) -> bool:
    """Whether it leads to a folder or a file of one machine."""
    if found := _URL.fullmatch(address):
        return found["scheme"].lower() == "file"
    is_path = not (_HELPER.match(address) or _SCP.fullmatch(address))
    return is_path or _DRIVE.match(address) is not None


def origin_of(address: str, folder: str = "") -> str:
    """The origin of a folder in the repository that git finds at the address; empty for a local one.

    Raises UnreadableAddressError where the address names no host and path.
    """
    if is_local(address):
        return ""
    if found := _URL.fullmatch(address):
        host, _, path = found["rest"].partition("/")
        return _joined(host.rpartition("@")[2], unquote(_asked(path)), folder)
    found = _SCP.fullmatch(address)
    if found is None or _HELPER.match(address):
        raise UnreadableAddressError
    return _joined(_unbracketed(found["host"]), _asked(found["path"]), folder)


def declared_origin(text: str) -> str:
    """The origin that somebody wrote: an address as git takes it, or an origin as a run's mark says it.

    What a mark says stays what it is. Raises UnreadableAddressError where nothing is named.
    """
    found = None if "://" in text else _MARKED.fullmatch(_without_query(text))
    if found is not None:
        return _named(found["host"], _spelt(found["path"] or "", kept="%").split("/"))
    if not (origin := origin_of(text)):
        raise UnreadableAddressError
    return origin


def rewritten(address: str, replacements: Iterable[tuple[str, str]]) -> str:
    """The address that an abbreviation stands for; pairs are (how it begins, what git puts there).

    A whole address is kept: mirrors and keys differ from machine to machine, the repository does not.
    """
    if _is_whole(address):
        return address
    fitting = [pair for pair in replacements if address.startswith(pair[0])]
    begins, instead = max(fitting, key=lambda pair: len(pair[0]), default=("", ""))
    return f"{instead}{address.removeprefix(begins)}"


def _is_whole(address: str) -> bool:
    if found := _URL.fullmatch(address):
        return "." in found["rest"].partition("/")[0].rpartition("@")[2]
    found = _SCP.fullmatch(address)
    return found is not None and "." in found["host"]


def _asked(path: str) -> str:
    """The path that is asked for; one that may hold the end of a password is refused."""
    path = _without_query(path)
    if any("@" in part[1:] for part in path.split("/")):
        raise UnreadableAddressError
    return path


def _without_query(text: str) -> str:
    """A query or a fragment says how to ask, not what for, and may be a token."""
    return re.split(r"[?#]", text, maxsplit=1)[0]


def _unbracketed(host: str) -> str:
    """`[host:port]` is how scp's form takes a port; an IPv6 address keeps its brackets."""
    inner = host.strip("[]").rpartition("@")[2]
    return f"[{inner}]" if inner.count(":") > 1 else inner


def _joined(host: str, path: str, folder: str) -> str:
    if not path.strip("/"):
        raise UnreadableAddressError
    return _named(host, _spelt(f"{path}/{folder}").split("/"))


def _named(host: str, parts: Iterable[str]) -> str:
    """The one spelling of an origin, as a tag's value; the parts are spelt so already."""
    found = _HOST.fullmatch(host)
    if found is None:
        raise UnreadableAddressError
    name = found["name"].lower()
    port = "" if (found["port"] or "") in _USUAL_PORTS else f":{found['port']}"
    kept = [_without_ending(part) for part in parts if part not in {"", "."}]
    if name == _AZURE or name in _AZURE_SSH:
        name, kept = _AZURE, _azure(kept)
    host = _spelt(f"{_SAME_HOSTS.get(name, name)}{port}", kept="%")
    return _bounded("/".join([host, *kept]))


def _azure(parts: list[str]) -> list[str]:
    """The path below dev.azure.com, as HTTPS spells it in full."""
    match parts:
        case ["v3", organisation, project, repository, *folder]:
            return [organisation, project, "_git", repository, *folder]
        case [organisation, "_git", repository, *folder]:
            return [organisation, repository, "_git", repository, *folder]
    return parts


def _spelt(text: str, *, kept: str = "") -> str:
    """The text in lower case, and in characters that every tag takes; `kept` are more of these."""
    return quote(text.lower(), safe=f"{_IN_MARKS}{kept}").lower()


def _without_ending(part: str) -> str:
    while part.lower().endswith(".git") and len(part) > len(".git"):
        part = part[: -len(".git")]
    return part


def _bounded(origin: str) -> str:
    """The origin, or of one that no tag holds its hash and its end."""
    if len(origin) <= LONGEST_TAG:
        return origin
    end = origin[-(LONGEST_TAG - _HASH - 1) :].lstrip("/")
    return f"{hashlib.sha256(origin.encode()).hexdigest()[:_HASH]}/{end}"
