"""Text from a model: one small interface, served by vLLM over HTTP or run by transformers in process."""
