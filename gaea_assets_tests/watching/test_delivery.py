from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.watching.delivery import POSTS, deliver
from gaea_assets.watching.outbox import Outbox
from gaea_assets.watching.webhook import Undelivered
from gaea_assets_tests.watching.hooks import SECRET, message

URL = f"https://hooks.example.com/{SECRET}"


class Post:
    """Remembers what was sent where; fails as it is told to."""

    def __init__(self, fail: Callable[[str, Mapping[str, Any]], Undelivered | None] = lambda *_: None) -> None:
        self.fail = fail
        self.tried: list[tuple[str, str]] = []

    def __call__(self, url: str, sent: Mapping[str, Any]) -> None:
        self.tried.append((url, sent["text"]))
        if fault := self.fail(url, sent):
            raise fault


class Ticks:
    """An outbox and its deliveries, at times that the test chooses."""

    def __init__(self, folder: Path, post: Post, webhook: Callable[[str], str | None] = lambda _: URL) -> None:
        self.outbox, self.post, self.webhook = Outbox(folder), post, webhook
        self.logged: list[str] = []

    def tick(self, now: float) -> int:
        return deliver(self.outbox, self.webhook, self.post, now, self.logged.append)


def down(*_: object) -> Undelivered:
    return Undelivered("it answered 503")


def test_messages_are_sent_in_order_and_forgotten_when_they_were_taken(tmp_path: Path) -> None:
    ticks = Ticks(tmp_path, Post())
    for number in (2, 1):
        ticks.outbox.put(message(number))
    assert ticks.tick(0) == 2
    assert ticks.post.tried == [(URL, "alarm 1"), (URL, "alarm 2")]
    assert ticks.tick(0) == 0
    assert ticks.logged == []


def test_a_dead_webhook_is_tried_once_a_tick_and_gets_everything_when_it_is_back(tmp_path: Path) -> None:
    post = Post(down)
    ticks = Ticks(tmp_path, post)
    for number in range(1, 4):
        ticks.outbox.put(message(number))
    assert ticks.tick(0) == 0
    assert len(post.tried) == 1
    assert len(ticks.outbox.waiting()) == 3
    post.fail = lambda *_: None
    assert ticks.tick(1) == 2  # those that were not tried
    assert ticks.tick(59) == 0
    assert ticks.tick(60) == 1
    assert sorted({text for _, text in post.tried}) == ["alarm 1", "alarm 2", "alarm 3"]


def test_a_failure_is_logged_without_the_secret_part_of_the_address(tmp_path: Path) -> None:
    ticks = Ticks(tmp_path, Post(down))
    ticks.outbox.put(message(1))
    ticks.tick(0)
    assert ticks.logged == [
        "https://hooks.example.com/...: message 000000000001-run was not taken: it answered 503; it is kept and sent "
        "again (attempt 1)"
    ]


def test_a_refused_message_does_not_hold_up_the_others(tmp_path: Path) -> None:
    post = Post(lambda _, sent: Undelivered("it answered 400", refused=True) if sent["text"] == "alarm 1" else None)
    ticks = Ticks(tmp_path, post)
    for number in range(1, 4):
        ticks.outbox.put(message(number))
    assert ticks.tick(0) == 2
    assert [entry.message["text"] for entry in ticks.outbox.waiting()] == ["alarm 1"]


def test_one_voices_dead_webhook_does_not_hold_up_another_voices(tmp_path: Path) -> None:
    post = Post(lambda url, _: down() if "a.example" in url else None)
    ticks = Ticks(tmp_path, post, lambda voice: f"https://{voice}.example.com/x")
    for number, voice in enumerate("aabb"):
        ticks.outbox.put(message(number, voice))
    assert ticks.tick(0) == 2
    assert {entry.voice for entry in ticks.outbox.waiting()} == {"a"}


def test_a_tick_makes_a_bounded_number_of_attempts(tmp_path: Path) -> None:
    ticks = Ticks(tmp_path, Post())
    for number in range(POSTS + 5):
        ticks.outbox.put(message(number))
    assert [ticks.tick(0), ticks.tick(0)] == [POSTS, 5]


def test_a_tick_ends_in_time_though_each_webhook_takes_its_whole_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1_000, 10))
    monkeypatch.setattr("gaea_assets.watching.delivery.time.monotonic", lambda: next(clock))
    ticks = Ticks(tmp_path, Post(), lambda voice: f"https://{voice}.example.com/x")
    for number in range(POSTS):
        ticks.outbox.put(message(number, f"v{number}"))
    assert ticks.tick(0) == 3


def test_what_has_no_readable_webhook_waits_until_it_has_one(tmp_path: Path) -> None:
    def webhook(voice: str) -> str | None:
        raise GaeaError("broken.yaml: watching.webhook: not an address")

    ticks = Ticks(tmp_path, Post(), webhook)
    ticks.outbox.put(message(1, "broken"))
    assert ticks.tick(0) == 0
    assert ticks.post.tried == []
    (line,) = ticks.logged
    assert line == "the message 000000000001-run waits: broken.yaml: watching.webhook: not an address"
    ticks.webhook = lambda _: URL
    assert ticks.tick(60) == 1


def test_messages_for_a_webhook_that_is_gone_are_dropped_and_told(tmp_path: Path) -> None:
    ticks = Ticks(tmp_path, Post(), lambda _: None)
    ticks.outbox.put(message(1))
    assert ticks.tick(0) == 0
    assert ticks.outbox.waiting() == []
    assert ticks.logged == ["the message 000000000001-run is dropped: the voice pocket has no webhook any more"]


def test_a_kill_after_the_post_sends_the_message_again_under_the_same_id(tmp_path: Path) -> None:
    sent: list[str] = []

    def killed(url: str, found: Mapping[str, Any]) -> None:
        sent.append(found["id"])
        if len(sent) == 1:
            raise KeyboardInterrupt

    outbox = Outbox(tmp_path)
    outbox.put(message(1))
    with pytest.raises(KeyboardInterrupt):
        deliver(outbox, lambda _: URL, killed, 0, print)
    assert deliver(outbox, lambda _: URL, killed, 0, print) == 1
    assert sent == ["000000000001-run"] * 2


def test_a_message_that_is_refused_for_a_week_is_set_aside_and_can_be_sent_again(tmp_path: Path) -> None:
    post = Post(lambda *_: Undelivered("it answered 410", refused=True))
    ticks = Ticks(tmp_path, post)
    ticks.outbox.put(message(1))
    now = 0.0
    while entries := ticks.outbox.waiting():
        now = entries[0].not_before
        ticks.tick(now)
    assert 6 < now / 86_400 < 8
    (aside,) = tmp_path.iterdir()
    assert aside.suffix == ".refused"
    assert ticks.logged[-1].endswith(f"set aside as {aside}: see to the webhook, and rename it to "
                                     f"{aside.stem}.json to have it sent again")  # fmt: skip
    tried = len(post.tried)
    ticks.tick(now + 365 * 86_400)
    assert len(post.tried) == tried
    aside.rename(aside.with_suffix(".json"))
    post.fail = lambda *_: None
    assert ticks.tick(now + 365 * 86_400) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_webhook_that_was_down_for_long_may_refuse_a_message_once(tmp_path: Path) -> None:
    post = Post(down)
    ticks = Ticks(tmp_path, post)
    ticks.outbox.put(message(1))
    for _ in range(100):
        ticks.tick(ticks.outbox.waiting()[0].not_before)
    post.fail = lambda *_: Undelivered("it answered 401", refused=True)
    ticks.tick(ticks.outbox.waiting()[0].not_before)
    assert len(ticks.outbox.waiting()) == 1
