"""A Ray of this machine's own: `python -m gaea_assets.local_ray` prints its address, and ends with its standard input.

A process of its own, since Ray takes over the signals of the process that starts it.
"""

import sys

import ray


def main() -> None:
    """Start Ray, print the address of its dashboard, and wait for the end of the standard input."""
    started = ray.init(address="local", include_dashboard=True, log_to_driver=False)
    print(f"http://{started.dashboard_url}", flush=True)
    sys.stdin.read()
    ray.shutdown()


if __name__ == "__main__":
    main()
