"""The loss: the head runs on learned positions only, in pieces, and its gradient is made on the way forward.

For a vocabulary of 262,144 the logits of 1,000 positions are a gigabyte; positions that are not learned need
none. Each piece of positions gives its loss and its gradient at once (the idea of fused linear cross-entropy,
Liger, 2024), so no logits are kept for the way back. The sum is divided by the learned tokens of the whole
step, over all micro-batches and devices, so accumulation and data parallelism do not change the result.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.autograd import Function

PIECE_LOGITS = 1 << 25  # numbers of one piece of logits, 128 MB in 32 bits; twice as many are slower on a CPU
CACHED_LOGITS = 1 << 20  # of them at once while they become probabilities: they stay in the cache of a CPU


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
        differentiate = need_hidden or need_weight or need_bias
        for part, logits in logits_by_piece(hidden, weight, bias):
            total -= to_slope(logits, labels[part], cap, differentiate).sum()
            if grad_hidden is not None:
                torch.mm(logits, weight, out=grad_hidden[part])
            if grad_weight is not None:
                grad_weight += logits.T @ hidden[part]
            if grad_bias is not None:
                grad_bias += logits.sum(0)
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


def logits_by_piece(
    hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
) -> Iterator[tuple[slice, torch.Tensor]]:
    """Yield positions of `hidden` (n, width) and their logits (positions, vocabulary), all in one place of memory.

    What was yielded is overwritten by the next piece. Blocks of this size made anew leave gaps in the heap.
    """
    count, vocabulary = len(hidden), len(weight)
    rows = max(1, PIECE_LOGITS // vocabulary)
    room = hidden.new_empty(min(rows, count), vocabulary)
    for start in range(0, count, rows):
        part = slice(start, min(start + rows, count))
        logits = torch.mm(hidden[part], weight.T, out=room[: part.stop - start])
        if bias is not None:
            logits += bias
        yield part, logits


def to_slope(logits: torch.Tensor, labels: torch.Tensor, cap: float, differentiate: bool) -> torch.Tensor:
    """Return the log-probability of each label (n,), and turn logits (n, vocabulary) into the slope of its negative.

    The slope is only made when asked for. Rows go through the cache of a CPU a few at a time: a pass over a
    whole piece costs as much as a layer.
    """
    wide = logits.dtype if logits.dtype in (torch.float32, torch.float64) else torch.float32
    likely = torch.empty(len(labels), dtype=wide, device=logits.device)
    rows = max(1, CACHED_LOGITS // logits.shape[1]) if logits.device.type == "cpu" else max(1, len(labels))
    for start in range(0, len(labels), rows):
        part, wanted = logits[start : start + rows], labels[start : start + rows]
        bent = torch.tanh_(part.to(wide) / cap) if cap else None
        every = torch.log_softmax(part if bent is None else bent * cap, dim=-1, dtype=wide)
        likely[start : start + rows] = every.gather(1, wanted[:, None]).squeeze(1)
        if not differentiate:
            continue
        slope = every.exp_()
        slope[torch.arange(len(wanted), device=logits.device), wanted] -= 1
        if bent is not None:
            slope *= 1 - bent * bent
        part.copy_(slope)
    return likely


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
