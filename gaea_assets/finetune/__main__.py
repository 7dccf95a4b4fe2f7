"""A training or a merge as a process of its own: `python -m gaea_assets.finetune MODULE JOB.json`.

It can be stopped from its first moment on, and ends with its work.
"""

import importlib
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.child import FAULT_EXIT, STOPPED, leave_fault


def main() -> NoReturn:
    """Run the module's `main`; its libraries, which take seconds to read, are read after this one's."""
    # What a shell starts in the background (`dagster dev &`) ignores SIGINT, by which a cancelled run stops this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    module = sys.argv.pop(1)
    try:
        importlib.import_module(module).main()
        _end(0)
    except SystemExit as end:
        _end(end.code if isinstance(end.code, int) else int(end.code is not None))
    except KeyboardInterrupt:
        leave_fault(Path(sys.argv[1]), GaeaError(STOPPED))
        _end(FAULT_EXIT)
    except BaseException:
        traceback.print_exc()
        _end(1)


def _end(status: int) -> NoReturn:
    # All is on the disk. One of two processes that had written everything once never ended; PyTorch's threads
    # (autograd's, gloo's) may hang while the interpreter is taken down: github.com/pytorch/pytorch/issues/190489.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
