"""Generation by transformers in this process: the embedded default."""

from collections.abc import Callable, Sequence
from pathlib import Path

from gaea_assets.base.encoder import Encoder
from gaea_assets.serving.generator import Generation, Sampling

BATCH = 64


class InProcess:
    """A model held in this process, on the GPU where there is one.

    Args:
        folder: The model's files.
        encoder: Decodes the ids and knows the end mark.
        log: Takes one line of progress.
    """

    def __init__(self, folder: Path, encoder: Encoder, log: Callable[[str], None]) -> None:
        import torch
        from transformers import AutoModelForCausalLM
        from transformers.utils import logging as transformers_logging

        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        # On a CPU, decoding in float32 takes a fifth of the time (201 -> 40 ms a step of 36 sequences), and
        # every bfloat16 weight is a float32 number.
        dtype = torch.bfloat16 if self._device == "cuda" else torch.float32
        transformers_logging.disable_progress_bar()  # a file of the disk is loaded before a bar is read
        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, device_map={"": self._device}).eval()
        self._encoder = encoder
        self._log = log

    def generate(self, prompts: Sequence[list[int]], sampling: Sampling) -> list[Generation]:
        """One continuation for each prompt, in order; batches of similar length waste little."""
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        results: dict[int, Generation] = {}
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            generations = self._batch([prompts[i] for i in batch], sampling, sampling.seed + start)
            results.update(zip(batch, generations, strict=True))
            self._log(f"{len(results)} of {len(prompts)} continuations")
        return [results[i] for i in range(len(prompts))]

    def log_likelihoods(self, passages: Sequence[list[int]]) -> list[float]:
        """Log-likelihood of each passage's ids after the first, given those before: in nats, summed."""
        import torch

        found = []
        for passage in passages:
            ids = torch.tensor([passage], device=self._device)
            with torch.inference_mode():
                logits = self._model(input_ids=ids, use_cache=False).logits[0, :-1].float()
            found.append(-torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="sum").item())
        return found

    def _batch(self, prompts: list[list[int]], sampling: Sampling, seed: int) -> list[Generation]:
        import torch
        from transformers import GenerationConfig, set_seed

        end = self._encoder.end_id
        width = max(map(len, prompts))
        ids = torch.tensor([[end] * (width - len(prompt)) + prompt for prompt in prompts])
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        drawn = (
            {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
            if sampling.temperature
            else {"do_sample": False}
        )
        settings = GenerationConfig(max_new_tokens=sampling.max_new_tokens, eos_token_id=end, pad_token_id=end, **drawn)
        set_seed(seed)
        with torch.inference_mode():
            output = self._model.generate(
                ids.to(self._device), attention_mask=mask.to(self._device), generation_config=settings
            )
        return [self._read(row[width:].tolist()) for row in output]

    def _read(self, ids: list[int]) -> Generation:
        end = self._encoder.end_id
        ended = end in ids
        return Generation(self._encoder.decode(ids[: ids.index(end)] if ended else ids), ended)
