"""Secrets by their looks: tokens of known services, passwords in addresses, keys, what only chance writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.secrecy.values import SHORTEST, is_by_chance, is_plain, is_random

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[int, int]

# How the tokens of well-known services begin. Each alternative is anchored to where a word begins, and takes
# what it can without giving back: the time is linear in the text.
_TOKEN = re.compile(
    r"(?<!\w)(?:"
    r"LTAI[A-Za-z0-9]{12,}+(?:[:,] ?[A-Za-z0-9]{20,}+)?|STS\.[A-Za-z0-9]{16,}+"
    r"|CAIS[A-Za-z0-9+/=]{60,}+|A(?:KI|SI)A[A-Z0-9]{16}\b"
    r"|AKID[A-Za-z0-9]{28,}+|AIza[\w-]{35,}+|ya29\.[\w-]{20,}+|GOCSPX-[\w-]{20,}+|dapi[0-9a-f]{32}\b"
    r"|gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+|npm_[A-Za-z0-9]{30,}+|dckr_(?:pat|oat)_[\w-]{20,}+"
    r"|pypi-AgE[\w-]{16,}+|glpat-[\w-]{16,}+|gl(?:dt|rt|ft|cbt|ptt|soat|imt|agent)-[\w-]{16,}+"
    r"|dop_v1_[0-9a-f]{40,}+|sntr(?:ys|yu)_[\w+/=-]{20,}+|hv[sb]\.[\w-]{20,}+|glc_[A-Za-z0-9+/=]{30,}+"
    r"|hf_[A-Za-z0-9]{20,}+|api_org_[A-Za-z0-9]{20,}+|nvapi-[\w-]{20,}+|r8_[A-Za-z0-9]{30,}+"
    r"|gsk_[A-Za-z0-9]{40,}+|xai-[A-Za-z0-9]{40,}+|pplx-[A-Za-z0-9]{40,}+|fw_[A-Za-z0-9]{20,}+"
    r"|lsv2_(?:pt|sk)_\w{20,}+|tvly-[\w-]{20,}+|pcsk_\w{20,}+|jina_\w{30,}+|tgp_v1_[\w-]{20,}+"
    r"|wandb_v1_\w{20,}+|SG\.[\w-]{16,}+\.[\w-]{16,}+|whsec_[A-Za-z0-9+/=]{20,}+"
    r"|[srp]k_(?:live|test)_[A-Za-z0-9]{16,}+|AGE-SECRET-KEY-1[A-Z0-9]{20,}+|(?:bot)?\d{8,10}:AA[\w-]{32,}+"
    r")"
    # These may hold dashes, so that they begin behind none.
    r"|(?<![\w-])(?:sk-(?!learn|image)[\w-]{20,}+|xox[abeoprs]-[\w-]{10,}+|xapp-[\w-]{10,}+"
    r"|eyJ[\w-]{10,}+\.eyJ[\w-]{10,}+(?:\.[\w-]++)?)"
)
_PEM = re.compile(
    r"-----BEGIN (?:(?!PRIVATE)[A-Z0-9]++ )*+PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?!-----END).)*+(?:-----END [A-Z0-9 ]*+-----)?",
    re.DOTALL,
)
# A password may hold `@`, and `/` unless a port stands before it.
_URL_PASSWORD = re.compile(
    r"(?<=://)[^\s/:@\"'`<>]{0,256}+:(?!\d{1,5}/)"
    r"([^\s\"'`<>@]{1,256}+(?:@[^\s\"'`<>@/]{1,256}+(?=@))*+)@(?=[\w\[$])"
)
# A key alone before the host, as in https://TOKEN@github.com and the DSN of Sentry.
_URL_USER = re.compile(r"(?<=://)([A-Za-z0-9_-]{20,256}+)@")
# me/password@host, behind the scheme of Oracle's driver.
_ORACLE = re.compile(r"(?<=jdbc:oracle:)(?:thin|oci8?):[^\s/@:]{1,128}+/([^\s@\"']{1,256}+)@")
# The path of these addresses is their secret.
_WEBHOOK = re.compile(
    r"(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/"
    r"|open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/|webhook\.office\.com/webhookb2/"
    r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=)([\w/@.-]{8,}+)"
)
# A word on its own, no part of a path or of a longer name; nor the version of an object of OSS or S3.
_WORD = re.compile(r"(?<!versionId=)(?<!MD5: )(?<![\w+/.~%@:-])[\w+~-]{20,}+={0,2}(?![\w/]|\.\w)")
_PADDED = re.compile(r"(?<![\w+/.~%-])[A-Za-z0-9+/]{32,}+={1,2}(?!\w)")
_INTEGRITY = re.compile(r"sha(?:256|384|512)-")  # of a script or a package


def places_by_looks(text: str) -> Iterator[Place]:
    """Where something in the text looks like a secret."""
    yield from (found.span() for found in _TOKEN.finditer(text))
    yield from (found.span() for found in _PEM.finditer(text))
    yield from (found.span(1) for found in _ORACLE.finditer(text) if _is_password(found[1]))
    if "://" in text:
        yield from (found.span(1) for found in _URL_PASSWORD.finditer(text) if _is_password(found[1]))
        yield from (found.span(1) for found in _URL_USER.finditer(text) if _is_key(found[1]))
        yield from (found.span(1) for found in _WEBHOOK.finditer(text) if not is_plain(found[1]))
    yield from (found.span() for found in _WORD.finditer(text) if _is_by_chance(found[0]))
    yield from (found.span() for found in _PADDED.finditer(text) if is_by_chance(found[0].rstrip("=")))


def _is_password(text: str) -> bool:
    """However short: nothing but a password stands there in an address."""
    return not is_plain(text.ljust(SHORTEST, "0"))


def _is_key(user: str) -> bool:
    return any(map(str.isdigit, user)) and any(map(str.isalpha, user))


def _is_by_chance(word: str) -> bool:
    return not _INTEGRITY.match(word) and is_random(word)
