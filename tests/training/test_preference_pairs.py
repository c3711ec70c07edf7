"""Rows that compare answers: read, counted, tokenised, laid out; a shared prompt changes no number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from headwater.core.errors import BadInput
from headwater.training.base import add_adapter, inner_model
from headwater.training.config import AdapterSection
from headwater.training.load_config import check_config
from headwater.training.preference.batches import pair_arrays, pair_tensors
from headwater.training.preference.head import answer_in_forward, summed
from headwater.training.preference.pairs import Form, Pairs
from headwater.training.rows.batches import MicroBatch
from headwater.training.rows.prepare import Prepared, prepare_data, shown_tokens
from headwater.training.rows.preview import preview
from headwater.training.tiny import tiny_config, tiny_model

QUESTION, GOOD, BAD = "Is it on?", "Yes, it is on.", "No idea, sorry."
MESSAGES = [{"role": "user", "content": QUESTION}]


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


PAIR_FORMS: dict[str, dict[str, Any]] = {
    "TRL plain": {"prompt": QUESTION, "chosen": GOOD, "rejected": BAD},
    "TRL messages": {"prompt": MESSAGES, "chosen": said(GOOD), "rejected": said(BAD)},
    "TRL implied prompt": {"chosen": MESSAGES + said(GOOD), "rejected": MESSAGES + said(BAD)},
    "LLM Studio": {"instruction": QUESTION, "chosen_response": GOOD, "rejected_response": BAD, "system": ""},
    "ShareGPT": {
        "conversations": [{"from": "human", "value": QUESTION}],
        "chosen": {"from": "gpt", "value": GOOD},
        "rejected": {"from": "gpt", "value": BAD},
    },
    "Alpaca": {"instruction": QUESTION, "input": "", "chosen": GOOD, "rejected": BAD},
    "hh-rlhf": {
        "chosen": f"\n\nHuman: {QUESTION}\n\nAssistant: {GOOD}",
        "rejected": f"\n\nHuman: {QUESTION}\n\nAssistant: {BAD}",
    },
}


def config_for(path: Path, task: str = "dpo", **data: Any) -> Any:
    rows = {"train": [{"path": str(path)}], "valid": 0.0, "max_dropped": 1.0, **data}
    return check_config({"task": task, "model": {"base": "tiny"}, "data": rows})


def written(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def prepared(path: Path, rows: Sequence[dict[str, Any]], tokenizer: Any, task: str = "dpo", **data: Any) -> Prepared:
    return prepare_data(config_for(written(path, rows), task, **data), tokenizer)


def texts(pairs: Any, tokenizer: Any) -> list[str]:
    found = []
    for number in range(len(pairs.answers)):
        ids, learned = pairs.answers.row(number)
        found.append(tokenizer.decode(ids.tolist()))
        assert tokenizer.decode(ids[learned].tolist()) in found[-1]
    return found


@pytest.mark.parametrize("form", PAIR_FORMS)
def test_every_form_of_pairs_gives_the_same_tokens(form: str, tmp_path: Path, tokenizer: Any) -> None:
    found = prepared(tmp_path / "rows.jsonl", [PAIR_FORMS[form]], tokenizer).train
    assert isinstance(found, Pairs)
    plain = prepared(tmp_path / "plain.jsonl", [PAIR_FORMS["TRL plain"]], tokenizer).train
    assert texts(found, tokenizer) == texts(plain, tokenizer)
    assert all(QUESTION in text for text in texts(found, tokenizer))
    for number, answer in enumerate((GOOD, BAD)):
        ids, learned = found.answers.row(number)
        assert tokenizer.decode(ids[learned].tolist()).strip() == f"{answer}<eos>"


def test_labelled_answers_and_pairs_are_both_learned_by_kto(tmp_path: Path, tokenizer: Any) -> None:
    labelled = [{"prompt": QUESTION, "completion": text, "label": text == GOOD} for text in (GOOD, BAD)]
    one = prepared(tmp_path / "labels.jsonl", labelled, tokenizer, "kto").train
    other = prepared(tmp_path / "pairs.jsonl", [PAIR_FORMS["TRL plain"]], tokenizer, "kto").train
    assert isinstance(one, Pairs)
    assert isinstance(other, Pairs)
    for found in (one, other):
        assert found.labelled
        assert found.labels.tolist() == [True, False]
        own = [found.answers.row(number)[0].tolist() for number in (0, 2)]
        foreign = [found.answers.row(number)[0].tolist() for number in (1, 3)]
        assert foreign == own[::-1], "with one prompt the foreign answer is the other row's"
    assert other.rows == ("pairs.jsonl:1 chosen", "pairs.jsonl:1 rejected")


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "the two answers are the same": ("dpo", {"prompt": "Q", "chosen": "A", "rejected": " A"}),
    "empty answer": ("dpo", {"prompt": "Q", "chosen": "A", "rejected": " "}),
    "use task: kto": ("dpo", {"prompt": "Q", "completion": "A", "label": True}),
    "the prompt does not end with the user": (
        "orpo", {"prompt": MESSAGES + said("x"), "chosen": said("A"), "rejected": said("B")},
    ),
    "no chosen and rejected one": ("reward", {"prompt": "Q", "completion": "A"}),
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_rows_that_cannot_be_compared_are_counted_with_their_reason(
    reason: str, tmp_path: Path, tokenizer: Any
) -> None:
    task, row = REFUSED[reason]
    good = PAIR_FORMS["TRL messages"] if isinstance(row["prompt"], list) else PAIR_FORMS["TRL plain"]
    if "chosen" in row:
        account = prepared(tmp_path / "rows.jsonl", [good, good, row], tokenizer, task).account
        assert account["kept"] == 2
        found = next(name for name in account["dropped"] if reason in name)
        assert account["dropped_examples"][found] == ["rows.jsonl:3"]
        return
    with pytest.raises(BadInput, match=reason):
        prepared(tmp_path / "rows.jsonl", [row], tokenizer, task)


def test_preferences_are_no_chats_to_learn(tmp_path: Path, tokenizer: Any) -> None:
    with pytest.raises(BadInput, match="use dpo or kto"):
        prepared(tmp_path / "rows.jsonl", [PAIR_FORMS["TRL plain"]], tokenizer, "sft")


def long_rows() -> list[dict[str, Any]]:
    return [
        {"prompt": "Q", "chosen": "A", "rejected": "B"},
        {"prompt": "Q" * 200, "chosen": "A", "rejected": "B"},
        {"prompt": "Q", "chosen": "A", "rejected": "B" * 200},
    ]


@pytest.mark.parametrize("task", ["dpo", "kto", "orpo", "reward"])
def test_overlong_rows_are_dropped_whole_or_cut_but_always_learn_something(
    task: str, tmp_path: Path, tokenizer: Any
) -> None:
    path = tmp_path / "rows.jsonl"
    dropped = prepared(path, long_rows(), tokenizer, task, max_length=64)
    rows = ["rows.jsonl:2 chosen", "rows.jsonl:2 rejected", "rows.jsonl:3 rejected"]
    assert dropped.account["dropped_examples"]["longer than max_length"] == (
        rows if task == "kto" else ["rows.jsonl:2", "rows.jsonl:3"]
    )
    cut = prepared(path, long_rows(), tokenizer, task, max_length=64, overlong="truncate")
    assert "the prompt alone fills max_length" in cut.account["dropped"]
    for found in (dropped.train, cut.train):
        assert isinstance(found, Pairs)
        assert found.answers.lengths.max() <= 64
        assert found.answers.targets.min() >= 1
    with pytest.raises(BadInput, match=r"Row rows\.jsonl:2"):
        prepared(path, long_rows(), tokenizer, task, max_length=64, overlong="error")


def test_what_cannot_be_asked_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    for task in ("grpo", "rloo"):
        with pytest.raises(BadInput, match=rf"{task} learns from answers it writes while it trains.*dpo.*kto"):
            config_for(path, task)
    with pytest.raises(BadInput, match="split would tear"):
        config_for(path, overlong="split")
    plain = {"data": {"train": [{"path": "x"}]}}
    with pytest.raises(BadInput, match="one device or with ddp"):
        check_config({**plain, "task": "dpo", "parallel": {"strategy": "fsdp"}})
    with pytest.raises(BadInput, match=r"save\.best: accuracy"):
        check_config({**plain, "save": {"best": "accuracy"}})
    with pytest.raises(BadInput, match="did you mean 'beta'"):
        check_config({**plain, "task": "dpo", "preference": {"betta": 0.1}})


def mixed_rows() -> list[dict[str, Any]]:
    chance = np.random.default_rng(1)
    words = ["red", "blue", "a longer word", "no", "yes", "perhaps not today"]
    rows = []
    for size in (1, 9, 30, 3, 17):
        texts = [" ".join(chance.choice(words, int(chance.integers(1, 8)))) for _ in range(2)]
        rows.append({"prompt": " ".join(chance.choice(words, size)), "chosen": "x" + texts[0], "rejected": texts[1]})
    # Answers that begin alike: what they share ends where learning begins.
    return [*rows, {"prompt": "Why?", "chosen": "It is so.", "rejected": "It is not so."}]


def sliding_model() -> Any:
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    torch.manual_seed(0)
    config = Gemma3TextConfig(
        vocab_size=259, hidden_size=32, intermediate_size=64, num_hidden_layers=4, num_attention_heads=2,
        num_key_value_heads=1, head_dim=16, sliding_window=24, max_position_embeddings=1024,
        layer_types=["sliding_attention", "full_attention"] * 2, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    return Gemma3ForCausalLM(config)


def eager_model() -> Any:
    from transformers import LlamaForCausalLM

    torch.manual_seed(0)
    config = tiny_config()
    config._attn_implementation = "eager"
    return LlamaForCausalLM(config)


MODELS: dict[str, Any] = {"llama": tiny_model, "gemma with a window": sliding_model, "eager": eager_model}


@pytest.mark.parametrize("name", MODELS)
def test_a_shared_prompt_equals_separate_and_packed_rows(name: str, tmp_path: Path, tokenizer: Any) -> None:
    torch.set_num_threads(1)
    pairs = prepared(tmp_path / "rows.jsonl", mixed_rows(), tokenizer, max_length=512).train
    assert isinstance(pairs, Pairs)
    assert pairs.in_form("shared").lengths.sum() < pairs.in_form("packed").lengths.sum()
    model = add_adapter(MODELS[name](), AdapterSection.model_validate({"r": 4}))
    answer_in_forward(inner_model(model))
    batch = MicroBatch(tuple(range(len(pairs))))
    slopes = torch.linspace(-1, 2, 2 * len(pairs))
    values: dict[Form, torch.Tensor] = {}
    gradients: dict[Form, list[torch.Tensor]] = {}
    forms: tuple[Form, ...] = ("separate", "packed", "shared")
    for form in forms:
        made = pair_arrays(pairs.in_form(form), batch, 0)
        found = model(**pair_tensors(made, inner_model(model).config, torch.device("cpu")))["log_probabilities"]
        values[form] = summed(found, made.counts)
        model.zero_grad()
        (values[form] * slopes).sum().backward()
        gradients[form] = [weight.grad.clone() for weight in model.parameters() if weight.grad is not None]
    for form in ("packed", "shared"):
        assert torch.allclose(values[form], values["separate"], atol=1e-4, rtol=1e-5), form
        for one, other in zip(gradients[form], gradients["separate"], strict=True):
            assert torch.allclose(one, other, atol=1e-4 * float(other.abs().max() + 1)), form


def test_an_answer_never_sees_the_other(tmp_path: Path, tokenizer: Any) -> None:
    """Other tokens in the chosen answer leave every bit of the rejected one, whose place stays the same."""
    torch.set_num_threads(1)
    rows = [{"prompt": "A question?", "chosen": text, "rejected": "It stays."} for text in ("abcde", "vwxyz")]
    found = []
    for number, row in enumerate(rows):
        pairs = prepared(tmp_path / f"{number}.jsonl", [row], tokenizer).train
        assert isinstance(pairs, Pairs)
        model = tiny_model()
        answer_in_forward(model)
        made = pair_arrays(pairs.in_form("shared"), MicroBatch((0,)), 0)
        values = model(**pair_tensors(made, model.config, torch.device("cpu")))["log_probabilities"]
        found.append(values.split(list(made.counts)))
    assert not torch.equal(found[0][0], found[1][0])
    assert torch.equal(found[0][1], found[1][1])


def test_what_is_shown_has_both_answers(tmp_path: Path, tokenizer: Any) -> None:
    path = tmp_path / "rows.jsonl"
    rows = prepared(path, [PAIR_FORMS["TRL plain"]] * 3, tokenizer).train
    assert [row["row"] for row in shown_tokens(rows, (1,), tokenizer)] == [
        "rows.jsonl:2 chosen",
        "rows.jsonl:2 rejected",
    ]
    shown = preview(config_for(path), tokenizer)
    assert shown["kept"] == 3
    assert shown["rows"][1]["row"] == "rows.jsonl:1 rejected"
    assert shown["rows"][1]["turns"][-1]["content"] == BAD
    labelled = preview(config_for(path, "kto"), tokenizer)
    assert [row["row"] for row in labelled["rows"]][:2] == ["rows.jsonl:1 chosen", "rows.jsonl:1 rejected"]
    assert labelled["kept"] == 6
