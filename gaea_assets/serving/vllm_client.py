"""Generation by a vLLM server, over its OpenAI-compatible interface."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import openai

from gaea_assets.errors import GaeaError
from gaea_assets.serving.generator import Generation, Sampling

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
        self._client = openai.OpenAI(base_url=f"{base}/v1", api_key="none", timeout=3600, max_retries=0)
        self._url, self._model, self._end_id, self._where = base, model, end_id, where_to_look

    def generate(self, prompts: Sequence[list[int]], sampling: Sampling) -> list[Generation]:
        """One continuation for each prompt, in order.

        Raises:
            GaeaError: The server does not serve the model, refuses a request, or stops answering.
        """
        with ThreadPoolExecutor(STREAMS) as pool:
            futures = [pool.submit(self._one, prompt, sampling, sampling.seed + i) for i, prompt in enumerate(prompts)]
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
