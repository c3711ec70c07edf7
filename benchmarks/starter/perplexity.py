"""Perplexity of held-back chat replies: the base alone, and with an adapter, by training's own loss.

    python benchmarks/starter/perplexity.py --rows FILE.jsonl --base PATH --adapter PEFT_FOLDER [--limit N]

`rows` hold messages; replies are scored, given everything before them. `template` is human_bot as in training. The base
never saw that form, so it is also scored on plain text: question, blank line, reply. `stop` says whether the token that
ends a reply counts; plain text has none. Tokens of a reply differ a little between forms, nats a character do not mind.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from headwater.training.base import find_base, inner_model, load_model, load_tokenizer
from headwater.training.config import TrainingConfig
from headwater.training.library_notes import leave_out_unused_kernel
from headwater.training.load_config import check_config
from headwater.training.loss import learn_in_forward
from headwater.training.rows.batches import BatchSettings, Schedule
from headwater.training.rows.conversations import Conversation, read_rows
from headwater.training.rows.examples import Encoder, Examples
from headwater.training.rows.template import ChatTemplate, load_template
from headwater.training.trainer import batches_of, tensors

PLAIN = (
    "{{ bos_token }}{% for message in messages %}{% if message.role == 'assistant' %}{% generation %}"
    "{{ message.content | trim }}{% endgeneration %}{% else %}{{ message.content | trim }}{% endif %}"
    "{{ '\\n\\n' }}{% endfor %}"
)
MICRO_TOKENS = 2048


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--max-length", type=int, default=1024)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    leave_out_unused_kernel()
    data = {"train": [{"path": str(given.rows)}], "max_length": given.max_length}
    config = check_config({"model": {"base": given.base}, "data": data})
    print(json.dumps(measure(config, given.adapter, given.limit), indent=1))


def measure(config: TrainingConfig, adapter: Path, limit: int | None) -> dict[str, Any]:
    """Score every form with and without the adapter."""
    from peft import PeftModel

    base = find_base(config.model.base)
    tokenizer = load_tokenizer(base)
    rows = read_rows(config.data.train, "sft", 1).conversations[:limit]
    chat = load_template("human_bot", tokenizer)
    plain = ChatTemplate(PLAIN, tokenizer.bos_token or "", tokenizer.eos_token, PLAIN)
    told: dict[str, Any] = {"rows": len(rows)}
    model: Any = load_model(base, config.model, "cpu", "sdpa")
    learn_in_forward(inner_model(model))
    model = PeftModel.from_pretrained(model, str(adapter)).eval()
    for form, template in (("template", chat), ("plain", plain)):
        examples, characters = encoded(rows, template, tokenizer, config)
        for name, without in (("adapter", contextlib.nullcontext), ("base", model.disable_adapter)):
            with without():
                told[f"{name}_{form}"] = scored(model, tokenizer, examples, characters)
    return told


def encoded(
    rows: list[Conversation], template: ChatTemplate, tokenizer: Any, config: TrainingConfig
) -> tuple[Examples, int]:
    """Return the tokens, and the characters of the replies in them; overlong rows are left out."""
    examples = Encoder(tokenizer, template, config.data).encode(rows).examples
    kept = set(examples.rows)
    replies = (turn for row in rows if row.row in kept for turn in row.turns if turn["role"] == "assistant")
    return examples, sum(len(turn["content"].strip()) for turn in replies)


def scored(model: Any, tokenizer: Any, examples: Examples, characters: int) -> dict[str, Any]:
    """Return corpus perplexity over the replies' tokens, with and without the token that stops."""
    stopless = replace(examples, learned=examples.learned & (examples.ids != tokenizer.eos_token_id))
    told: dict[str, Any] = {"rows": len(examples)}
    for name, counted in (("with_stop", examples), ("without_stop", stopless)):
        count = int(counted.targets.sum())
        nats = sum(losses(model, counted, int(tokenizer.pad_token_id)))
        told[name] = {
            "tokens": count,
            "perplexity": round(math.exp(nats / count), 4),
            "nats_per_character": round(nats / characters, 5),
        }
    return told


def losses(model: Any, examples: Examples, pad: int) -> Iterator[float]:
    """Yield the summed loss of each micro-batch."""
    kind = next(inner_model(model).parameters()).dtype
    schedule = Schedule(examples, BatchSettings(1 << 30, MICRO_TOKENS, "buckets", 0), 1)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=kind == torch.bfloat16):
        for batch in batches_of(examples, schedule, "buckets", pad):
            yield float(model(**tensors(batch, torch.device("cpu")))["loss"])


if __name__ == "__main__":
    main()
