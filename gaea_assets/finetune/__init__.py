"""Fine-tuning and merging; its scripts run as processes of their own, so that GPU memory goes with them."""

import logging

# Tells at each import that a kernel which is not needed is not installed.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
