"""The loss: the head runs on learned positions only, in pieces, and its gradient is made on the way forward.

For a vocabulary of 262,144 the logits of 1,000 positions are a gigabyte; positions that are not learned need
none. Each piece of positions gives its loss and its gradient at once (the idea of fused linear cross-entropy,
Liger, 2024), so no logits are kept for the way back. The sum is divided by the learned tokens of the whole
step, over all micro-batches and devices, so accumulation and data parallelism do not change the result.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.autograd import Function

PIECE_LOGITS = 1 << 25  # numbers of one piece of logits, 128 MB in 32 bits; twice as many are slower on a CPU


class FusedHead(Function):
    """hidden (n, width), weight (vocabulary, width), labels (n,) -> summed negative log-likelihood, scalar."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        labels: torch.Tensor,
        cap: float,
    ) -> torch.Tensor:
        """Compute the loss and all gradients, piece by piece."""
        need_hidden, need_weight = ctx.needs_input_grad[0], ctx.needs_input_grad[1]
        need_bias = bias is not None and ctx.needs_input_grad[2]
        grad_hidden = torch.empty_like(hidden) if need_hidden else None
        grad_weight = torch.zeros_like(weight, dtype=torch.float32) if need_weight else None
        grad_bias = torch.zeros_like(bias, dtype=torch.float32) if need_bias and bias is not None else None
        total = torch.zeros(
            (), dtype=torch.float32 if hidden.dtype != torch.float64 else hidden.dtype, device=hidden.device
        )
        for part in pieces(hidden.shape[0], weight.shape[0]):
            logits = nn.functional.linear(hidden[part], weight, bias)
            likely, slope = likely_and_slope(logits, labels[part], cap, need_hidden or need_weight or need_bias)
            total += -likely.sum()
            if slope is None:
                continue
            if grad_hidden is not None:
                grad_hidden[part] = slope @ weight
            if grad_weight is not None:
                grad_weight += slope.T @ hidden[part]
            if grad_bias is not None:
                grad_bias += slope.sum(0)
        ctx.gradients = (grad_hidden, grad_weight, grad_bias)
        ctx.kinds = (weight.dtype, None if bias is None else bias.dtype)
        return total

    @staticmethod
    def backward(ctx: Any, scale: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Scale the gradients that the forward pass made."""
        hidden, weight, bias = ctx.gradients
        ctx.gradients = (None, None, None)
        return (
            None if hidden is None else hidden * scale.to(hidden.dtype),
            None if weight is None else (weight * scale).to(ctx.kinds[0]),
            None if bias is None else (bias * scale).to(ctx.kinds[1]),
            None,
            None,
        )


def pieces(count: int, vocabulary: int) -> list[slice]:
    """Cut positions into pieces whose logits fit."""
    piece = max(1, PIECE_LOGITS // vocabulary)
    return [slice(start, min(start + piece, count)) for start in range(0, count, piece)]


def likely_and_slope(
    logits: torch.Tensor, labels: torch.Tensor, cap: float, differentiate: bool
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Log-probability of each label (n,), and the slope of its negative at the logits (None when not wanted).

    Every pass over a piece costs as much as a layer: the slope is made in the place of the probabilities.
    """
    kind = logits.dtype
    wide = kind if kind in (torch.float32, torch.float64) else torch.float32
    bent = None
    if cap:
        bent = torch.tanh_(logits.to(wide) / cap)
        logits = bent * cap
    # One pass that reads the logits as they are: every pass over a piece costs as much as a layer.
    every = torch.log_softmax(logits, dim=-1, dtype=wide)
    likely = every.gather(1, labels[:, None]).squeeze(1)
    if not differentiate:
        return likely, None
    slope = every.exp_()
    slope[torch.arange(len(labels), device=labels.device), labels] -= 1
    if bent is not None:
        slope *= 1 - bent * bent
    return likely, slope.to(kind)


def learn_in_forward(model: Any) -> None:
    """Let a causal language model answer `labels_shifted` with a loss; all other calls go on as before.

    The loss is computed inside `forward` because that is what DDP and FSDP wrap. `model` is the plain
    transformers model, under a PEFT model if there is one.
    """
    plain = model.forward
    head_plain = is_plain(model.get_output_embeddings())

    def forward(self: Any, *args: Any, labels_shifted: torch.Tensor | None = None, **inputs: Any) -> Any:
        if labels_shifted is None:
            return plain(*args, **inputs)
        inputs = {name: value for name, value in inputs.items() if value is not None}
        inputs.pop("return_dict", None)
        hidden = self.base_model(*args, use_cache=False, **inputs).last_hidden_state
        places = labels_shifted.reshape(-1).ne(-100).nonzero().squeeze(1)
        chosen = hidden.reshape(-1, hidden.shape[-1])[places]
        labels = labels_shifted.reshape(-1)[places]
        cap = float(getattr(self.config, "final_logit_softcapping", None) or 0.0)
        head = self.get_output_embeddings()
        if head_plain:
            return {"loss": head_loss(chosen, head.weight, head.bias, labels, cap)}
        return {"loss": _whole_head(head, chosen, labels, cap)}

    model.forward = types.MethodType(forward, model)


def head_loss(
    hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, labels: torch.Tensor, cap: float = 0.0
) -> torch.Tensor:
    """Summed negative log-likelihood of `labels` (n,) for hidden states (n, width)."""
    if torch.is_autocast_enabled(hidden.device.type):
        # Autocast does not reach into a custom function.
        kind = torch.get_autocast_dtype(hidden.device.type)
        hidden, weight = hidden.to(kind), weight.to(kind)
        bias = None if bias is None else bias.to(kind)
    else:
        hidden = hidden.to(weight.dtype)
    apply: Callable[..., torch.Tensor] = FusedHead.apply
    return apply(hidden, weight, bias, labels, cap)


def _whole_head(head: Any, hidden: torch.Tensor, labels: torch.Tensor, cap: float) -> torch.Tensor:
    """For a head that is more than a matrix (quantised, with an adapter of its own): ordinary autograd."""
    logits = head(hidden).float()
    if cap:
        logits = torch.tanh(logits / cap) * cap
    return nn.functional.cross_entropy(logits, labels, reduction="sum")


def is_plain(head: Any) -> bool:
    """Whether a head is a matrix and nothing else."""
    return type(head) is nn.Linear
