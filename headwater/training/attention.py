"""Attention over packed rows on a GPU: each row sees itself alone, without a mask of the square of the length.

Registered with transformers under its own name (no patching). The rows' borders are where the positions begin
anew; torch's variable-length attention (torch >= 2.10) takes them as cumulative lengths.
"""

from __future__ import annotations

from typing import Any

import torch

NAME = "headwater_varlen"


def register_varlen() -> str:
    """Make the attention known to transformers; return the name to load a model with."""
    from transformers import AttentionInterface, AttentionMaskInterface

    AttentionInterface.register(NAME, packed_attention)
    # No mask is made: the borders travel in the positions.
    AttentionMaskInterface.register(NAME, lambda *_, **__: None)
    return NAME


def borders(positions: torch.Tensor) -> torch.Tensor:
    """Return the cumulative lengths (rows + 1,) of packed rows from their positions (1, total)."""
    flat = positions.reshape(-1)
    begins = (flat == 0).nonzero().squeeze(1).to(torch.int32)
    return torch.cat([begins, torch.tensor([flat.numel()], dtype=torch.int32, device=flat.device)])


def packed_attention(
    module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, attention_mask: Any, **settings: Any
) -> tuple[torch.Tensor, None]:
    """Causal attention within each packed row. query (1, heads, total, width) -> (1, total, heads, width).

    While text is written (a cache is there, query and key differ in length) ordinary attention is used.
    """
    positions = settings.get("position_ids")
    window = settings.get("sliding_window")
    scale = settings.get("scaling")
    if positions is None or query.shape[0] != 1 or query.shape[2] != key.shape[2] or not query.is_cuda:
        return _plain(query, key, value, scale, window, positions), None
    ends = borders(positions)
    longest = int((ends[1:] - ends[:-1]).max())
    from torch.nn.attention.varlen import varlen_attn

    reach = (-1, 0) if window is None else (window - 1, 0)
    rows = [part[0].transpose(0, 1).contiguous() for part in (query, key, value)]
    grouped = query.shape[1] != key.shape[1]
    attend: Any = varlen_attn
    found = attend(*rows, ends, ends, longest, longest, scale=scale, window_size=reach, enable_gqa=grouped)
    return found[None], None


def _plain(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float | None, window: int | None,
    positions: torch.Tensor | None,
) -> torch.Tensor:  # fmt: skip
    """The same by an explicit mask, for a CPU and for writing text."""
    size, total = query.shape[2], key.shape[2]
    at = torch.arange(total - size, total, device=query.device)[:, None]
    other = torch.arange(total, device=query.device)[None]
    seen = other <= at
    if window is not None:
        seen &= other > at - window
    mask = seen[None, None]
    if positions is not None and positions.shape[-1] == total == size:
        row = (positions == 0).cumsum(-1)
        mask = mask & (row[:, None, :, None] == row[:, None, None, :])
    found = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, scale=scale, enable_gqa=query.shape[1] != key.shape[1]
    )
    return found.transpose(1, 2).contiguous()
