"""Configs of axolotl, LLaMA-Factory and LLM Studio: every key becomes one of ours, or is named with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from headwater.core.errors import BadInput
from headwater.training.importers.read import Imported, read_foreign
from headwater.training.importers.taking import NOTHING, name_from

AXOLOTL = """
base_model: ./models/llama
load_in_4bit: true
datasets:
  - path: chats.jsonl
    type: chat_template
    field_messages: talk
  - path: tatsu-lab/alpaca
    type: alpaca
    split: train
val_set_size: 0.05
output_dir: ./outputs/lora-out
adapter: qlora
lora_r: 32
lora_alpha: 16
lora_dropout: 0.05
lora_target_modules: [q_proj, v_proj]
peft_use_dora: true
sequence_len: 2048
sample_packing: true
micro_batch_size: 2
gradient_accumulation_steps: 4
num_epochs: 2
optimizer: paged_adamw_8bit
lr_scheduler: cosine
learning_rate: 0.0002
warmup_ratio: 0.1
bf16: auto
gradient_checkpointing: true
evals_per_epoch: 4
saves_per_epoch: 1
weight_decay: 0.01
early_stopping_patience: 3
chat_template: chatml
wandb_project: mine
flash_attention: true
special_tokens: {pad_token: <pad>}
logging_steps: 1
"""

LLAMA_FACTORY = """
model_name_or_path: ./models/llama
stage: sft
do_train: true
finetuning_type: lora
lora_rank: 8
lora_target: all
use_rslora: true
quantization_bit: 4
dataset: identity,pairs,missing
template: llama3
cutoff_len: 1024
max_samples: 1000
mask_history: true
output_dir: saves/llama/lora/sft
per_device_train_batch_size: 1
gradient_accumulation_steps: 8
learning_rate: 1.0e-4
num_train_epochs: 3.0
lr_scheduler_type: cosine
warmup_ratio: 0.1
bf16: true
ddp_timeout: 180000000
val_size: 0.1
eval_strategy: steps
eval_steps: 500
save_steps: 250
report_to: wandb
galore_rank: 3
"""

STUDIO = """
architecture: {backbone_dtype: int4, gradient_checkpointing: true, intermediate_dropout: 0.0, pretrained: true}
augmentation: {neftune_noise_alpha: 5.0, token_mask_probability: 0.1}
dataset:
  train_dataframe: data/train.csv
  validation_dataframe: data/valid.csv
  validation_strategy: custom
  prompt_column: [question]
  answer_column: reply
  system_column: None
  parent_id_column: None
  mask_prompt_labels: true
  only_last_answer: true
  text_prompt_start: <|prompt|>
environment: {gpus: ['0'], mixed_precision: true, number_of_workers: 4, seed: 7, trust_remote_code: true}
experiment_name: test-run
llm_backbone: ./models/danube
output_directory: output/x
prediction: {metric: BLEU, max_length_inference: 200, temperature: 0.3}
problem_type: text_causal_language_modeling
tokenizer: {max_length: 512}
training:
  batch_size: 2
  epochs: 2
  evaluation_epochs: 0.5
  grad_accumulation: 1
  gradient_clip: 0.5
  learning_rate: 0.0001
  lora: true
  lora_r: 4
  lora_alpha: 16
  lora_dropout: 0.05
  lora_target_modules: q_proj, v_proj
  optimizer: AdamW
  schedule: Cosine
  save_checkpoint: best
  warmup_epochs: 0.1
  weight_decay: 0.0
