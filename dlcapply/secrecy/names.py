"""Which names say that their value is a secret."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

_LONGEST = 200  # characters of a name that are looked at
_WORD = re.compile(
    r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|(?:密码|口令|密钥|令牌)(?!\w)"
)  # of HF_TOKEN, RayRedisPassword, APIKey


class Says(IntEnum):
    """What a name says of its value; `MAYBE`: it is a secret if it looks like one."""

    NOTHING = 0
    MAYBE = 1
    SECRET = 2


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENDINGS = (
    *("password", "passwords", "passwd", "passphrase", "passcode", "secret", "secrets", "jwt"),
    *("credential", "credentials", "creds", "apikey", "apikeys", "accesskey", "secretkey", "privatekey"),
    *("authkey", "masterkey", "authorization", "webhook", "dsn"),
    *("密码", "口令", "密钥"),
)
_PASS = re.compile(
    r"(?:db|pg|sql|my|mysql|redis|mongo|smtp|imap|ftp|sftp|mail|email|user|login|ssh|sudo|root|admin|proxy|http"
    r"|git|hub|registry|docker|rabbit|rabbitmq|ldap|vnc|key|store|keystore|es|ck|git|repo|wifi)?pass"
)
# Words before `key` and `keys` that leave no doubt.
_KEY_OF = _words(
    "api access secret private auth encryption encrypt signing master app account storage service"
    " subscription license deploy ssh gpg pgp rsa client consumer shared session hmac aes webhook admin"
    " ingestion instrumentation wandb comet openai anthropic dashscope deepseek gemini azure aws oss hf"
    " huggingface neptune mlflow clearml langchain langsmith tavily serper cohere mistral groq"
    " openrouter pinecone zhipu zhipuai moonshot minimax siliconflow ark ngc nvidia datadog sentry"
    " sendgrid stripe twilio judge"
)
_TOKENS_OF = _words("api access auth refresh bearer secret session private github gitlab hub bot")
# Words before the last one that make it something else: --image-key, pad_token, forward_pass, use_auth_token.
_OTHER_KEY = _words(
    "primary foreign sort partition cache group row column dict public image images label labels text"
    " prompt response reward input output index hash shard join map lookup search tag tracking metric"
    " metrics config field json data dataset caption video audio msg message messages question answer"
    " query target source src train eval val batch state feature features hot object lock order fn"
    " ground solution content id idempotency dedup routing grouping ordering idempotent"
)
_OTHER_TOKEN = _words(
    "pad eos bos unk cls sep mask special image img video audio stop start end begin think thinking max"
    " min num number n per first next last new text vision prompt prefix suffix vocab sub word byte"
    " trigger placeholder ref class distill added extra control sos eot point frame speech voice time"
    " action latent register sink draft single multi every total avg target source use enable no skip"
    " with ignore output input completion generated print save push"
)
_OTHER_PASS = _words(
    "one two first second single multi num max min forward backward fwd bwd train eval test render"
    " fusion compiler graph opt dry full per last next final high low allow by"
)
_OTHER_SECRET = _words("pull existing")  # the names of objects of Kubernetes
_PERHAPS = _words("auth pat ak sk cookie cookies bearer otp 令牌")
_PAIRS = frozenset({("connection", "string"), ("conn", "string"), ("conn", "str")})
_SWITCHES = _words("use enable enabled disable no skip with require requires needs has is")
# Words behind the last one that make it something about a secret: SECRET_NAME, TOKEN_LIMIT, password-stdin.
_ABOUT = _words(
    "path paths file files filename dir directory folder name names type types len length limit limits"
    " budget count counts size level wise rate ratio index indices idx ids prob weight dropout dim embed"
    " embedding embeddings position pos loss latency throughput parallel dispatcher drop merging sampler"
    " sample window factor url uri endpoint host port user username expiry expires expiration ttl"
    " timeout lifetime policy enabled required prefix suffix version region format env var ref arn"
    " rotation manager store provider source mode stdin header field column helper length min max usage"
    " cost stats reset bytes list regex pattern validation strength per mapping processor classification"
    " chunk server group algorithm algorithms algo alg issuer audience scope scopes claims domain"
)
_STAGES = _words(
    "prod production dev development stage staging test testing live old new main primary secondary"
    " backup default cn us eu intl rw ro read write a b c v"
)


class _Phrase(NamedTuple):
    """A word of a name between the one before it and all those behind it."""

    before: str
    word: str
    is_last: bool
    is_about: bool
    is_option: bool


@lru_cache(maxsize=8192)
def says(name: str) -> Says:
    """What the name says of its value."""
    words = [word.lower() for word in _WORD.findall(name[:_LONGEST])]
    is_option = name.islower()
    for at in range(len(words) - 1, -1, -1):
        phrase = _phrase(words, at, is_option=is_option)
        for rule in (_token, _key, _perhaps, _word):
            if (found := rule(phrase)) is not None:
                return found
    return Says.NOTHING


def _phrase(words: list[str], at: int, *, is_option: bool) -> _Phrase:
    before, behind = words[at - 1] if at else "", words[at + 1 :]
    return _Phrase(before, words[at], _STAGES.issuperset(behind), not _ABOUT.isdisjoint(behind), is_option)


def _token(phrase: _Phrase) -> Says | None:
    if phrase.word == "tokens" and phrase.before in _TOKENS_OF:
        return _unless(phrase.is_about)
    if phrase.word.endswith("token"):
        return _unless(phrase.is_about or phrase.before in _OTHER_TOKEN)
    return None


def _key(phrase: _Phrase) -> Says | None:
    """A bare `key` may open something, or sort something."""
    if phrase.word in {"key", "keys"} and phrase.before in _KEY_OF:
        return _unless(phrase.is_about)
    if phrase.word == "key" and phrase.is_last and phrase.before not in _OTHER_KEY:
        return Says.MAYBE if phrase.is_option else Says.SECRET
    return None


def _perhaps(phrase: _Phrase) -> Says | None:
    if phrase.word in _PERHAPS and phrase.is_last:
        return Says.NOTHING if phrase.before in _SWITCHES else Says.MAYBE
    return None


def _word(phrase: _Phrase) -> Says | None:
    if phrase.word.endswith(_ENDINGS) or (phrase.before, phrase.word) in _PAIRS:
        return _unless(phrase.is_about or phrase.before in _SWITCHES | _OTHER_SECRET)
    is_pass = (phrase.word == "pwd" and phrase.before != "") or _PASS.fullmatch(phrase.word)
    if is_pass and phrase.is_last and phrase.before not in _OTHER_PASS:
        return Says.MAYBE if phrase.word == "pass" and not phrase.before else Says.SECRET
    return None


def _unless(harmless: bool) -> Says:  # noqa: FBT001
    return Says.NOTHING if harmless else Says.SECRET
