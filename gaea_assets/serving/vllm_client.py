"""Generation by a vLLM server, over its OpenAI-compatible interface."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import openai

from gaea_assets.errors import GaeaError
from gaea_assets.serving.api_key import VARIABLE
from gaea_assets.serving.generator import Generation, Sampling
from gaea_assets.serving.nearby import is_nearby

Answer = TypeVar("Answer")

STREAMS = 32
"""Requests under way at once; the server batches them."""


class VllmClient:
    """A client of one served model.

    Args:
        url: The server's address, with or without `/v1`.
        model: The model's name on the server.
        end_id: The token that generation stops at.
        where_to_look: Said when the server fails: where its log is.
    """

    def __init__(self, url: str, model: str, end_id: int, where_to_look: str) -> None:
        base = url.rstrip("/").removesuffix("/v1")
        # An answer is awaited as long as it takes; a dead server refuses the connection at once.
        key = os.environ.get(VARIABLE) or "none"
        http = openai.DefaultHttpxClient(trust_env=not is_nearby(base))
        self._client = openai.OpenAI(base_url=f"{base}/v1", api_key=key, timeout=3600, max_retries=0, http_client=http)
        self._url, self._model, self._end_id, self._where = base, model, end_id, where_to_look

    def generate(self, prompts: Sequence[list[int]], sampling: Sampling) -> list[Generation]:
        """One continuation for each prompt, in order.

        Raises:
            GaeaError: The server does not serve the model, refuses a request, or stops answering.
        """
        return self._ask([partial(self._one, prompt, sampling, sampling.seed + i) for i, prompt in enumerate(prompts)])

    def log_likelihoods(self, passages: Sequence[list[int]]) -> list[float]:
        """Log-likelihood of each passage's ids after the first, given those before: in nats, summed.

        Raises:
            GaeaError: The server does not serve the model, refuses a request, or stops answering.
        """
        return self._ask([partial(self._log_likelihood, passage) for passage in passages])

    def _ask(self, requests: Sequence[Callable[[], Answer]]) -> list[Answer]:
        """Send the requests, `STREAMS` at once, and turn a failure of the server into one line."""
        with ThreadPoolExecutor(STREAMS) as pool:
            futures = [pool.submit(request) for request in requests]
            try:
                return [future.result() for future in futures]
            except openai.APIConnectionError:
                raise GaeaError(
                    f"the model server at {self._url} stopped answering; {self._where}; materialise again once it is up"
                ) from None
            except openai.APIStatusError as error:
                raise GaeaError(
                    f"the model server at {self._url} refused the request ({error.status_code}): "
                    f"{' '.join(error.message.split())}; {self._where}"
                ) from None
            finally:
                for future in futures:
                    future.cancel()

    def _one(self, prompt: list[int], sampling: Sampling, seed: int) -> Generation:
        choice = self._client.completions.create(
            model=self._model,
            prompt=prompt,
            max_tokens=sampling.max_new_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            seed=seed,
            extra_body={"stop_token_ids": [self._end_id], "add_special_tokens": False},
        ).choices[0]
        return Generation(choice.text, choice.finish_reason == "stop")

    def _log_likelihood(self, passage: list[int]) -> float:
        choice = self._client.completions.create(
            model=self._model,
            prompt=passage,
            max_tokens=1,
            temperature=0,
            extra_body={"prompt_logprobs": 0, "add_special_tokens": False},
        ).choices[0]
        # vLLM's own field: for each id of the prompt but the first, the id itself with its log-probability.
        told: list[dict[str, dict[str, float]] | None] = (choice.model_extra or {}).get("prompt_logprobs") or []
        if len(told) != len(passage):
            raise GaeaError(
                f"the model server at {self._url} gives no prompt_logprobs, which vLLM does; {self._where}; "
                f"name a vLLM server in serving.url, or leave it out"
            )
        return sum(known[str(given)]["logprob"] for given, known in zip(passage, told, strict=True) if known)
