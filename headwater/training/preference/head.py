"""The head for compared answers: log-probabilities of chosen tokens, or one score, at some positions only.

As in `loss.py` a piece of positions gives its numbers and its slope at once, so no logits wait for the way back.
Here the slope of each position is scaled on the way back by what the loss makes of its answer. Only weights of a
head that learns itself (full fine-tuning) need their pieces made a second time.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.autograd import Function

from headwater.training.loss import is_plain, logits_by_piece, to_slope


class TokenLogProbabilities(Function):
    """hidden (n, width), weight (vocabulary, width), labels (n,) -> log-probability of each label (n,)."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        labels: torch.Tensor,
        cap: float,
    ) -> torch.Tensor:
        """Compute the log-probabilities and their slope at the hidden states, piece by piece."""
        wide = torch.float64 if hidden.dtype == torch.float64 else torch.float32
        found = torch.empty(len(hidden), dtype=wide, device=hidden.device)
        slopes = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        for part, logits in logits_by_piece(hidden, weight, bias):
            found[part] = to_slope(logits, labels[part], cap, slopes is not None)
            if slopes is not None:
                slopes[part] = -(logits @ weight)  # of the log-probability, not of its negative
        ctx.slopes, ctx.cap = slopes, cap
        learns = ctx.needs_input_grad[1] or ctx.needs_input_grad[2]
        ctx.save_for_backward(*((hidden, weight, bias, labels) if learns else ()))
        return found

    @staticmethod
    def backward(ctx: Any, scale: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Scale each position's slope by what the loss makes of it."""
        slopes, ctx.slopes = ctx.slopes, None
        down = None if slopes is None else slopes * scale[:, None].to(slopes.dtype)
        if not ctx.saved_tensors:
            return down, None, None, None, None
        hidden, weight, bias, labels = ctx.saved_tensors
        for_weight = torch.zeros_like(weight, dtype=scale.dtype)
        for_bias = None if bias is None else torch.zeros_like(bias, dtype=scale.dtype)
        for part, logits in logits_by_piece(hidden, weight, bias):
            to_slope(logits, labels[part], ctx.cap, True)
            scaled = logits.mul_(-scale[part, None].to(logits.dtype))
            for_weight += scaled.T @ hidden[part]
            if for_bias is not None:
                for_bias += scaled.sum(0)
        return down, for_weight.to(weight.dtype), None if for_bias is None else for_bias.to(bias.dtype), None, None


def log_probabilities(head: Any, hidden: torch.Tensor, labels: torch.Tensor, cap: float = 0.0) -> torch.Tensor:
    """Log-probability of each label (n,) for hidden states (n, width), in 32 bits or wider."""
    if not is_plain(head):
        logits = head(hidden).float()
        logits = torch.tanh(logits / cap) * cap if cap else logits
        return torch.log_softmax(logits, -1).gather(1, labels[:, None]).squeeze(1)
    weight, bias = head.weight, head.bias
    # Autocast does not reach into a custom function.
    autocast = torch.is_autocast_enabled(hidden.device.type)
    kind = torch.get_autocast_dtype(hidden.device.type) if autocast else weight.dtype
    apply: Callable[..., torch.Tensor] = TokenLogProbabilities.apply
    return apply(hidden.to(kind), weight.to(kind), None if bias is None else bias.to(kind), labels, cap)


def answer_in_forward(model: Any) -> None:
    """Let a model answer `answer_places` with what is there; all other calls go on as before.

    `answer_places` are positions in the flattened batch. A language model gives the log-probability of each of
    `answer_labels` at them, a model with a score head the score. `model` is the one under a PEFT model.
    """
    plain = model.forward

    def forward(
        self: Any,
        *args: Any,
        answer_places: torch.Tensor | None = None,
        answer_labels: torch.Tensor | None = None,
        **inputs: Any,
    ) -> Any:
        if answer_places is None:
            return plain(*args, **inputs)
        inputs.pop("return_dict", None)
        hidden = self.base_model(*args, use_cache=False, **inputs).last_hidden_state
        chosen = hidden.reshape(-1, hidden.shape[-1])[answer_places]
        if answer_labels is None:
            with torch.autocast(chosen.device.type, enabled=False):
                return {"scores": self.score(chosen.float()).squeeze(-1)}
        cap = float(getattr(self.config, "final_logit_softcapping", None) or 0.0)
        found = log_probabilities(self.get_output_embeddings(), chosen, answer_labels, cap)
        return {"log_probabilities": found}

    model.forward = types.MethodType(forward, model)


def summed(values: torch.Tensor, counts: Sequence[int]) -> torch.Tensor:
    """Sum neighbouring values, `counts[i]` of them to the sum i; the same bits on every run."""
    return nn.utils.rnn.pad_sequence(list(torch.split(values, list(counts))), batch_first=True).sum(1)
