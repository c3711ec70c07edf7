"""The tokenizer of a run, in memory only while it is used.

A training step needs the numbers of two tokens, not the words: gemma's 262,144 take 340 MB, a third of its weights.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from headwater.training.base import Base, load_tokenizer
from headwater.training.heap import give_back


class OnDemandTokenizer:
    """The tokenizer of a base; read from its files again when it is asked for again.

    One that is slow to read, from a GGUF file that somebody only points at, is kept.
    """

    def __init__(self, base: Base) -> None:
        self._base = base
        self._users = 0
        self._loaded: Any = load_tokenizer(base)
        self.pad_token_id = int(self._loaded.pad_token_id)
        self._kept = base.kind == "gguf" and "gguf_file" in base.light[1]

    @contextmanager
    def in_memory(self) -> Iterator[Any]:
        """The tokenizer, until the block ends. Raises BadInput when its files are gone."""
        if self._loaded is None:
            self._loaded = load_tokenizer(self._base)
        self._users += 1
        try:
            yield self._loaded
        finally:
            self._users -= 1
            if not self._users and not self._kept:
                self._let_go()

    def _let_go(self) -> None:
        self._loaded = None
        gc.collect()  # it refers to itself
        give_back()
