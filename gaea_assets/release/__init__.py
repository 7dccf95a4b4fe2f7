"""Whether a model is released, what is released now, and what to try next. Nothing here knows of Dagster's assets.

Start with `actions.release` and `next_recipe.next_recipe`, which read the project's folders; `decision`, `problems` and
`remedy` judge what they are given.
"""
