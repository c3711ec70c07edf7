"""A micro-batch without numbers: torch's fake tensors go through the real model, and every byte held is counted.

The model is made on the meta device from the architecture alone, with few layers: memory is linear in
layers, so two small traces tell it for any number of them. The same modules, adapter, autocast, checkpointing
and loss run as in training, so nothing has to be known about a kind of model beforehand.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import warnings
import weakref
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Any, Literal

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from headwater.training.base import add_adapter, inner_model
from headwater.training.config import AdapterSection
from headwater.training.loss import head_loss
from headwater.training.planning.layers import Held8Linear, HeldLinear, is_held

Quantize = Literal["none", "8bit", "4bit"]
TRACED_LAYERS = (1, 2)
UNMASKED = "headwater_unmasked"


@dataclass(frozen=True)
class Recipe:
    """What decides the tensors of a step, besides the architecture. `autocast` is None for 32-bit products."""

    adapter: AdapterSection
    quantize: Quantize = "none"
    kind: torch.dtype = torch.float32
    autocast: torch.dtype | None = None
    checkpointing: bool = False
    accumulates: bool = False


@dataclass(frozen=True)
class Trace:
    """Bytes beyond the weights. `saved` waits for the way back; `gradients` stay until the optimiser's step."""

    forward_peak: float
    saved: float
    backward_peak: float
    gradients: float
    evaluation_peak: float

    def along(self, other: Trace, share: float) -> Trace:
        """Go from this trace towards another and, with share > 1, beyond it."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Trace(*(start + (end - start) * share for start, end in pairs))


class LiveBytes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the storages alive that were made while it was entered; views share their storage."""

    def __init__(self, known: list[torch.Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._sizes: dict[int, int] = {}
        self.now = self.peak = 0
        for tensor in known:
            self._hold(tensor, 0)

    def _hold(self, tensor: torch.Tensor, size: int | None = None) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._sizes:
            return
        self._sizes[key] = storage.nbytes() if size is None else size
        self.now += self._sizes[key]
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._drop, key)

    def _drop(self, key: int) -> None:
        self.now -= self._sizes.pop(key, 0)

    def restart_peak(self) -> None:
        """Count the peak from what is held now."""
        self.peak = self.now

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._hold(leaf)
        return result


def step_trace(architecture: Any, recipe: Recipe, tokens: int) -> Trace:
    """Return what a micro-batch of `tokens` holds in the body of the model (the head comes from `head_trace`)."""
    described = _Described(architecture.to_json_string(use_diff=False), architecture)
    one, two = (_body_trace(described, recipe, count, tokens) for count in TRACED_LAYERS)
    return one.along(
        two, (int(architecture.num_hidden_layers) - TRACED_LAYERS[0]) / (TRACED_LAYERS[1] - TRACED_LAYERS[0])
    )


@dataclass(frozen=True)
class _Described:
    """An architecture that can be a key of a cache."""

    text: str
    architecture: Any

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Described) and self.text == other.text


@lru_cache(maxsize=256)
def _body_trace(described: _Described, recipe: Recipe, layers: int, tokens: int) -> Trace:
    with _quiet():
        model, mode = _fake_model(described.architecture, recipe, layers)
        return _traced(model, mode, recipe, tokens)


def _traced(model: Any, mode: FakeTensorMode, recipe: Recipe, tokens: int) -> Trace:
    weights = [*model.parameters(), *model.buffers()]
    body = inner_model(model).base_model
    with mode, LiveBytes(weights) as live:
        ids = torch.zeros(1, tokens, dtype=torch.int64)
        with torch.no_grad(), _autocast(recipe):
            model.eval()
            body(input_ids=ids, use_cache=False)
        evaluation_peak = live.peak
        model.train()
        if recipe.accumulates:
            for weight in model.parameters():
                weight.grad = torch.empty_like(weight) if weight.requires_grad else None
        live.restart_peak()
        with _autocast(recipe):
            hidden = body(input_ids=ids, use_cache=False).last_hidden_state
            forward_peak, saved = live.peak, live.now
            live.restart_peak()
            # The casts of weights that autocast keeps are dropped at its end, those the way back needs live on.
        hidden.backward(torch.empty_like(hidden))
        backward_peak = live.peak
        del hidden
        gradients = live.now
    return Trace(forward_peak, saved, backward_peak, gradients, evaluation_peak)


