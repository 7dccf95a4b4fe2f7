"""Gaea: a manuscript in, a language model that writes in its author's voice out, with proof."""

import logging

# bitsandbytes tells at each import that a kernel which is not needed is not installed.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
