"""Memory that ends: how the error is known, and what a person is told."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch  # noqa: TID253 - the training and merging processes
from accelerate.utils.memory import should_reduce_batch_size

from gaea_assets.errors import GaeaError

WITHOUT_TORCHS_WORDS = ("CUBLAS_STATUS_ALLOC_FAILED", "CUDA error: out of memory")
"""How libraries that allocate by themselves say it (cuBLAS, bitsandbytes)."""
SMALLER_STEPS = (
    "set training.tokens_a_micro_step to the longest example's tokens and training.gradient_checkpointing: true, else "
    "training.rank lower, or training.method: qlora instead of lora, or dataset.max_tokens lower"
)
SMALLER_BASE = (
    "end other processes that hold its memory (nvidia-smi lists those of a GPU), or take a smaller base (base.model) "
    "or a larger device; for a training, gaea plan VOICE names the change that fits"
)


def is_shortage(error: BaseException) -> bool:
    """Whether an error says that the memory of the device, or of the machine, is at its end."""
    return (
        isinstance(error, torch.OutOfMemoryError | MemoryError)
        or should_reduce_batch_size(error)
        or (isinstance(error, RuntimeError) and any(words in str(error) for words in WITHOUT_TORCHS_WORDS))
    )


@contextmanager
def shortage_told(doing: str, remedy: str) -> Iterator[None]:
    """Tell of memory that ends in here as a fault of one line.

    Args:
        doing: What is done in here, as in "while ...".
        remedy: What to change.

    Raises:
        GaeaError: Memory has ended.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        raise shortage(doing, remedy, str(error)) from None


def shortage(doing: str, remedy: str, why: str) -> GaeaError:
    """The fault that memory has ended.

    Args:
        doing: What was done.
        remedy: What to change.
        why: What the library says; what was asked for and what was free stands at its beginning.
    """
    return GaeaError(f"out of memory while {doing}; {remedy} ({' '.join(why.split())[:200]})")
