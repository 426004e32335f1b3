"""On the way to a webhook: sent to its address alone, bounded, twice at most, and never told where."""

import logging

import pytest

from dlcapply.model.news import Bulletin, Event, News, Webhook, WebhookKind
from dlcapply.notifying.addresses import problem_of_address
from dlcapply.notifying.delivery import deliver
from dlcapply.notifying.sending import send
from tests.notifying.webhook import FakeWebhook

SECRET = "c0ffee5ecre7"
BULLETIN = Bulletin("apply", "prod", "cn-hangzhou", "268", False, (News(Event.FAILED, "train", "dlc1", "x"),))
OK = (200, {}, b'{"errcode": 0, "errmsg": "ok"}')
TROUBLE = (503, {}, b"")


class Clock:
    def __init__(self):
        self.slept = []

    def now(self):
        from datetime import UTC, datetime

        return datetime(2026, 11, 29, tzinfo=UTC)

    def sleep(self, seconds):
        self.slept.append(seconds)


def delivered(fake, kind=WebhookKind.DINGTALK, **environ):
    address = f"{fake.address}/send/{SECRET}?access_token={SECRET}"
    clock = Clock()
    webhook = Webhook(kind, "HOOK", "KEY" if environ else "")
    return deliver(webhook, BULLETIN, {"HOOK": address, **environ}, clock), clock.slept


@pytest.mark.parametrize(
    ("answers", "told", "times"),
    [
        ([OK], "", 1),
        ([TROUBLE, OK], "", 2),
        ([TROUBLE, TROUBLE, OK], "it answered 503", 2),
        ([(400, {}, SECRET.encode())], "it answered 400", 1),
        ([(404, {}, b"{}")], "it answered 404", 1),
        ([(307, {"Location": "/elsewhere"}, b"")], "it answered 307, a redirect, which is not followed", 1),
        (
            [(200, {}, b'{"errcode": 310000, "errmsg": "c0ffee5ecre7"}')],
            "it answered with its code 310000",
            1,
        ),
        ([(200, {}, b'{"errcode": 7}')], "it answered with its code 7", 1),
        ([(200, {}, b'{"errcode": true}')], "its answer is not one of this kind of webhook", 1),
        ([(200, {}, b"<html>c0ffee5ecre7")], "its answer is not one of this kind of webhook", 1),
        ([(None, {}, 0)], "it can't be reached, or the connection broke", 1),
        ([(200, {"Content-Encoding": "br"}, b"x")], "it answered in a content encoding that nobody", 1),
    ],
)
def test_every_answer_is_a_word_about_it_and_none_repeats_the_address(answers, told, times, caplog):
    caplog.set_level(logging.DEBUG)
    with FakeWebhook(*answers) as fake:
        problem, slept = delivered(fake)
    assert problem.startswith(told)
    assert bool(problem) == bool(told)
    assert len(fake.sent) == times
    assert len(slept) == times - 1
    assert SECRET not in problem + caplog.text
    assert "/send" not in caplog.text


def test_who_does_not_answer_in_time_is_asked_once_more():
    clock = Clock()
    with FakeWebhook((None, {}, 60), OK) as fake:
        answer = send(f"{fake.address}/x", b"{}", {}, clock.sleep, (5.0, 0.05))
    assert answer == (200, OK[2], "")
    assert len(fake.sent) == 2


@pytest.mark.parametrize(
    ("kind", "content", "is_taken"),
    [
        (WebhookKind.FEISHU, b'{"code": 0, "msg": "success"}', True),
        (WebhookKind.FEISHU, b'{"StatusCode": 0, "StatusMessage": "success"}', True),
        (WebhookKind.FEISHU, b'{"code": 19021, "msg": "sign match fail"}', False),
        (WebhookKind.WECOM, b'{"errcode": 93000, "errmsg": "invalid webhook url"}', False),
        (WebhookKind.SLACK, b"ok", True),
        (WebhookKind.JSON, b"", True),
    ],
)
def test_each_kind_says_in_its_own_way_that_it_took_a_message(kind, content, is_taken):
    with FakeWebhook((200, {}, content)) as fake:
        problem, _ = delivered(fake, kind)
    assert (problem == "") is is_taken
    assert fake.sent[0].headers["content-type"] == "application/json; charset=utf-8"
    assert "authorization" not in fake.sent[0].headers


def test_a_message_is_signed_with_the_key_and_the_key_is_not_sent():
    with FakeWebhook() as fake:
        assert delivered(fake, KEY="SECkey")[0] == ""
    assert "&timestamp=1795910400000&sign=" in fake.sent[0].path
    assert "SECkey" not in fake.sent[0].path
    assert b"SECkey" not in fake.sent[0].content


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("https://oapi.dingtalk.com/robot/send?access_token=1", ""),
        ("https://[2001:db8::1]:8443/x", ""),
        ("http://127.0.0.1:1/x", ""),
        ("http://[::1]/x", ""),
        ("http://localhost/x", ""),
        ("http://localhost.evil.example/x", "is an http address"),
        ("http://127.0.0.1.evil.example/x", "is an http address"),
        ("http://hooks.example.com/x", "is an http address"),
        ("https://me:word@hooks.example.com/x", "has a user"),
        ("ftp://hooks.example.com/x", "is not an https address"),
        ("file:///etc/passwd", "is not an https address"),
        ("https://", "is not an https address"),
        ("hooks.example.com/x", "is not an https address"),
        ("https://hooks.example.com:x/", "is not an address"),
        ("https://hooks.example.com/\nx", "is not an address"),
        ("https://hooks.example.com/ x", "is not an address"),
        ("https://hooks.example.com/é", "is not an address"),
        ("https://hooks.example.com/" + "x" * 3000, "is not an address"),
    ],
)
def test_only_https_and_this_machine_are_sent_to(address, problem):
    told = problem_of_address(address)
    assert told.startswith(problem)
    assert bool(told) == bool(problem)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "$HOOK is not set here"),
        ({"HOOK": ""}, "$HOOK is not set here"),
        ({"HOOK": "ftp://c0ffee5ecre7"}, "$HOOK is not an https address"),
        (
            {"HOOK": "https://h.example/c0ffee5ecre7"},
            "$KEY is not set here, and without it nothing is signed",
        ),
        ({"HOOK": "https://h.example/c0ffee5ecre7", "KEY": "a\nb"}, "$KEY is not a key"),
    ],
)
def test_what_is_not_set_or_no_address_is_named_by_its_variable(environ, told):
    problem = deliver(Webhook(WebhookKind.FEISHU, "HOOK", "KEY"), BULLETIN, environ, Clock())
    assert problem == told
