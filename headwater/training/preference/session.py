"""What a run on compared answers has of its own: whether prompts are shared, what is measured before the first step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from headwater.core.errors import BadInput
from headwater.training.base import inner_model
from headwater.training.config import TrainingConfig
from headwater.training.loaded import Loaded
from headwater.training.preference.batches import SHAREABLE, pair_arrays, pair_tensors
from headwater.training.preference.pairs import Form, Pairs
from headwater.training.preference.reference import Reference, every_batch
from headwater.training.preference.trainer import Objective, PreferenceTrainer
from headwater.training.preference.validation import PreferenceValidation, asked_once
from headwater.training.rows.batches import Layout, MicroBatch, Schedule
from headwater.training.rows.prepare import Prepared
from headwater.training.run_folder import RunFolder

# How far a hidden state may move, of its length, by being computed in another order.
MOST_DIFFERENCE = {torch.float64: 1e-6, torch.float32: 1e-3}
MOST_DIFFERENCE_16 = 0.05


def form_of(
    config: TrainingConfig, model: Any, prepared: Prepared, layout: Layout, folder: RunFolder | None = None
) -> Form:
    """Return how answers are laid out. Raises BadInput when a prompt must be shared and cannot be."""
    pairs, asked = prepared.train, config.preference.shared_prompt
    assert isinstance(pairs, Pairs)
    if layout == "packed" or pairs.labelled or asked == "off":
        if asked == "on":
            why = "labelled answers have a prompt each" if pairs.labelled else "packed rows keep their prompts apart"
            raise BadInput(f"preference.shared_prompt: on, but {why}", "Set it to auto, or data.packing: buckets.")
        return "packed" if layout == "packed" else "separate"
    problem = sharing_problem(model, pairs)
    if problem is None:
        return "shared"
    if asked == "on":
        raise BadInput(f"The prompt cannot be shared by two answers: {problem}", "Set preference.shared_prompt: auto.")
    if folder is not None:
        folder.event("data", f"each answer is computed with its prompt: {problem}")
    return "separate"


def in_form(prepared: Prepared, form: Form) -> Prepared:
    """Return the data laid out so."""
    train, valid = prepared.train, prepared.valid
    assert isinstance(train, Pairs) and isinstance(valid, Pairs)
    return replace(prepared, train=train.in_form(form), valid=valid.in_form(form))


def sharing_problem(model: Any, pairs: Pairs) -> str | None:
    """Try a row both ways; return why two answers cannot follow one prompt in this model, None when they can."""
    inner = inner_model(model)
    kinds = set(getattr(inner.config, "layer_types", None) or ())
    if not kinds <= SHAREABLE:
        return f"the model has layers of the kind {', '.join(sorted(kinds - SHAREABLE))}"
    row = int(np.argmax(pairs.in_form("shared").lengths))
    device = next(inner.parameters()).device if torch.cuda.is_available() else torch.device("cpu")
    inner.to(device) if not getattr(inner, "is_quantized", False) else None
    training = model.training
    model.eval()
    try:
        kind = next(inner.parameters()).dtype
        with torch.no_grad(), torch.autocast(device.type, kind, enabled=kind in (torch.bfloat16, torch.float16)):
            one, other = (_hidden(inner, pairs.in_form(form), row, device) for form in ("shared", "separate"))
    except (KeyError, TypeError, AttributeError, ValueError, RuntimeError) as error:
        return f"the model does not take the mask ({type(error).__name__}: {str(error)[:120]})"
    finally:
        model.train(training)
    moved = ((one - other).norm(dim=-1) / other.norm(dim=-1).clamp(min=1e-12)).max()
    limit = MOST_DIFFERENCE.get(next(inner.parameters()).dtype, MOST_DIFFERENCE_16)
    return None if moved <= limit else f"the numbers differ by {float(moved):.1%}"


def _hidden(inner: Any, pairs: Pairs, row: int, device: torch.device) -> torch.Tensor:
    """Hidden states (n, width) at the places that predict, answer by answer."""
    inputs = pair_tensors(pair_arrays(pairs, MicroBatch((row,)), 0), inner.config, device)
    places = inputs.pop("answer_places")
    inputs.pop("answer_labels")
    hidden = inner.base_model(use_cache=False, **inputs).last_hidden_state
    found: torch.Tensor = hidden.reshape(-1, hidden.shape[-1])[places].float()
    return found


def objective_of(config: TrainingConfig, pairs: Any, pad: int) -> Objective:
    """Return what is learned from some rows."""
    assert isinstance(pairs, Pairs)
    return Objective(config.task, config.preference, pairs, pad)


def preference_validation(loaded: Loaded, judge: Any) -> PreferenceValidation:
    """Return the validation of a run. A reward model writes no answers."""
    config = loaded.config
    objective = objective_of(config, loaded.prepared.valid, loaded.tokenizer.pad_token_id)
    section = config.eval.model_copy(update={"samples": 0}) if objective.scored else config.eval
    return PreferenceValidation(
        objective.pairs.answers,
        asked_once(loaded.prepared.valid_rows),
        loaded.prepared.template,
        loaded.tokenizer,
        section,
        loaded.layout,
        loaded.settings.micro_tokens,
        judge,
        objective=objective,
    )


def measure_references(trainer: PreferenceTrainer, config: TrainingConfig, schedule: Schedule) -> None:
    """Let the objectives know what the model says before it learns. Raises reference.Interrupted, NotFinite.

    Called while the model is as it begins: a checkpoint is loaded later.
    """
    validation = trainer.validation
    batches = (every_batch(schedule), validation.batches() if len(validation.objective.pairs) else [])
    for objective, needed in zip((trainer.objective, validation.objective), batches, strict=True):
        if objective.has_reference and len(objective.pairs):
            reference = Reference(trainer.folder, config, objective.pairs)
            objective.reference = reference.measure(trainer, objective, needed)
