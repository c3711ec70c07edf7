"""Installed models as bases of training, and what training makes of them: adapters, and whole models."""

from __future__ import annotations

import tempfile
from pathlib import Path

from headwater.core.errors import BadInput
from headwater.core.settings import Settings
from headwater.models.adapters import add_adapter
from headwater.models.store import ModelStore
from headwater.models.trained import TrainedModel, add_trained

TINY = "tiny"


class ModelBases:
    """Finds bases among the models of a store, and installs adapters beside them."""

    def __init__(self, models: ModelStore, settings: Settings) -> None:
        self._models, self._settings = models, settings

    def names(self) -> list[str]:
        """Chat models that can be trained here: those whose weights are in a file of their own."""
        found = [model for model in self._models.installed() if model.manifest.task == "chat"]
        return [model.name for model in found if model.manifest.format == "gguf" and model.name != TINY]

    def path(self, name: str) -> Path | None:
        """The file of an installed base; None for `tiny` and for what is a path. Raises BadInput, NotFound."""
        if name == TINY or Path(name).expanduser().exists():
            return None
        model = self._models.get(name)
        if model.manifest.format == "adapter":
            raise BadInput(
                f"{name!r} is an adapter of {model.manifest.base}, not a whole model",
                f"Set model.base to {model.manifest.base}; model.adapter_from goes on from a PEFT folder.",
            )
        return model.main_file

    def is_taken(self, name: str) -> bool:
        """Whether a model has this name, here or elsewhere."""
        known = {model.name for model in self._models.known()} | {model.name for model in self._models.installed()}
        return name in known or name in {endpoint.name for endpoint in self._settings.endpoints}

    def serve(self, folder: Path, name: str, base: str, whole: Path | None = None) -> str | None:
        """Install the adapter of `folder` beside its base; None when the base is a path and so is not served.

        `whole` is a GGUF file that holds the whole model: it is installed then, described by `folder`.
        Raises BadInput for an adapter that cannot be served as one, NotFound, Conflict, StorageFull.
        """
        if whole is not None:
            return add_trained(self._models, TrainedModel(whole, folder, base), name).name
        if base == TINY:
            self._install_tiny()
        elif Path(base).expanduser().exists() or not self._models.is_installed(base):
            return None
        return add_adapter(self._models, folder, name, base, replacing=True).name

    def _install_tiny(self) -> None:
        if self._models.is_installed(TINY):
            return
        from headwater.training.tiny_gguf import write_tiny_gguf

        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / f"{TINY}.gguf"
            write_tiny_gguf(path)
            self._models.pull(str(path))
