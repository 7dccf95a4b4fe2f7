"""The one exception for faults a person can mend, and how a command ends that a person stops."""

import signal

INTERRUPTED = 128 + signal.SIGINT
"""Exit status after Ctrl-C, as shells have it."""


class GaeaError(Exception):
    """Something the user can put right.

    The message is one line: what is wrong, where (file, field, value), and what to do. It is shown
    without a traceback.
    """
