"""`headwater train` and `headwater export` as people type them, on the model that is made in code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CONFIG = """
name: colours
model: {base: tiny}
adapter: {r: 4, alpha: 8}
data: {train: [{path: colours.jsonl, licence: CC0}], valid: 0.1, max_length: 128}
train: {tokens_per_step: 60, lr: 0.003, threads: 1}
eval: {samples: 1, sample_tokens: 4}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    rows = [{"prompt": f"Which colour has number {n}?", "completion": f"Number {n} is blue."} for n in range(24)]
    (folder / "colours.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    return folder


def test_a_config_with_mistakes_names_them_all(run: Run, home: Path) -> None:
    (home / "wrong.yaml").write_text("modle: {base: tiny}\ndata: {train: [{path: x}], max_lenth: 3}\n", "utf-8")
    told = run("train", "wrong.yaml", expect=1).stderr
    assert "'model'" in told
    assert "'max_length'" in told
    assert "Traceback" not in told


def test_the_plan_loads_nothing_and_makes_no_run(run: Run, home: Path) -> None:
    plan = json.loads(run("train", "config.yaml", "--plan", "--json").stdout)
    assert plan["fits"] is True
    assert plan["peak_bytes"] > sum(plan["parts"].values()) * 0.5 > 0
    assert not (home / "data" / "runs").exists() or not any((home / "data" / "runs").glob("*/config.yaml"))


def test_the_schema_names_every_section(run: Run) -> None:
    schema = json.loads(run("train", "--schema").stdout)
    assert {"model", "adapter", "data", "train", "memory", "parallel", "eval", "save"} <= set(schema["properties"])


def test_train_resume_list_and_export(run: Run, home: Path) -> None:
    done = json.loads(run("train", "config.yaml", "train.max_steps=3", "--json").stdout)
    assert (done["run"], done["state"], done["step"]) == ("colours", "done", 3)
    assert (home / "data" / "runs" / "colours" / "adapter" / "adapter_model.safetensors").is_file()
    taken = run("train", "config.yaml", expect=1)
    assert "'colours'" in taken.stderr
    (listed,) = json.loads(run("train", "--list", "--json").stdout)
    assert (listed["run"], listed["state"]) == ("colours", "done")
    run("export", "colours", "--to", "adapter", "--output", "out")
    assert (home / "out" / "adapter_config.json").is_file()
    again = run("export", "colours", "--to", "adapter", "--output", "out", expect=1)
    assert "there already" in again.stderr
    assert "--repository" in run("export", "colours", "--to", "hub", expect=1).stderr
    assert "no run" in run("export", "nothing", "--to", "adapter", expect=1).stderr


def test_a_grid_makes_a_leaderboard(run: Run, home: Path) -> None:
    (home / "grid.yaml").write_text(
        CONFIG.replace("colours\n", "grid\n", 1) + "sweep: {train.lr: [0.001, 0.01]}\n", "utf-8"
    )
    told = run("train", "grid.yaml", "train.max_steps=2").stdout
    assert "grid-1" in told
    assert "grid-2" in told
    assert told.index("perplexity") < told.rindex("train.lr=")


def test_a_config_of_another_trainer_is_printed_as_ours(run: Run, home: Path) -> None:
    (home / "axolotl.yaml").write_text(
        "base_model: tiny\ndatasets: [{path: colours.jsonl}]\nadapter: lora\nlora_r: 4\nspecial_tokens: {pad: x}\n"
    )
    done = run("train", "--from", "axolotl.yaml")
    assert "special_tokens: nothing here does that" in done.stderr
    (home / "imported.yaml").write_text(done.stdout, "utf-8")
    told = json.loads(run("train", "--from", "axolotl.yaml", "--json").stdout)
    assert (told["trainer"], told["config"]["adapter"]["r"]) == ("axolotl", 4)
    assert "ours already" in run("train", "--from", "imported.yaml", expect=1).stderr


def test_several_machines_are_told_what_to_start_and_nothing_is_started(run: Run, home: Path) -> None:
    assert "rendezvous" in run("train", "config.yaml", "--nodes", "2", "name=far", expect=1).stderr
    told = run("train", "config.yaml", "name=far", "parallel.rendezvous=first:29500", "--nodes", "2")
    (line,) = [line for line in told.stdout.splitlines() if "torch.distributed.run" in line]
    assert "--nnodes=2" in line and "--rdzv-endpoint=first:29500" in line and "OMP_NUM_THREADS=1" in line
    assert str(home / "data" / "runs" / "far") in line
    state = json.loads((home / "data" / "runs" / "far" / "state.json").read_text())
    assert (state["state"], state.get("pid")) == ("preparing", None)
