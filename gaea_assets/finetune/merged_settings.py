"""What stands beside a merged model's weights: its configuration, its generation settings and its tokenizer.

They are the base's own files, not what transformers makes of them: other programs, and transformers before version 5,
read older names. Changed is what training has changed: the precision, the prompt format, and where a text ends.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from transformers import AutoConfig, GenerationConfig  # noqa: TID253 - only the merging process imports this module

from gaea_assets.base.files import read_json
from gaea_assets.finetune.base_weights import BaseWeights

TOKENIZER = ("tokenizer*", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt")
GENERATION = "generation_config.json"


def write_settings(base: BaseWeights, template: str, end: int, folder: Path) -> None:
    """Write the files of a merged model beside its weights.

    Args:
        base: The base model.
        template: The prompt format it was trained in, as a Jinja template.
        end: The token that ends what it writes.
        folder: Where they go.
    """
    precision = "torch_dtype" if "torch_dtype" in base.config else "dtype"
    _write(folder / "config.json", {**base.config, precision: "bfloat16"})
    _write(folder / GENERATION, _stopping_at(end, _generation(base.folder)))
    for path in (path for pattern in TOKENIZER for path in base.folder.glob(pattern) if path.is_file()):
        shutil.copyfile(path, folder / path.name)
    # The file is what is read today, the field what was read before there was one.
    (folder / "chat_template.jinja").write_text(template, "utf-8")
    _write(
        folder / "tokenizer_config.json", {**read_json(base.folder, "tokenizer_config.json"), "chat_template": template}
    )


def _generation(folder: Path) -> dict[str, Any]:
    if (folder / GENERATION).is_file():
        return read_json(folder, GENERATION)
    return GenerationConfig.from_model_config(AutoConfig.from_pretrained(folder)).to_diff_dict()


def _stopping_at(end: int, settings: dict[str, Any]) -> dict[str, Any]:
    """Generation settings that know the mark training ends a text with: those of Qwen2.5 7B name another."""
    own = settings.get("eos_token_id")
    ends = own if isinstance(own, list) else [own] if own is not None else []
    return settings if end in ends else {**settings, "eos_token_id": [*ends, end]}


def _write(path: Path, fields: dict[str, Any]) -> None:
    path.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", "utf-8")
