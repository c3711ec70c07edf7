"""The reader in torch: MiniLM with LoRA on every linear layer, span logits of tokens, relevance of the pair.

LoRA is Hu et al. 2021 (arXiv:2106.09685): W + B A, with B zero at the start; W stays as it was.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
import torch.nn.functional as functional
from safetensors.torch import load_file
from torch import Tensor, nn

WIDTH, HEADS, LAYERS = 384, 12, 6
MASKED = -1e4
DROPOUT = 0.1
PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "f1": "intermediate.dense",
    "f2": "output.dense",
}
NORMS = {"ln1": "attention.output.LayerNorm", "ln2": "output.LayerNorm"}


class Adapted(nn.Module):
    """A frozen linear layer with a trained bias and a trained product of rank `rank` beside it."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int) -> None:
        super().__init__()
        self.w = nn.Parameter(weight.clone(), requires_grad=False)
        self.b = nn.Parameter(bias.clone())
        self.A = nn.Parameter(torch.randn(rank, weight.shape[1]) / math.sqrt(weight.shape[1]))
        self.B = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, x: Tensor) -> Tensor:
        """Apply both."""
        return functional.linear(x, self.w, self.b) + functional.linear(functional.linear(x, self.A), self.B)


class Norm(nn.Module):
    """Layer normalisation with trained scale and shift."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.w, self.b = nn.Parameter(weight.clone()), nn.Parameter(bias.clone())

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis."""
        return functional.layer_norm(x, (WIDTH,), self.w, self.b, 1e-12)


class ReaderNetwork(nn.Module):
    """Question and passage in, (relevance (n,), start logits (n, s), end logits (n, s)) out."""

    def __init__(self, base: Path, rank: int) -> None:
        super().__init__()
        stored = load_file(str(base))
        self.word = nn.Parameter(stored["embeddings.word_embeddings.weight"].clone(), requires_grad=False)
        self.pos = nn.Parameter(stored["embeddings.position_embeddings.weight"].clone(), requires_grad=False)
        self.typ = nn.Parameter(stored["embeddings.token_type_embeddings.weight"].clone())
        self.eln = Norm(stored["embeddings.LayerNorm.weight"], stored["embeddings.LayerNorm.bias"])
        self.layers = nn.ModuleList(_layer(stored, f"encoder.layer.{number}.", rank) for number in range(LAYERS))
        self.span = nn.Linear(WIDTH, 2)
        self.rel = nn.Linear(2 * WIDTH, 1)

    def trained(self) -> dict[str, Tensor]:
        """Return what training changes, by name: all that has to be kept."""
        return {name: value.detach() for name, value in self.named_parameters() if value.requires_grad}

    def encode(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return the token states (n, s, WIDTH)."""
        count, length = ids.shape
        embedded = functional.embedding(ids, self.word) + self.pos[:length] + functional.embedding(types, self.typ)
        x = self._drop(self.eln(embedded))
        hidden = torch.zeros(count, 1, 1, length).masked_fill(~mask[:, None, None, :], MASKED)
        for layer in self.layers:
            query, key, value = (
                layer[part](x).view(count, length, HEADS, WIDTH // HEADS).transpose(1, 2) for part in "qkv"
            )
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=hidden)
            x = layer["ln1"](x + self._drop(layer["o"](mixed.transpose(1, 2).reshape(count, length, WIDTH))))
            x = layer["ln2"](x + self._drop(layer["f2"](functional.gelu(layer["f1"](x)))))
        return x

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read a padded batch; `types` is 1 on the passage and its end mark."""
        x = self.encode(ids, types, mask)
        inside = (mask & (types == 1)).float()
        mean = (x * inside[:, :, None]).sum(1) / inside.sum(1, keepdim=True).clamp(min=1)
        relevance = self.rel(torch.cat([x[:, 0], mean], -1))[:, 0]
        spans = self.span(x).masked_fill(inside[:, :, None] == 0, MASKED)
        return relevance, spans[..., 0], spans[..., 1]

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPOUT, self.training)


def _layer(stored: dict[str, Tensor], prefix: str, rank: int) -> nn.ModuleDict:
    linear = {name: Adapted(*_pair(stored, prefix + path), rank) for name, path in PARTS.items()}
    norms = {name: Norm(*_pair(stored, prefix + path)) for name, path in NORMS.items()}
    return nn.ModuleDict({**linear, **norms})


def _pair(stored: dict[str, Tensor], path: str) -> tuple[Tensor, Tensor]:
    return stored[f"{path}.weight"], stored[f"{path}.bias"]
