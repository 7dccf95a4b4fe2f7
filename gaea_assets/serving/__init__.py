"""Text from a model: one small interface, served by vLLM over HTTP or run by transformers in process."""

import logging

# Tells at each import that a kernel which is not needed is not installed.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