"""


def imported(tmp_path: Path, text: str) -> Imported:
    path = tmp_path / "theirs.yaml"
    path.write_text(text, "utf-8")
    return read_foreign(path)


def test_axolotl(tmp_path: Path) -> None:
    found = imported(tmp_path, AXOLOTL)
    assert found.trainer == "axolotl"
    config = found.checked("c")
    assert (config.name, config.model.base, config.model.quantize) == ("lora-out", "./models/llama", "4bit")
    assert (config.adapter.r, config.adapter.alpha, config.adapter.dora) == (32, 16, True)
    assert config.adapter.targets == "q_proj,v_proj"
    assert config.data.train[0].mapping == {"messages": "talk"}
    assert (config.data.train[1].path, config.data.train[1].format) == ("tatsu-lab/alpaca", "alpaca")
    assert (config.data.valid, config.data.template, config.data.packing) == (0.05, "chatml", "packed")
    assert config.train.tokens_per_step == 2 * 4 * 2048
    assert (config.train.optimizer, config.train.warmup, config.train.epochs) == ("adamw8bit", 0.1, 2)
    assert (config.eval.every, config.save.every, config.eval.early_stop) == (0.125, 0.5, 3)
    assert config.memory.checkpointing == "on"
    assert config.track.to == (), "nothing is sent unless it is asked for again"
    assert set(found.left) == {
        "datasets.1.path", "datasets.1.split", "wandb_project", "flash_attention", "special_tokens", "logging_steps"
    }  # fmt: skip


def test_axolotl_without_an_adapter_and_with_preferences(tmp_path: Path) -> None:
    text = "base_model: x\nrl: dpo\nrl_beta: 0.2\ndatasets: [{path: a.jsonl}]\nmicro_batch_size: 4\nwarmup_steps: 10\n"
    found = imported(tmp_path, text)
    config = found.checked("c")
    assert (config.adapter.type, config.task, config.preference.beta) == ("full", "dpo", 0.2)
    assert set(found.left) == {"micro_batch_size", "warmup_steps"}


def test_llama_factory(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    known = {
        "identity": {"file_name": "identity.json"},
        "pairs": {"file_name": "pairs.json", "columns": {"prompt": "q", "response": "a", "history": "h"}},
    }
    (tmp_path / "data" / "dataset_info.json").write_text(json.dumps(known))
    found = imported(tmp_path, LLAMA_FACTORY)
    config = found.checked("c")
    assert found.trainer == "LLaMA-Factory"
    assert [entry.path for entry in config.data.train] == [
        str(tmp_path / "data" / "identity.json"), str(tmp_path / "data" / "pairs.json"), "missing"
    ]  # fmt: skip
    assert config.data.train[0].mapping == {}
    assert config.data.train[1].mapping == {"question": "q", "answer": "a"}
    assert (config.name, config.task, config.adapter.type) == ("sft", "sft", "lora")
    assert (config.adapter.r, config.adapter.alpha, config.adapter.rslora) == (8, 16, True)
    assert (config.model.quantize, config.model.precision) == ("4bit", "bf16")
    assert (config.data.template, config.data.learn_on, config.data.max_length) == ("tokenizer", "last", 1024)
    assert (config.train.lr, config.train.epochs, config.data.valid) == (1e-4, 3.0, 0.1)
    assert (config.eval.every, config.save.every) == (500, 250)
    assert set(found.left) == {
        "dataset.missing", "dataset.pairs.columns.history", "template", "max_samples", "report_to", "galore_rank",
        "per_device_train_batch_size", "gradient_accumulation_steps", "ddp_timeout",
    }  # fmt: skip


def test_llm_studio(tmp_path: Path) -> None:
    found = imported(tmp_path, STUDIO)
    config = found.checked("c")
    assert found.trainer == "H2O LLM Studio"
    assert (config.name, config.model.base, config.model.quantize) == ("test-run", "./models/danube", "4bit")
    assert config.data.train[0].mapping == {"question": "question", "answer": "reply"}
    assert not isinstance(config.data.valid, float) and config.data.valid[0].path == "data/valid.csv"
    assert (config.data.learn_on, config.data.workers, config.train.seed) == ("last", 4, 7)
    assert (config.adapter.r, config.adapter.targets, config.train.neftune) == (4, "q_proj,v_proj", 5.0)
    assert (config.eval.every, config.save.best, config.save.final) == (0.25, "bleu", "best")
    assert config.eval.metrics == ("perplexity", "bleu") and config.eval.sample_tokens == 200
    assert set(found.left) == {
        "augmentation.token_mask_probability", "dataset.text_prompt_start", "environment.gpus",
        "environment.trust_remote_code", "prediction.temperature", "training.batch_size",
        "training.grad_accumulation", "training.warmup_epochs",
    }  # fmt: skip


@pytest.mark.parametrize("text", [AXOLOTL, LLAMA_FACTORY, STUDIO])
def test_the_printed_config_is_ours_and_says_what_is_missing(tmp_path: Path, text: str) -> None:
    from headwater.training.load_config import parse_config

    found = imported(tmp_path, text)
    parse_config(found.text)
    for key, why in found.left.items():
        assert f"#   {key}: {why}" in found.text


@pytest.mark.parametrize("text", [AXOLOTL, LLAMA_FACTORY, STUDIO])
def test_no_key_is_lost_without_a_word(tmp_path: Path, text: str) -> None:
    """A key that nobody knows is named, wherever it stands."""
    values: dict[str, Any] = yaml.safe_load(text)
    for section in [values, *(each for each in values.values() if isinstance(each, dict) and "pad_token" not in each)]:
        section["zzz_new"] = 3
    found = imported(tmp_path, yaml.safe_dump(values))
    assert "zzz_new" in found.left
    assert sum(key.endswith("zzz_new") for key in found.left) == text.count("zzz_new") + 1 + (
        sum(isinstance(each, dict) for each in yaml.safe_load(text).values()) if text is STUDIO else 0
    )
    assert 3 not in NOTHING


def test_what_is_no_such_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no config of a trainer"):
        imported(tmp_path, "a: 1\n")
    with pytest.raises(BadInput, match="ours already"):
        imported(tmp_path, "model: {base: tiny}\ndata: {train: [{path: x}]}\n")
    with pytest.raises(BadInput, match="no file"):
        read_foreign(tmp_path / "none.yaml")
    with pytest.raises(BadInput, match="no valid YAML"):
        imported(tmp_path, "a: [")


def test_names() -> None:
    assert [name_from(path) for path in ("./out/lora out/", "...", "", "x" * 80)] == ["lora-out", None, None, "x" * 64]
