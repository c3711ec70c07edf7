"""Opens the Data Studio over the parts of a workspace: what of models and readers its steps and files need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.core.errors import UnknownName
from headwater.core.protocols import Embedder
from headwater.dataprep.step import Services
from headwater.models.store import ModelStore
from headwater.storage.data_sources import DataSources
from headwater.storage.datasets import Datasets
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobRows
from headwater.studio.studio import Studio, StudioParts

if TYPE_CHECKING:
    from headwater.documents.extract import Extractor

TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True)
class Stores:
    """Where the studio keeps things."""

    sources: DataSources
    datasets: Datasets
    files: FileStore
    jobs: JobRows


def open_studio(
    stores: Stores,
    models: ModelStore,
    embedder: Callable[[], Embedder | None],
    extractor: Callable[[], Extractor],
    wake: Callable[[], None],
) -> Studio:
    """Open the studio. The embedder and the extractor are asked for only when a step or a document needs them."""
    tokenizers = ModelTokenizers(models)

    def outside() -> Services:
        found = embedder()
        return Services(embed=found.embed if found is not None else None)

    def text_of(path: Path) -> str:
        return "\n\n".join(page.text for page in extractor().extract(path, name=path.name).pages)

    parts = StudioParts(
        sources=stores.sources,
        datasets=stores.datasets,
        files=stores.files,
        jobs=stores.jobs,
        tokenizer=tokenizers.path,
        tokenizers=tokenizers.names,
        outside=outside,
        document=text_of,
        wake=wake,
    )
    return Studio(parts)


class ModelTokenizers:
    """Finds the tokenizer.json of models that have one of their own: what lengths are counted by before training."""

    def __init__(self, models: ModelStore) -> None:
        self._models = models

    def names(self) -> list[str]:
        """Models whose tokens can be counted, by name."""
        return [model.name for model in self._models.installed() if (model.folder / TOKENIZER_FILE).is_file()]

    def path(self, name: str) -> Path:
        """The tokenizer.json of a model. Raises UnknownName for one that is not here or has none."""
        known = self.names()
        if name not in known:
            raise UnknownName.among("model with a tokenizer", name, known)
        return self._models.get(name).file(TOKENIZER_FILE)
