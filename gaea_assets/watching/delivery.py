"""Bring waiting messages to their voices' webhooks: some at each tick, each at least once."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from gaea_assets.errors import GaeaError
from gaea_assets.watching.outbox import Outbox
from gaea_assets.watching.webhook import Undelivered, shown

Post = Callable[[str, Mapping[str, Any]], None]
POSTS = 20
"""Attempts at one tick."""
BUDGET = 30.0
"""Seconds after which a tick starts no further attempt: Dagster gives up a tick after 60."""


def deliver(
    outbox: Outbox, webhook: Callable[[str], str | None], post: Post, now: float, log: Callable[[str], None]
) -> int:
    """Send the messages that are due, oldest first.

    A webhook that cannot be reached is left alone until the next tick; one that refuses a message is given the others.

    Args:
        outbox: Holds the messages; those that were taken are removed from it.
        webhook: Address for a voice, None where it has none (any more): its messages are dropped. May raise GaeaError.
        post: Sends one message to an address; raises Undelivered.
        now: Unix time.
        log: Takes one line a failure.

    Returns:
        How many were delivered.
    """
    due = [entry for entry in outbox.waiting() if entry.not_before <= now]
    until = time.monotonic() + BUDGET
    down: set[str] = set()
    attempts = delivered = 0
    for entry in due:
        if attempts == POSTS or time.monotonic() > until:
            break
        try:
            url = webhook(entry.voice)
        except GaeaError as error:
            log(f"the message {entry.message['id']} waits: {error}")
            outbox.failed(entry, now)
            continue
        if url is None:
            log(f"the message {entry.message['id']} is dropped: the voice {entry.voice} has no webhook any more")
            outbox.taken(entry)
            continue
        if url in down:
            continue
        attempts += 1
        try:
            post(url, entry.message)
        except Undelivered as fault:
            aside = outbox.failed(entry, now, refused=fault.refused)
            then = f"it is kept and sent again (attempt {entry.attempts + 1})"
            if aside:
                then = (
                    f"refused for about a week, it is set aside as {aside}: see to the webhook, and rename it to "
                    f"{aside.with_suffix('.json').name} to have it sent again"
                )
            log(f"{shown(url)}: message {entry.message['id']} was not taken: {fault}; {then}")
            if not fault.refused:
                down.add(url)
        else:
            outbox.taken(entry)
            delivered += 1
    return delivered
