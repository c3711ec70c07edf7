"""Reward scores by an installed ONNX model through the real engine: a tiny one with random weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from headwater.cli.data import app
from headwater.models.bert_graph import BertConfig, build_bert_graph, pair_logits, weight_shapes
from headwater.models.manifest import MANIFEST_FILE, Manifest, ModelFile
from headwater.records.reading import read_records
from headwater.records.record import Record

pytestmark = pytest.mark.real
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "which", "river", "the", "old", "stone", "bridge", "flows"]


def installed(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    folder.mkdir(parents=True)
    config = BertConfig(layers=2, heads=4, hidden=32, intermediate=64, positions=64, pair_input=True)
    random = np.random.default_rng(11)

    def numbers(*shape: int) -> np.ndarray:
        return random.normal(0, 0.3, shape).astype(np.float32)

    weights = {name: numbers(*shape) for name, shape in weight_shapes(config, len(WORDS)).items()}
    head = pair_logits((numbers(32, 32), numbers(32)), (numbers(1, 32), numbers(1)))
    (folder / "model.onnx").write_bytes(build_bert_graph(weights, config, head).SerializeToString())
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    files = tuple(ModelFile(name, None, (folder / name).stat().st_size) for name in ("model.onnx", "tokenizer.json"))
    manifest = Manifest("judge", "rerank", "Judge", "MIT", "", "onnx", files, context_tokens=64)
    (folder / MANIFEST_FILE).write_text(manifest.to_json(), "utf-8")


def test_an_installed_model_scores_the_rows(tmp_path: Path) -> None:
    installed(tmp_path / "home/models/judge")
    rows = [{"question": "which river", "answer": " ".join(WORDS[4 : 4 + n])} for n in range(1, 8)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    recipe = tmp_path / "recipe.yaml"
    steps = "[{reward: {model: judge}}]"
    recipe.write_text(f"sources: [{{path: rows.jsonl}}]\nsteps: {steps}\noutput: {{path: out}}\n", "utf-8")
    command = ["prepare", str(recipe), "--data-dir", str(tmp_path / "home"), "--json"]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found = [one for one in read_records(tmp_path / "out/train.parquet") if isinstance(one, Record)]
    scores = [one.score for one in found]
    assert len(scores) == 7
    assert all(score is not None and 0 < score < 1 for score in scores)
    assert len(set(scores)) == 7, "each answer has a score of its own"
