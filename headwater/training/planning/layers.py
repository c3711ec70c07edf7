"""Weights counted by layer: what each takes in 16, 8 or 4 bits, which get an adapter, and stand-ins for tracing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from headwater.training.config import AdapterSection

BLOCK = 64  # numbers that share a scale in 4 bits
NESTED_BLOCK = 256  # scales that share a scale of theirs (double quantisation)


@dataclass(frozen=True)
class Weights:
    """Bytes held by a base and its adapter, and numbers for the time: how many multiply each token, how many learn.

    `largest_bytes` is the largest single weight in the base's number type.
    """

    linear_bytes: int
    embedding_bytes: int
    other_bytes: int
    adapter_numbers: int
    learned_numbers: int
    multiplied_numbers: int
    head_numbers: int
    largest_learned: int
    largest_bytes: int

    @property
    def base_bytes(self) -> int:
        """All of the base."""
        return self.linear_bytes + self.embedding_bytes + self.other_bytes


def count_weights(model: Any, quantize: str, adapter: AdapterSection) -> Weights:
    """Count a model that lies on the meta device, in its own number type. A tied weight counts once."""
    linear = embedding = other = multiplied = added = largest_bytes = largest = 0
    seen: set[int] = set()
    for name, module in model.named_modules():
        own = [weight for weight in module.parameters(recurse=False) if id(weight) not in seen]
        seen |= {id(weight) for weight in own}
        size = sum(weight.numel() * weight.element_size() for weight in own)
        largest_bytes = max([largest_bytes, *(weight.numel() * weight.element_size() for weight in own)])
        largest = max([largest, *(weight.numel() for weight in own)])
        if isinstance(module, nn.Linear):
            linear += held_bytes(module, quantize) if is_held(model, module) else size
            multiplied += module.weight.numel() if module is not model.get_output_embeddings() else 0
        elif isinstance(module, nn.Embedding):
            embedding += size
        else:
            other += size
        added += adapter_numbers(model, name, module, adapter)
    head = model.get_output_embeddings()
    shapes = [side for module in model.modules() if isinstance(module, nn.Linear) for side in module.weight.shape]
    whole = sum(weight.numel() for weight in model.parameters())
    full = adapter.type == "full"
    return Weights(
        linear, embedding, other, 0 if full else added, whole if full else added, multiplied,
        0 if head is None else head.weight.numel(),
        largest if full else adapter.r * max(shapes, default=0),
        largest_bytes,
    )  # fmt: skip


def is_held(model: Any, module: Any) -> bool:
    """Whether quantisation reaches a layer: all linear layers but the head."""
    return isinstance(module, nn.Linear) and module is not model.get_output_embeddings()


def held_bytes(module: nn.Linear, quantize: str) -> int:
    """Bytes of a linear layer with its bias in 8 bits (a scale a row) or 4 bits (nf4, double quantisation)."""
    numbers, kind = module.weight.numel(), module.weight.element_size()
    bias = 0 if module.bias is None else module.bias.numel() * kind
    if quantize == "8bit":
        return numbers + 4 * module.out_features + bias
    if quantize == "4bit":
        blocks = -(-numbers // BLOCK)
        return -(-numbers // 2) + blocks + 4 * -(-blocks // NESTED_BLOCK) + bias
    return numbers * kind + bias


def adapter_numbers(model: Any, name: str, module: Any, adapter: AdapterSection) -> int:
    """Numbers of the adapter on one layer: r rows down and r rows up, and a length for each row with DoRA."""
    if adapter.type == "full" or not _is_target(model, name, module, adapter.targets):
        return 0
    if isinstance(module, nn.Embedding):
        return adapter.r * int(module.num_embeddings + module.embedding_dim)
    lengths = module.out_features if adapter.dora else 0
    return adapter.r * int(module.in_features + module.out_features) + int(lengths)


def _is_target(model: Any, name: str, module: Any, targets: str) -> bool:
    if targets == "all-linear":
        return is_held(model, module)
    if not isinstance(module, nn.Linear | nn.Embedding):
        return False
    return any(name == target or name.endswith(f".{target}") for target in map(str.strip, targets.split(",")))


class _Held(torch.autograd.Function):
    """A product with a weight that is opened to full numbers for the moment, as bitsandbytes does it."""

    @staticmethod
    def forward(ctx: Any, given: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        ctx.weight = weight
        opened = torch.empty_like(weight, dtype=given.dtype)
        return nn.functional.linear(given, opened)

    @staticmethod
    def backward(ctx: Any, slope: torch.Tensor) -> tuple[torch.Tensor, None]:
        opened = torch.empty_like(ctx.weight, dtype=slope.dtype)
        return slope @ opened, None


class _Held8(_Held):
    """The same in 8 bits: the input is made 8-bit too and the sums are 32-bit on the way forward."""

    @staticmethod
    def forward(ctx: Any, given: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        ctx.weight = weight
        small = torch.empty_like(given, dtype=torch.int8)
        sums = torch.empty(*small.shape[:-1], weight.shape[0], dtype=torch.int32)
        return torch.empty_like(sums, dtype=given.dtype)


class HeldLinear(nn.Linear):
    """Stands for a 4-bit layer while tracing. Its weight has the right shape; its bytes are counted elsewhere."""

    product: type[_Held] = _Held

    @classmethod
    def like(cls, module: nn.Linear) -> HeldLinear:
        """Make one of another's shape."""
        plain = module.weight
        return cls(module.in_features, module.out_features, module.bias is not None, plain.device, plain.dtype)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Multiply; the copy is the one PEFT makes of a quantised layer's result."""
        if torch.is_autocast_enabled("cpu"):
            input = input.to(torch.get_autocast_dtype("cpu"))
        multiply: Any = self.product.apply
        result: torch.Tensor = multiply(input, self.weight)
        return (result if self.bias is None else result + self.bias).clone()


class Held8Linear(HeldLinear):
    """Stands for an 8-bit layer while tracing."""

    product = _Held8
