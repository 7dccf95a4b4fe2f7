"""The one exception for faults a person can mend."""


class GaeaError(Exception):
    """Something the user can put right.

    The message is one line: what is wrong, where (file, field, value), and what to do. It is shown
    without a traceback.
    """
