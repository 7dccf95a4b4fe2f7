"""Whether names introduced early are used rightly behind a long context."""

from dataclasses import dataclass

from scipy.stats import binomtest

from gaea_assets.serving.bench.client import Answer, Ask, BenchClient
from gaea_assets.serving.bench.load import Scale, answer_tokens, whole
from gaea_assets.serving.bench.story import TOGETHER, Story, names_in, outcome, story

TRIALS = 20
"""Stories at each length."""
FREE = 8
"""Of these, how many are also continued freely."""
NAME_TOKENS = 16
FREE_TEMPERATURE = 0.8
STREAMS = 4


@dataclass(frozen=True)
class Names:
    """One length of the context."""

    prompt_tokens: int
    """As wanted, the cue included."""
    trials: int
    """Stories whose completion came to its end."""
    errors: int
    """Requests that failed, of both kinds."""
    right: int
    confused: int
    """Another name of the story: guessing among its four gives three of these for each right one."""
    invented: int
    none: int
    share: float | None
    """Right ones of all trials."""
    low: float | None
    """Lower end of the share's 95 % interval (Wilson, 1927)."""
    high: float | None
    free_names: int
    """Mentions of names in free continuations."""
    free_known: int
    """Of these, names that stand in the context."""
    free_share: float | None


async def measure_names(client: BenchClient, scale: Scale, tokens: int) -> tuple[Names, list[Answer]]:
    """Names called for, and names in free continuation, with a context of about so many tokens."""
    stories = [story(scale, tokens, seed) for seed in range(TRIALS)]
    called = await client.all([Ask(s.text + s.cue, NAME_TOKENS, fill=False) for s in stories], STREAMS)
    open_end = [
        Ask(s.text + TOGETHER, answer_tokens(scale), temperature=FREE_TEMPERATURE, fill=False) for s in stories[:FREE]
    ]
    free = await client.all(open_end, STREAMS)
    return count_names(tokens, stories, called, free), [*called, *free]


def count_names(tokens: int, stories: list[Story], called: list[Answer], free: list[Answer]) -> Names:
    """The figures of one length; `called` are answers to all stories, `free` to the first of them."""
    outcomes = [outcome(s, a.text) for s, a in zip(stories, called, strict=True) if a.error is None]
    mentions = [names_in(s.text, a.text) for s, a in zip(stories, free, strict=False) if a.error is None]
    used, known = (sum(pair[which] for pair in mentions) for which in (0, 1))
    right = outcomes.count("right")
    interval = binomtest(right, len(outcomes)).proportion_ci(method="wilson") if outcomes else None
    return Names(
        prompt_tokens=tokens,
        trials=len(outcomes),
        errors=len(called) + len(free) - len(whole([*called, *free])),
        right=right,
        confused=outcomes.count("confused"),
        invented=outcomes.count("invented"),
        none=outcomes.count("none"),
        share=right / len(outcomes) if outcomes else None,
        low=float(interval.low) if interval else None,
        high=float(interval.high) if interval else None,
        free_names=used,
        free_known=known,
        free_share=known / used if used else None,
    )
