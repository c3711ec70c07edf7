"""A run whose parts are loaded: what the trainer and the comparison of answers are built from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from headwater.training.base import Base
from headwater.training.config import TrainingConfig
from headwater.training.on_demand_tokenizer import OnDemandTokenizer
from headwater.training.rows.batches import BatchSettings, Layout, Schedule
from headwater.training.rows.prepare import Prepared
from headwater.training.run_folder import RunFolder


@dataclass(frozen=True)
class Loaded:
    """The parts of a run, ready to train."""

    config: TrainingConfig
    folder: RunFolder
    base: Base
    tokenizer: OnDemandTokenizer
    prepared: Prepared
    model: Any
    schedule: Schedule
    layout: Layout
    settings: BatchSettings
    number_type: torch.dtype
