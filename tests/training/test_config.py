"""Configs: mistakes all at once with the nearest key, overrides, grids, paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.core.errors import BadInput
from headwater.training.load_config import dump_config, load_config, parse_config, sweep_configs

SMALL = "model: {base: tiny}\ndata: {train: [{path: rows.jsonl}]}\n"


def test_all_mistakes_are_named_at_once_with_the_nearest_key() -> None:
    text = "model: {bas: tiny}\ndata: {train: [{path: a, formt: x}], max_length: 2}\ntrain: {lr: -1}\ntask: sftt\n"
    with pytest.raises(BadInput) as caught:
        parse_config(text)
    for part in (
        "model.bas",
        "'base'",
        "data.train.0.formt",
        "'format'",
        "max_length",
        "train.lr",
        "-1",
        "task",
        "'sftt'",
    ):
        assert part in caught.value.message


def test_a_missing_section_is_named() -> None:
    with pytest.raises(BadInput, match="data: is missing"):
        parse_config("model: {base: tiny}")


def test_overrides_are_yaml_and_numbers_may_be_written_as_people_do() -> None:
    config = parse_config(SMALL, ["train.lr=1e-4", "adapter.dora=true", "eval.metrics=[bleu]", "data.valid=0.1"])
    assert (config.train.lr, config.adapter.dora, config.eval.metrics) == (1e-4, True, ("bleu",))


@pytest.mark.parametrize("override", ["train.lr", "=3", "data.max_length.x=1"])
def test_what_is_no_override_is_refused(override: str) -> None:
    with pytest.raises(BadInput):
        parse_config(SMALL + "train: {lr: 0.1}\n", ["data.max_length=64", override])


def test_the_resolved_config_reads_back_equal() -> None:
    config = parse_config(SMALL, ["train.max_steps=5", "data.template=chatml"])
    assert parse_config(dump_config(config)) == config


def test_paths_start_at_the_configs_folder(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(SMALL + "\n", "utf-8")
    config = load_config(tmp_path / "c.yaml", ["data.template=mine.jinja"])
    assert config.data.train[0].path == str(tmp_path / "rows.jsonl")
    assert config.data.template == str(tmp_path / "mine.jinja")


def test_no_file_and_bad_yaml(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no config"):
        load_config(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("a: [1", "utf-8")
    with pytest.raises(BadInput, match="YAML"):
        load_config(tmp_path / "bad.yaml")


def test_a_grid_gives_every_combination_with_its_own_name() -> None:
    config = parse_config(SMALL + "name: try\nsweep: {train.lr: [0.1, 0.2], adapter.r: [4, 8]}\n")
    points = list(sweep_configs(config))
    assert [differs for differs, _ in points] == [
        "train.lr=0.1, adapter.r=4",
        "train.lr=0.1, adapter.r=8",
        "train.lr=0.2, adapter.r=4",
        "train.lr=0.2, adapter.r=8",
    ]
    assert [point.name for _, point in points] == ["try-1", "try-2", "try-3", "try-4"]
    assert points[3][1].train.lr == 0.2
    assert points[3][1].adapter.r == 8
    assert not points[3][1].sweep


def test_a_grid_point_that_is_wrong_is_named() -> None:
    with pytest.raises(BadInput, match=r"train\.lr"):
        list(sweep_configs(parse_config(SMALL + "sweep: {train.lr: [-3]}\n")))
