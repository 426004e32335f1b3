"""Secrets that a text gives a name: NAME=value, --flag value, "key": "value", headers, tools' own flags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.secrecy.names import Says, says
from dlcapply.secrecy.values import is_opaque, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[int, int]

# A name and what joins it to its value, which is looked at only where the name says so: inside it others may
# begin. `password: str = "…"`, `["password"] = …` and JSON in a string, \"password\": \"…\", are names too.
_NAMED = re.compile(
    r"(?<![\w.$-])(?P<dashes>-{0,2})(?P<name>[^\W\d][\w.-]*+)(?P<quote>(?:\\{0,3}[\"'])?\]?)"
    r"(?:(?P<typed>:[ \t]{0,4}\w{1,40}[ \t]{0,4}=(?![=>])[ \t]{0,8})"
    r"|(?P<joint>[ \t]{0,8}(?:=>|[:+]?=(?!=)|:(?![:/=])|[\uff1a\uff1d])[ \t]{0,8}"
    r"(?:\\?\r?\n(?=[ \t]{1,16}\S))?[ \t]{0,16})"
    r"|(?P<space>(?:[ \t]|\\\r?\n){1,16}|,[ \t]{0,8}(?=\\{0,3}[\"'])))"
)
_FLAG = re.compile(r"-{1,2}[A-Za-z][\w.-]*+")
# As a shell reads a word, or as JSON and Python read a string; what is never closed goes to the line's end.
_VALUE = re.compile(
    r"(?P<slashes>\\{1,3})(?P<mark>[\"'])(?P<escaped>(?:(?!(?P=slashes)(?P=mark)).)*+)(?P=slashes)(?P=mark)"
    r"|[$bfru]{0,2}\"(?P<double>(?:[^\"\\]|\\.)*+)\"(?P<after_double>[^\s\"'`;|&<>(){},\]:]*+)"
    r"|[$bfru]{0,2}'(?P<single>[^']*+)'(?P<after_single>[^\s\"'`;|&<>(){},\]:]*+)"
    r"|[$bfru]{0,2}[\"'](?P<open>[^\n]*+)"
    r"|(?P<word>(?:\$\{[^}\s]{0,512}+\}|\$\([^)\n]{0,512}+\)|`[^`\n]{0,512}+`|[^\s\"'`;|&<>()\\]|\\(?![nrt])\S)++)",
    re.DOTALL,
)
_DEFAULT = re.compile(r"\$\{(?P<name>\w++):?[-=+](?P<value>[^}\n]{0,512}+)\}")
# <password>…</password>, the properties of Hadoop, what csh, fish and Dockerfiles set, what is put into an
# environment or read from a shell's word, what sed puts in a placeholder's place, what only `echo` hides.
_ELSEWHERE = (
    re.compile(r"<(?P<name>[A-Za-z_][\w.:-]{0,60}+)>(?P<value>[^<\n]{1,512}+)</"),
    re.compile(
        r"<name>\s{0,16}(?P<name>[\w.-]{1,128}+)\s{0,16}</name>\s{0,64}<value>\s{0,16}(?P<value>[^<\s]{1,512}+)"
    ),
    re.compile(
        r"(?<![\w.-])(?:setenv|set -g?x|ENV)[ \t]{1,8}(?P<name>[A-Za-z_]\w{0,128}+)[ \t]{1,8}"
        r"[\"']?(?P<value>[^\s\"';|&]{1,512}+)"
    ),
    re.compile(
        r"(?:putenv|setenv|setdefault)\([\"'](?P<name>\w{1,128}+)[\"'],\s{0,8}[\"'](?P<value>[^\"'\n]{1,512}+)"
    ),
    re.compile(
        r"(?<![\w-])read(?:[ \t]{1,8}-\w{1,8}+){0,4}[ \t]{1,8}(?P<name>\w{1,128}+)[ \t]{0,8}<<<"
        r"[ \t]{0,8}[\"']?(?P<value>[^\s\"';|&]{1,512}+)"
    ),
    re.compile(
        r"(?<=[\s\"';])s(?P<by>[/|#@,!])[^\w\s]{0,8}(?P<name>\w{1,128}+)[^\w\s]{0,8}(?P=by)"
        r"(?P<value>[^\s/|#@,!\"']{1,512}+)(?P=by)"
    ),
    re.compile(
        r"(?<![\w.-])(?P<name>[A-Za-z_]\w{0,128}+)=\"?(?:\$\(|`)[ \t]{0,8}(?:echo|printf)"
        r"[ \t]{1,8}(?:-\w{1,3}[ \t]{1,8}|[\"']?%s[\"']?[ \t]{1,8})?"
        r"[\"']?(?P<value>[^\s\"'|;&)`]{1,512}+)"
    ),
)
# What a pipe or a here-string gives to a command that reads a password or a token.
_READS = (
    r"(?:--(?:password-stdin|with-token|stdin)"
    r"|sudo[ \t]{1,8}-S|chpasswd|(?:wandb|vault|swanlab)[ \t]{1,8}login)(?![\w-])"
)
_GIVEN = (
    re.compile(
        r"(?<![\w-])(?:echo|printf)(?:[ \t]{1,8}-\w{1,3})?(?:[ \t]{1,8}[\"']?%s(?:\\n)?[\"']?)?[ \t]{1,8}"
        rf"(?:\"(?:[\w-]{{1,64}}:)?([^\"\n]{{1,512}})\"|'(?:[\w-]{{1,64}}:)?([^'\n]{{1,512}})'"
        rf"|(?:[\w-]{{1,64}}:)?([^\s\"'|;&]{{1,512}}+))[ \t]{{0,8}}\|[^\n;|&]{{0,256}}?{_READS}"
    ),
    re.compile(rf"{_READS}[^\n;|&<]{{0,256}}+<<<[ \t]{{0,8}}[\"']?([^\s\"';|&]{{1,512}}+)"),
)
# Tools that keep settings, and are told them as a name and its value.
_SETTINGS = re.compile(
    r"(?<![\w.-])(?:aws|aliyun|npm|pnpm|yarn|dvc|rclone|conda|poetry|pip|git|gcloud|ngrok|kaggle|hadoop)"
    r"(?=[ \t]{1,8}(?:\S{1,64}+[ \t]{1,8})?(?:configure|config|remote|authtoken)(?!\w))"
)
_SETTING = re.compile(r"(?<=[\s/:])(?P<name>[A-Za-z_][\w.-]{0,128}+)[ \t]{1,8}(?:-v[ \t]{1,8})?")
_SET = re.compile(r"[\"']?(?P<value>(?<=\")[^\"\n]{1,512}+|(?<=')[^'\n]{1,512}+|[^\s\"'-][^\s\"']{0,512}+)")
_SCHEME = re.compile(r"(?:bearer|basic|token|apikey|digest|bot)[ \t]{1,4}", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<![\w-])(?:bearer|basic)[ \t]{1,4}([^\s\"'`\\;|&<>(){},]{6,}+)", re.IGNORECASE)
_NETRC = re.compile(
    r"(?:(?<!\w)|(?<=\\n))login[ \t]{1,8}[^\s\\]{1,256}+"
    r"(?:\s|\\n){1,8}password[ \t]{1,8}((?:[^\s\\\"']|\\[^n])++)"
)
_PROSE = re.compile(r"[^\W\d_]++(?:[-'.][^\W\d_]++)*+[.!?]?")
_MOST = {Says.SECRET: 16_384, Says.MAYBE: 256}  # characters of a value
_INDENT = 40  # before a key of YAML
_SIGNING = frozenset({"signature", "sig", "sign"})  # in the query of a signed address

# One command of a script; a newline behind a backslash does not end it.
_COMMAND = re.compile(r"(?:\\\r?\n|[^\n;|&])++")
_ARGUMENT = r"[\"']?([^\s\"']++)"
# Tools, what else their command says, and where their secret stands.
_TOOLS = tuple(
    (frozenset(tools.split("|")), word, re.compile(place))
    for tools, word, place in (
        (
            "docker|podman|nerdctl|buildah|skopeo|helm|crane|oras|az|oc",
            " login ",
            rf"(?<=\s)-p[ \t=]*+{_ARGUMENT}",
        ),
        ("sshpass", "", rf"(?<=\s)-p[ \t]*+{_ARGUMENT}"),
        ("mysql|mysqldump|mysqladmin|mariadb|7z|7za|7zr|unrar|rar", "", rf"(?<=\s)-p{_ARGUMENT}"),
        ("mongo|mongosh|mongodump|mongorestore|odpscmd|twine", "", rf"(?<=\s)-p[ \t]++{_ARGUMENT}"),
        ("redis-cli", "", rf"(?<=\s)(?:-a|--pass)[ \t]*+{_ARGUMENT}"),
        ("curl|wget", "", rf"(?<=\s)(?:-u|-U|--user|--proxy-user)[ \t=]*+[\"']?[^\s:\"']*+:{_ARGUMENT}"),
        ("curl", "", rf"(?<=\s)--oauth2-bearer[ \t=]++{_ARGUMENT}"),
        ("lftp|smbclient", "", rf"(?<=\s)(?:-u|-U)[ \t]*+[\"']?[^\s,%\"']++[,%]{_ARGUMENT}"),
        ("ossutil|ossutil64", "", rf"(?<=\s)-[ikt][ \t=]*+{_ARGUMENT}"),
        ("unzip|zip", "", rf"(?<=\s)-P[ \t]*+{_ARGUMENT}"),
        ("wandb", "login", rf"(?<=\s)login(?:[ \t]++--\S++(?:[ \t]++https?://\S++)?)*+[ \t]++{_ARGUMENT}"),
        ("wandb", "login", r"(?<!\w)([0-9a-f]{40})(?!\w)"),
        ("mc", "", rf"(?<=\s)(?:set|add)[ \t]++\S++[ \t]++\S++[ \t]++\S++[ \t]++{_ARGUMENT}"),
        ("kubectl|oc", "secret", rf"(?<=\s)--from-literal[ \t=]++[\"']?[^\s=\"']++={_ARGUMENT}"),
        ("openssl", " enc ", rf"(?<=\s)-k[ \t]++{_ARGUMENT}"),
        ("openssl", "pass", rf"(?<=pass:){_ARGUMENT}"),
        ("ldapsearch|ldapadd|ldapmodify", "", rf"(?<=\s)-w[ \t]++{_ARGUMENT}"),
        ("ssh-keygen", "", rf"(?<=\s)-[NP][ \t]++{_ARGUMENT}"),
        ("swanlab", "login", rf"(?<=\s)-k[ \t]++{_ARGUMENT}"),
        ("vault", "login", r"(?<=\s)login[ \t]++([^\s\"'=<|&;-][^\s\"'=]*+)(?!=)"),
    )
)
# One search for all of them: a search for each takes longer than all else that is searched for.
_NAMES = "|".join(sorted(frozenset[str]().union(*(tools for tools, _, _ in _TOOLS))))
_ANY_TOOL = re.compile(rf"(?<![\w.-])(?:{_NAMES})(?![\w.-])")


def places_by_name(text: str) -> Iterator[Place]:
    """Where a text gives a secret its name, the value alone."""
    yield from _assigned(text)
    for pattern in (_DEFAULT, *_ELSEWHERE):
        for found in pattern.finditer(text):
            if place := _secret_part(text, found.span("value"), says(found["name"])):
                yield place
    yield from (found.span(1) for found in _CREDENTIALS.finditer(text) if _is_opaque(found[1]))
    for pattern in _GIVEN:
        yield from (
            found.span(found.lastindex or 0)
            for found in pattern.finditer(text)
            if not is_plain(found[found.lastindex or 0])
        )
    yield from _settings(text)
    yield from (found.span(1) for found in _NETRC.finditer(text) if not is_plain(found[1]))
    yield from _by_tools(text)


def _assigned(text: str) -> Iterator[Place]:
    """The values of secret names; each is read once, so that the time is linear in the text."""
    at = 0
    while found := _NAMED.search(text, at):
        certainty = _says(text, found)
        # What looks like the type of a value may be the name of one: `wandb: api_key=…`.
        at = found.start("typed") if found["typed"] and not certainty else found.end()
        if certainty and (value := _value(text, found, certainty)):
            if place := _secret_part(text, value, certainty):
                yield place
            at = max(at, value[1]) if place or certainty is Says.SECRET else at


def _says(text: str, found: re.Match[str]) -> Says:
    name = found["name"]
    before = text[max(found.start() - 2, 0) : found.start()]
    if (found["space"] and not found["dashes"]) or before == "${":
        return Says.NOTHING
    if before[-1:] in {"?", "&"} and name.lower().rpartition("-")[2] in _SIGNING:
        return Says.SECRET
    return says(name)


def _value(text: str, found: re.Match[str], certainty: Says) -> Place | None:
    """Where the value of the name stands, if it has one."""
    start = found.end()
    if (scheme := _SCHEME.match(text, start)) and not found["space"]:
        start = scheme.end()
    most = start + _MOST[certainty]
    value = _VALUE.match(text, start, most)
    if value is None:
        return None
    if value.end() == most < len(text):  # nobody knows where it ends
        return (start, len(text)) if certainty is Says.SECRET else None
    place = _inner(value)
    if value["word"] is not None:
        if found["space"] and _FLAG.fullmatch(value["word"]):
            return None
        if _is_code(found["name"], text, place) or _is_sentence(found, text, place):
            return None
    return place


def _inner(value: re.Match[str]) -> Place:
    """The value without its quotes and what ends it in a list; the whole word where quotes are joined."""
    for quoted, after in (("double", "after_double"), ("single", "after_single")):
        if value[quoted] is not None:
            return (value.start(quoted), value.end(after) if value[after] else value.end(quoted))
    if value["word"] is not None:
        ends = ",;:" if {"{", "["} & set(value["word"]) else ",;:]}"
        return (value.start(), value.start() + len(value["word"].rstrip(ends)))
    return value.span(value.lastgroup or 0)


def _is_code(name: str, text: str, place: Place) -> bool:
    """Whether it is a call, a list, or the name of a variable."""
    value = text[place[0] : place[1]]
    behind = text[place[1] : place[1] + 1]
    if value[:1] in {"[", "{"}:
        return True
    is_argument = behind == ")" and not name.isupper()  # NAME=value) ends a subshell
    return behind == "(" or value == name or (is_argument and not is_opaque(value))


def _is_sentence(found: re.Match[str], text: str, place: Place) -> bool:
    """Whether it is the prose of a message behind `name:`, and not a line of YAML."""
    joint = found["joint"] or ""
    if ":" not in joint or "=" in joint or not _PROSE.fullmatch(text[place[0] : place[1]]):
        return False
    before = text[max(found.start() - _INDENT, 0) : found.start()].rpartition("\n")[2].strip(" \t-,\"'")
    behind = text[place[1] : place[1] + 2].strip(" \t,;")
    return (before != "" and "{" not in before) or behind not in {"", "\n", "\r", "\r\n", "}", "]", '"', "'"}


def _secret_part(text: str, place: Place, certainty: Says) -> Place | None:
    start, end = place
    if scheme := _SCHEME.match(text, start, end):
        start = scheme.end()
    value = text[start:end]
    if default := _DEFAULT.fullmatch(value):
        start, end = start + default.start("value"), start + default.end("value")
        value = default["value"]
    is_secret = certainty is Says.SECRET or (certainty is Says.MAYBE and is_opaque(value))
    return (start, end) if is_secret and not is_plain(value) else None


def _is_opaque(value: str) -> bool:
    return is_opaque(value) and not is_plain(value)


def _settings(text: str) -> Iterator[Place]:
    if not _SETTINGS.search(text):
        return
    for command in _COMMAND.finditer(text):
        if tool := _SETTINGS.search(command[0]):
            for found in _SETTING.finditer(text, command.start() + tool.end(), command.end()):
                certainty = says(found["name"])
                value = _SET.match(text, found.end(), command.end()) if certainty else None
                if value and (place := _secret_part(text, value.span("value"), certainty)):
                    yield place


def _by_tools(text: str) -> Iterator[Place]:
    if not _ANY_TOOL.search(text):
        return
    for command in _COMMAND.finditer(text):
        called = frozenset(_ANY_TOOL.findall(command[0]))
        for tools, word, place in _TOOLS if called else ():
            if not called.isdisjoint(tools) and word in command[0]:
                yield from (
                    (command.start() + start, command.start() + end)
                    for start, end in (found.span(1) for found in place.finditer(command[0]))
                    if not is_plain(command[0][start:end]) and command[0][start] != "-"
                )
