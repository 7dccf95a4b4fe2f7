"""Gaea: a manuscript in, a language model that writes in its author's voice out, with proof."""
