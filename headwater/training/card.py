"""The model card of a run: what it was made of, how, with which licences, how well it does."""

from __future__ import annotations

from typing import Any

from headwater.training.config import TrainingConfig
from headwater.training.run_folder import RunFolder, write_atomically


def write_card(config: TrainingConfig, folder: RunFolder, base: str, account: dict[str, Any]) -> None:
    """Write README.md into the run's folder and beside its result."""
    text = card(config, folder, base, account)
    for place in (folder.path, folder.path / "adapter", folder.path / "model"):
        if place.is_dir():
            write_atomically(place / "README.md", text)


def card(config: TrainingConfig, folder: RunFolder, base: str, account: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    evaluations = [line for line in folder.lines("metrics.jsonl") if "eval" in line]
    best = folder.state().get("best")
    adapter = config.adapter
    learned = "every weight" if adapter.type == "full" else _adapter_words(config)
    sources = "\n".join(
        f"| {s['path']} | {s['rows']:,} | {s['licence'] or 'not stated'} | `{s['sha256'][:12]}` |"
        for s in account["sources"]
    )
    metrics = "\n".join(
        f"| {line['step']} | " + ", ".join(f"{name} {value:.4g}" for name, value in line["eval"].items()) + " |"
        for line in evaluations
    )
    return f"""# {folder.name}

{base} with {learned}, trained with Headwater.

The template is `{config.data.template}`; it is in `template.jinja` and in the tokenizer. Ask the model in this form
only.

## Data

{account["kept"]:,} rows, {account["target_tokens"]:,} learned tokens; {account["validation_rows"]:,} rows set aside.

| file | rows | licence | sha256 |
|---|---|---|---|
{sources}

## Training

{config.train.epochs:g} epochs, {config.train.tokens_per_step:,} learned tokens a step, learning rate
{config.train.lr:g} ({config.train.schedule}), seed {config.train.seed}. The whole config is in the run's `config.yaml`.

## Validation

| step | |
|---|---|
{metrics or "| - | no rows were set aside |"}

{f"Best: {best['metric']} {best['value']:.4g} at step {best['step']}." if best else ""}
"""


def _adapter_words(config: TrainingConfig) -> str:
    adapter = config.adapter
    kind = "DoRA" if adapter.dora else "rsLoRA" if adapter.rslora else "LoRA"
    return f"a {kind} adapter (rank {adapter.r}, alpha {adapter.alpha:g}, on {adapter.targets})"
