"""In which order a reader sees the items, and from which side."""

import math
import random
from collections import defaultdict
from itertools import pairwise, zip_longest

from gaea_assets.blind.plan import Plan

GAP = 8
"""Pairs between a pair and its repeat, where there are as many."""
EARLY = 9
"""Within so many pairs come the checks that the attention rule wants at least: who does not read is known soon."""


def order(plan: Plan, reader: str) -> list[str]:
    """All items for a reader, in order; each reader has an own one, the same at every call.

    Every prompt comes once before one comes again, and repeats are spread evenly: a reader who stops halfway has
    read all prompts, and a fair share of repeats. The first checks come early, with the author's text on either side
    by turns, so that no habit (always A, always equal) passes them; those that are left are spread over the rest.
    Of each reader's pairs half have the tuned model on side A.
    """
    rng = random.Random(f"{plan.id} {reader}")  # noqa: S311 - no secret: the same order again
    pairs, checks = _in_rounds(plan, plan.of_kind("pair"), rng), _by_turns(plan, plan.of_kind("check"), rng)
    n = len(pairs)
    turned = _half(n, rng)
    # Sorted by place: a check or a repeat stands before the pair of the same number.
    placed = [(float(place), _item(plan, pair, turned[place])) for place, pair in enumerate(pairs)]
    early, start = min(len(checks), plan.rule.least_checks), min(EARLY, n)
    spots = [*_spread(early, start, rng), *(start + spot for spot in _spread(len(checks) - early, n - start, rng))]
    side = rng.randrange(2)
    for number, (spot, check) in enumerate(zip(spots, checks, strict=True)):
        placed.append((spot - 0.5, _item(plan, check, (number // 2 + side) % 2 == 0)))
    gap = min(GAP, n // 2)
    for spot in _spread(min(math.ceil(n * plan.settings["repeats"]), n - gap), n - gap, rng):
        placed.append((spot + gap + 0.25, _item(plan, pairs[spot], not turned[spot])))
    return [item for _, item in sorted(placed, key=lambda entry: entry[0])]


def _in_rounds(plan: Plan, pairs: list[int], rng: random.Random) -> list[int]:
    """The pairs so that each prompt comes once in a round."""
    of_prompt: dict[str, list[int]] = defaultdict(list)
    for pair in rng.sample(pairs, len(pairs)):
        of_prompt[plan.pairs[pair].prompt_id].append(pair)
    ordered: list[int] = []
    while of_prompt:
        prompts = rng.sample(sorted(of_prompt), len(of_prompt))
        if ordered and len(prompts) > 1 and plan.pairs[ordered[-1]].prompt_id == prompts[0]:
            prompts.append(prompts.pop(0))
        ordered += [of_prompt[prompt].pop() for prompt in prompts]
        of_prompt = defaultdict(list, {prompt: left for prompt, left in of_prompt.items() if left})
    return ordered


def _by_turns(plan: Plan, checks: list[int], rng: random.Random) -> list[int]:
    """The checks in random order, shuffled and doubled texts by turns."""
    doubled = [check for check in rng.sample(checks, len(checks)) if "again" in plan.pairs[check].texts]
    others = [check for check in rng.sample(checks, len(checks)) if check not in doubled]
    ordered = [check for both in zip_longest(others, doubled) for check in both]
    return [check for check in ordered if check is not None]


def _spread(count: int, places: int, rng: random.Random) -> list[int]:
    """So many different places of 0 .. places - 1, one in each of `count` stretches of equal length."""
    edges = [number * places // max(count, 1) for number in range(count + 1)]
    return [rng.randrange(start, max(end, start + 1)) for start, end in pairwise(edges)]


def _half(count: int, rng: random.Random) -> list[bool]:
    """As many true as false, in random order; of an odd count one more of either."""
    sides = [number % 2 == 0 for number in range(count + 1)][rng.randrange(2) :][:count]
    rng.shuffle(sides)
    return sides


def _item(plan: Plan, pair: int, turned: bool) -> str:
    """The pair's item: with its writers in the order of their names, or turned round."""
    first = min(plan.pairs[pair].texts)
    return next(name for name, item in plan.items.items() if item.pair == pair and (item.a != first) == turned)
