"""Pairs prepared by `headwater data prepare`, learned by `headwater train`; a reward model scores rows of a recipe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CONFIG = """
name: polite
task: dpo
model: {base: tiny}
adapter: {r: 8, alpha: 16}
data: {train: [{path: prepared/train.jsonl}], valid: 0.1, max_length: 256}
train: {tokens_per_step: 400, lr: 0.005, epochs: 4, threads: 1}
eval: {samples: 1, sample_tokens: 4}
"""
RECIPE = """
version: 1
task: preference
sources: [{path: raw.jsonl, licence: CC0}]
steps: [exact_duplicates]
output: {path: prepared}
"""
SCORED = """
version: 1
task: instruct
sources: [{path: answers.jsonl, licence: CC0}]
steps: [{reward: {model: taste, minimum: 0.5}}]
output: {path: scored}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("preference")
    rows = [
        {"prompt": f"Is number {n} on?", "chosen": f"Yes, {n} is on.", "rejected": "No." + " Go away." * (n % 3 + 1)}
        for n in range(40)
    ]
    answers = [
        {"prompt": "Is number 7 on?", "completion": text, "id": name}
        for name, text in (("good", "Yes, 7 is on."), ("bad", "No. Go away."))
    ]
    (folder / "raw.jsonl").write_text("\n".join(json.dumps(row) for row in [*rows, rows[0]]), "utf-8")
    (folder / "answers.jsonl").write_text("\n".join(json.dumps(row) for row in answers), "utf-8")
    for name, text in (("config", CONFIG), ("recipe", RECIPE), ("scored", SCORED)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def likelihood(adapter: Path | None, question: str, answer: str) -> float:
    """Log-probability of an answer by transformers and peft alone."""
    import torch
    from peft import PeftModel

    from headwater.training.tiny import tiny_model, tiny_tokenizer

    model = tiny_model().eval()
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter)).eval()
    tokenizer = tiny_tokenizer()
    prompt = tokenizer(f"<bos><human>: {question}\n<bot>:", add_special_tokens=False)["input_ids"]
    said = tokenizer(f" {answer}<eos>", add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        likely = torch.log_softmax(model(input_ids=torch.tensor([prompt + said])).logits[0], -1)
    return sum(float(likely[len(prompt) - 1 + place, token]) for place, token in enumerate(said))


def test_what_is_prepared_is_learned_and_the_adapter_prefers_the_chosen_answer(run: Run, home: Path) -> None:
    run("data", "prepare", "recipe.yaml")
    done = json.loads(run("train", "config.yaml", "--json").stdout)
    assert done["state"] == "done"
    adapter = Path(done["path"]) / "adapter"
    data = json.loads((Path(done["path"]) / "data.json").read_text("utf-8"))
    assert data["kept"] + data["validation_rows"] == 40
    assert data["dropped"] == {}
    question, good, bad = "Is number 50 on?", "Yes, 50 is on.", "No. Go away."
    margins = [likelihood(where, question, good) - likelihood(where, question, bad) for where in (None, adapter)]
    assert margins[1] > margins[0] + 3


def test_a_reward_model_scores_the_rows_of_a_recipe(run: Run, home: Path) -> None:
    if not (home / "prepared" / "train.jsonl").is_file():
        run("data", "prepare", "recipe.yaml")
    changes = ["name=taste", "task=reward", "train.epochs=6"]
    done = json.loads(run("train", "config.yaml", *changes, "--json").stdout)
    assert done["state"] == "done"
    assert done["served"] is None, "it scores answers and does not chat"
    run("data", "prepare", "scored.yaml")
    kept = (home / "scored" / "train.jsonl").read_text("utf-8")
    assert "Yes, 7 is on." in kept
    assert "Go away" not in kept


def test_learning_from_own_answers_is_refused_in_words(run: Run) -> None:
    told = run("train", "config.yaml", "task=grpo", expect=1).stderr
    assert "learns from answers it writes while it trains" in told
    assert "Traceback" not in told
