"""Reading a YAML file of another trainer: which one it is of, our config, and what could not be carried over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput
from headwater.training.config import TrainingConfig
from headwater.training.importers.axolotl import from_axolotl
from headwater.training.importers.llama_factory import from_llama_factory
from headwater.training.importers.llm_studio import from_llm_studio
from headwater.training.load_config import check_config
from headwater.training.requests import dump_values, read_values


@dataclass(frozen=True)
class Imported:
    """What another trainer's config became. `left` maps its keys that were not carried over to why."""

    trainer: str
    values: dict[str, Any]
    left: Mapping[str, str]

    @property
    def text(self) -> str:
        """Our config as YAML, with what is missing in it as comments on top."""
        head = [f"# From a config of {self.trainer}."]
        if self.left:
            head += ["# Not carried over:", *(f"#   {key}: {why}" for key, why in self.left.items())]
        return "\n".join([*head, dump_values(self.values)])

    def checked(self, name: str) -> TrainingConfig:
        """The config. Raises BadInput when something in it cannot be as it is."""
        return check_config(self.values, name)


def read_foreign(path: Path) -> Imported:
    """Read a config of axolotl, LLaMA-Factory or LLM Studio. Raises BadInput."""
    try:
        values = read_values(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}", "Give the YAML file of the other trainer.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}", "It should be a YAML text in UTF-8.") from error
    if "llm_backbone" in values or {"architecture", "dataset", "training"} <= values.keys():
        return Imported("H2O LLM Studio", *from_llm_studio(values))
    if "model_name_or_path" in values:
        return Imported("LLaMA-Factory", *from_llama_factory(values, path.absolute().parent))
    if "base_model" in values:
        return Imported("axolotl", *from_axolotl(values))
    if {"data", "model"} & values.keys():
        raise BadInput(f"{path} is a config of ours already", f"headwater train {path}")
    raise BadInput(
        f"{path} is no config of a trainer that is known here; it has {', '.join(list(map(str, values))[:8])}",
        "Known are axolotl (base_model), LLaMA-Factory (model_name_or_path) and H2O LLM Studio (llm_backbone).",
    )
