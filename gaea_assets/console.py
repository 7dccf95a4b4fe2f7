"""What a run prints: a line for each thing an asset says, no event dumps, no tracebacks of the user's faults.

All events, with their tracebacks, are in the Dagster UI.
"""

import logging
import sys

import dagster as dg


class _OwnLines(logging.Filter):
    """Lines that assets and their child processes log; of Dagster's events, that a step waits for another run."""

    def filter(self, record: logging.LogRecord) -> bool:
        meta = getattr(record, "dagster_meta", {})
        record.__dict__["step"] = meta.get("step_key") or "run"
        record.__dict__["line"] = meta.get("orig_message") or record.getMessage()
        line = str(record.__dict__["line"])
        if meta.get("dagster_event") is not None:
            record.__dict__["line"] = f"{line}: another run holds it (see Runs in the UI; gaea home ends killed ones)"
            return line.startswith("Step blocked by limit for pool")
        return not line.startswith("Dependencies for step")  # said once, by what failed


def _own_lines_logger(_: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("gaea", level=logging.INFO)
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_OwnLines())
    handler.setFormatter(logging.Formatter("%(asctime)s  %(step)s  %(line)s", "%H:%M:%S"))
    logger.addHandler(handler)
    return logger


console = dg.LoggerDefinition(_own_lines_logger, description="One line for each thing an asset says.")
"""The logger of a run's standard output."""
