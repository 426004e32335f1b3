"""Messages fit what each chat takes, and nothing that strangers wrote mentions anybody or leaks a secret."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.news import Bulletin, Event, News, WebhookKind
from dlcapply.notifying.payloads import FORMS, encoded, payload
from dlcapply.notifying.signatures import SIGNATURE, signed
from dlcapply.notifying.wording import MOST_TOLD

CHATS = sorted(FORMS)
NASTY = st.sampled_from(
    [
        "@all",
        "@channel @here @everyone",
        "<!channel>",
        "<!subteam^S1>",
        "<@U024BE7LH>",
        '<at user_id="all">all</at>',
        "<http://evil.example|click>",
        "[click](http://evil.example)",
        "\x1b[31m\u202e\r\n::error::x",
        "token=ghp_0123456789abcdefghij0123456789",
        "“日本語” " * 60,
        "\ud800",
    ]
)
TEXTS = st.lists(NASTY | st.text(max_size=40), max_size=4).map(" ".join)
NEWS = st.builds(News, st.sampled_from(Event), TEXTS, TEXTS, TEXTS)
BULLETINS = st.builds(
    Bulletin,
    st.sampled_from(["apply", "wait"]),
    TEXTS,
    st.just("cn-hangzhou"),
    TEXTS,
    st.booleans(),
    st.lists(NEWS, min_size=1, max_size=30).map(tuple),
    TEXTS | st.just("https://github.com/a/b/actions/runs/1"),
)


def texts(kind, body):
    """What people read of the message, line by line."""
    match kind:
        case WebhookKind.FEISHU:
            post = body["content"]["post"]["en_us"]
            rows = [part["text"] for row in post["content"] for part in row if part["tag"] == "text"]
            return [post["title"], *rows]
        case WebhookKind.SLACK:
            return body["text"].split("\n")
        case _:
            return body["text"]["content"].split("\n")


@given(BULLETINS, st.sampled_from(CHATS))
def test_no_message_mentions_anybody_or_is_too_long(bulletin, kind):
    body = payload(bulletin, kind)
    content = json.loads(encoded(body))
    limit = FORMS[kind].limit
    read = texts(kind, content)
    assert len(encoded(body)) <= limit or len("\n".join(read).encode()) <= limit == 2_048
    assert read[0].startswith("dlcapply")
    for line in read:
        assert not set(line) & set("@<>\x1b\r\u202e")
        assert "ghp_" not in line
    links = [line for line in read if line.startswith("https://")]
    assert set(links) <= {"https://github.com/a/b/actions/runs/1"}
    told = [line for line in read[1:] if line.partition(":")[0] in set(Event)]
    rest = sum(int(line.split()[1]) for line in read if line.startswith("and ") and line.endswith(" more"))
    assert len(told) + rest == len(bulletin.news)
    assert len(told) <= MOST_TOLD


@given(BULLETINS)
def test_the_document_for_programs_has_all_news_without_secrets(bulletin):
    document = json.loads(encoded(payload(bulletin, WebhookKind.JSON)))
    assert sum(document["summary"].values()) == len(document["news"]) == len(bulletin.news)
    assert "ghp_" not in json.dumps(document)
    events = [list(Event).index(one["event"]) for one in document["news"]]
    assert events == sorted(events)


def test_what_matters_is_told_first_and_the_rest_is_counted():
    news = tuple(News(Event.FINISHED, f"done-{number}", "dlc1", "Succeeded") for number in range(40))
    bad = News(Event.UNKNOWN, "lost", "", "nobody knows whether the create was done")
    bulletin = Bulletin("apply", "prod", "cn-hangzhou", "268", False, (*news, bad))
    read = texts(WebhookKind.DINGTALK, payload(bulletin, WebhookKind.DINGTALK))
    assert read[0] == (
        "dlcapply apply: 1 with an unknown outcome, 40 finished, in prod (cn-hangzhou workspace 268)"
    )
    assert read[1] == "unknown: lost: nobody knows whether the create was done"
    assert read[-1] == "and 31 more"


NOW = datetime.fromtimestamp(1_700_000_000, UTC)
KEY = "SEC000000"
DINGTALK_SIGN = "A+KC3I4p0mgxsFnN5H+cnrVpt7UWSBbevMlmsBlxam4="
FEISHU_SIGN = "b26fsfGfSkwXWxy1e1UxptQVHBycLfHF+lSX9S5vGQI="
JSON_SIGN = "95d094d64ba47e2bd694ee8e1ed9f7ac4c8f0f6957a42a3bd770ae49cffb26fc"


def test_a_key_signs_as_each_chat_says():
    """The signatures are openssl's, of the texts that the chats' pages describe."""
    url, content, headers = signed(
        WebhookKind.DINGTALK, "https://x.example/send?access_token=t", {}, KEY, NOW
    )
    query = parse_qs(urlsplit(url).query)
    assert query == {"access_token": ["t"], "timestamp": ["1700000000000"], "sign": [DINGTALK_SIGN]}
    _, content, headers = signed(WebhookKind.FEISHU, "https://x.example/h", {"msg_type": "post"}, KEY, NOW)
    assert json.loads(content) == {"timestamp": "1700000000", "sign": FEISHU_SIGN, "msg_type": "post"}
    _, content, headers = signed(WebhookKind.JSON, "https://x.example/h", {"a": 1}, KEY, NOW)
    assert (content, headers) == (b'{"a":1}', {SIGNATURE: f"sha256={JSON_SIGN}"})


@pytest.mark.parametrize("kind", WebhookKind)
def test_without_a_key_nothing_is_signed(kind):
    assert signed(kind, "https://x.example/h", {"a": 1}, "", NOW) == ("https://x.example/h", b'{"a":1}', {})
