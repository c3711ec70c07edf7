"""What can be made of downloaded files, by the name a manifest gives it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from headwater.core.registry import Registry
from headwater.models.sentence_encoder import Built

Build = Callable[[Path], Built]

BUILDS: Registry[Build] = Registry(
    "build",
    {
        "sentence-encoder-int8": "headwater.models.sentence_encoder:build_int8",
        "sentence-encoder-fp32": "headwater.models.sentence_encoder:build_fp32",
    },
)
