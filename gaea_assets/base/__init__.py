"""The base model's files, vocabulary and prompt format; never its weights."""
