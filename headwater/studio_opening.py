"""Opens the Data Studio over the parts of a workspace: what of models and readers its steps and files need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.core.protocols import ChatModel, Embedder
from headwater.core.settings import Settings
from headwater.core.types import Scope
from headwater.dataprep.generate.grounded import SourceText
from headwater.dataprep.step import Services
from headwater.model_tokenizers import FOLDER, ModelTokenizers
from headwater.models.store import ModelStore
from headwater.storage.collections import Collections
from headwater.storage.data_sources import DataSources
from headwater.storage.datasets import Datasets
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobRows
from headwater.studio.studio import Studio, StudioParts

if TYPE_CHECKING:
    from headwater.documents.extract import Extractor


@dataclass(frozen=True)
class Stores:
    """Where the studio keeps things."""

    sources: DataSources
    datasets: Datasets
    files: FileStore
    jobs: JobRows
    collections: Collections
    documents: Documents


@dataclass(frozen=True)
class Means:
    """What of the rest of the workspace is asked for only when a step, a document or a job needs it."""

    embedder: Callable[[], Embedder | None]
    extractor: Callable[[], Extractor]
    chat_model: Callable[[str | None], ChatModel | None]
    wake: Callable[[], None]


def open_studio(stores: Stores, models: ModelStore, means: Means, settings: Settings) -> Studio:
    """Open the studio."""
    tokenizers = ModelTokenizers(models, settings.data_dir / FOLDER, with_trained=False)

    def outside() -> Services:
        found = means.embedder()
        return Services(embed=found.embed if found is not None else None)

    def text_of(path: Path) -> str:
        return "\n\n".join(page.text for page in means.extractor().extract(path, name=path.name).pages)

    def texts(scope: Scope, collection_id: str) -> tuple[str, list[SourceText]]:
        return stores.collections.get(scope, collection_id).name, texts_of(stores.documents, scope, collection_id)

    parts = StudioParts(
        sources=stores.sources,
        datasets=stores.datasets,
        files=stores.files,
        jobs=stores.jobs,
        tokenizer=tokenizers.path,
        tokenizers=tokenizers.names,
        outside=outside,
        document=text_of,
        wake=means.wake,
        texts=texts,
        chat_model=means.chat_model,
        most_bytes=settings.max_file_mb * 1_000_000,
        closed=settings.data_dir,
    )
    return Studio(parts)


def texts_of(documents: Documents, scope: Scope, collection_id: str) -> list[SourceText]:
    """The texts of a collection's searchable documents; pages stand apart by an empty line. Raises NotFound."""
    found = []
    for document in documents.list(scope, collection_id):
        if document.version_id is None:
            continue
        pages = documents.pages(scope, document.id)
        text = "\n\n".join(documents.page(scope, document.id, page.number).text for page in pages)
        if text.strip():
            found.append(SourceText(document.name, text))
    return found