@dataclass(frozen=True)
class HeadTrace:
    """Bytes of the head beyond its weight: at its worst moment, and what waits for the way back."""

    peak: int
    kept: int
    evaluation_peak: int


@lru_cache(maxsize=256)
def head_trace(shape: tuple[int, int], learned: int, recipe: Recipe, bias: bool = False, cap: float = 0.0) -> HeadTrace:
    """Run the loss for `learned` positions. `shape` is that of the head's weight: (vocabulary, width)."""
    learns = recipe.adapter.type == "full"
    with FakeTensorMode() as mode:
        weight = torch.empty(shape, dtype=recipe.kind, requires_grad=learns)
        offset = torch.empty(shape[0], dtype=recipe.kind, requires_grad=learns) if bias else None
        hidden = torch.empty(learned, shape[1], dtype=recipe.autocast or recipe.kind, requires_grad=True)
        places = torch.zeros(learned, dtype=torch.int64)
        with mode, LiveBytes([weight, hidden, places, *([] if offset is None else [offset])]) as live:
            with torch.no_grad(), _autocast(recipe):
                head_loss(hidden[places], weight, offset, places, cap)
            evaluation_peak = live.peak
            live.restart_peak()
            with _autocast(recipe):
                loss = head_loss(hidden[places], weight, offset, places, cap)
            kept = live.now
            loss.backward()  # type: ignore[no-untyped-call]
            peak = live.peak
    return HeadTrace(peak, kept, evaluation_peak)


def _autocast(recipe: Recipe) -> contextlib.AbstractContextManager[Any]:
    return torch.autocast("cpu", dtype=recipe.autocast or torch.bfloat16, enabled=recipe.autocast is not None)


def _causal_attention() -> str:
    """Name the attention of training: causal by a flag, never by a mask, which transformers makes while it traces."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    AttentionInterface.register(UNMASKED, sdpa_attention_forward)
    AttentionMaskInterface.register(UNMASKED, lambda *_, **__: None)
    return UNMASKED


def meta_model(architecture: Any, kind: torch.dtype, layers: int | None = None) -> Any:
    """Return a model that has shapes but no weights, with fewer layers if wanted."""
    from transformers import AutoModelForCausalLM

    config = copy.deepcopy(architecture)
    if layers is not None:
        whole = int(config.num_hidden_layers)
        for name, value in list(vars(config).items()):
            # One entry a layer, such as which of them look at a window only.
            if isinstance(value, list) and len(value) == whole:
                setattr(config, name, [value[number % whole] for number in range(layers)])
        config.num_hidden_layers = layers
    with torch.device("meta"):
        make: Any = AutoModelForCausalLM.from_config
        return make(config, dtype=kind, attn_implementation=_causal_attention())


def _fake_model(architecture: Any, recipe: Recipe, layers: int) -> tuple[Any, FakeTensorMode]:
    model = meta_model(architecture, recipe.kind, layers)
    with torch.device("meta"):
        if recipe.quantize != "none":
            _hold_in_fewer_bits(model, recipe.quantize)
        model = add_adapter(model, recipe.adapter, None, recipe.quantize != "none")
    inner = inner_model(model)
    if recipe.checkpointing:
        # Fake tensors have no random state that could be kept; it is a few kilobytes.
        settings = {"use_reentrant": False, "preserve_rng_state": False}
        inner.gradient_checkpointing_enable(gradient_checkpointing_kwargs=settings)
        inner.enable_input_require_grads()
    # A CPU's fake tensors, not meta ones: only for them attention and autocast choose as they do in training.
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    with mode:
        _replace_weights(model)
    return model, mode


def _hold_in_fewer_bits(model: Any, quantize: Quantize) -> None:
    kind = HeldLinear if quantize == "4bit" else Held8Linear
    for name, module in list(model.named_modules()):
        if is_held(model, module):
            parent = model.get_submodule(name.rpartition(".")[0])
            setattr(parent, name.rpartition(".")[2], kind.like(module))


def _replace_weights(model: Any) -> None:
    made: dict[int, nn.Parameter] = {}
    for module in model.modules():
        for name, weight in module._parameters.items():
            if weight is not None:
                if id(weight) not in made:
                    fake = torch.empty(weight.shape, dtype=weight.dtype)
                    made[id(weight)] = nn.Parameter(fake, requires_grad=weight.requires_grad)
                module._parameters[name] = made[id(weight)]
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The notes of the libraries on a model that has no weights concern nobody."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
