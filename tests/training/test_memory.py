"""Memory: a run keeps to its limit, saved activations elsewhere change nothing, 8-bit products where they can be."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch

from headwater.core.errors import BadInput, MissingExtra
from headwater.training import checkpoints, child, memory
from headwater.training.devices import launch
from headwater.training.heap import resident_bytes
from headwater.training.load_config import load_config
from headwater.training.run_folder import RunFolder

NewRun = Callable[..., RunFolder]


def test_a_run_over_its_limit_ends_with_a_word_and_its_checkpoint(new_run: NewRun) -> None:
    folder = new_run("tight", **{"train.max_steps": 2, "save.every": 1, "eval.samples": 0})
    folder.ask("pause")
    assert child.main([str(folder.path)]) == 0
    kept = checkpoints.latest(folder.checkpoints)
    assert kept is not None
    config = load_config(folder.path / "config.yaml", ["memory.limit_gb=0.05"])
    (folder.path / "config.yaml").write_text(launch.dump_config(config), "utf-8")
    training = launch.start(folder, config, None, 1)
    assert training.wait(240) == memory.OVER_LIMIT
    state = folder.state()
    assert state["state"] == "failed"
    assert "memory.limit_gb allows 50 MB" in state["error"]["message"]
    assert checkpoints.latest(folder.checkpoints) == kept
    (folder.path / "config.yaml").write_text(
        launch.dump_config(load_config(folder.path / "config.yaml", ["memory.limit_gb=null"])), "utf-8"
    )
    assert child.main([str(folder.path)]) == 0
    assert folder.state()["state"] == "done"


def test_the_limit_is_watched_all_the_time() -> None:
    said: list[str] = []
    left: list[int] = []
    limit = resident_bytes() + 200_000_000
    memory.keep_to(limit, lambda message, hint: said.append(message), left.append)
    time.sleep(4 * memory.LOOK_SECONDS)
    assert left == []
    taken = torch.ones(100_000_000)
    until = time.monotonic() + 20
    while not left and time.monotonic() < until:
        time.sleep(memory.LOOK_SECONDS)
    del taken
    assert left == [memory.OVER_LIMIT]
    assert "memory.limit_gb allows" in said[0]


def test_a_plan_keeps_to_the_limit_or_the_run_does_not_start(new_run: NewRun) -> None:
    from headwater.training.base import find_base
    from headwater.training.planning.plan import plan_run
    from headwater.training.runs import refuse_too_large

    folder = new_run("small", **{"train.micro_tokens": None, "memory.limit_gb": 0.001})
    config = load_config(folder.path / "config.yaml")
    plan = plan_run(config, find_base("tiny")).as_json()
    assert plan["fits"] is False
    with pytest.raises(BadInput, match=r"memory\.limit_gb: 0\.001"):
        refuse_too_large(config, plan)
    refuse_too_large(config.model_copy(update={"memory": config.memory.model_copy(update={"limit_gb": None})}), plan)


def test_saved_activations_elsewhere_change_no_gradient() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.GELU(), torch.nn.Linear(8, 1))
    inputs = torch.randn(4, 8)
    layer(inputs).sum().backward()
    plain = [weight.grad.clone() for weight in layer.parameters() if weight.grad is not None]
    layer.zero_grad()
    moved: list[int] = []
    pack = torch.autograd.graph.save_on_cpu.__init__

    def noticed(self: Any, *arguments: Any, **named: Any) -> None:
        moved.append(1)
        pack(self, *arguments, **named)

    memory.keep_saved_on_cpu(layer, pinned=False)
    torch.autograd.graph.save_on_cpu.__init__ = noticed  # type: ignore[method-assign]
    try:
        layer(inputs).sum().backward()
    finally:
        torch.autograd.graph.save_on_cpu.__init__ = pack  # type: ignore[method-assign]
    assert moved == [1]
    assert all(torch.equal(one, weight.grad) for one, weight in zip(plain, layer.parameters(), strict=True))


def test_eight_bit_products_need_the_gpu_and_the_library_and_spare_head_and_adapter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(BadInput, match=r"memory\.fp8"):
        memory.multiply_in_fp8(torch.nn.Linear(16, 16))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0))
    monkeypatch.setitem(sys.modules, "torchao", None)
    monkeypatch.setitem(sys.modules, "torchao.float8", None)
    with pytest.raises(MissingExtra, match="torchao"):
        memory.multiply_in_fp8(torch.nn.Linear(16, 16))
    fake: Any = ModuleType("torchao.float8")
    chosen: list[str] = []

    def convert(model: torch.nn.Module, module_filter_fn: Callable[[Any, str], bool]) -> None:
        chosen.extend(name for name, module in model.named_modules() if module_filter_fn(module, name))

    fake.convert_to_float8_training = convert
    monkeypatch.setitem(sys.modules, "torchao.float8", fake)
    names = {"q_proj": (16, 32), "lm_head": (16, 32), "lora_A": (16, 16), "odd": (16, 20)}
    memory.multiply_in_fp8(torch.nn.ModuleDict({name: torch.nn.Linear(*size) for name, size in names.items()}))
    assert chosen == ["q_proj"]
