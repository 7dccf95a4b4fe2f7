"""A child whose libraries take long to read."""

import time

print("reading", flush=True)
time.sleep(600)
