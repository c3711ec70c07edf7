"""Whole models that training made, as installed models: what no adapter can hold is served as a file of its own."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from headwater.core.errors import Conflict
from headwater.models.adapters import DESCRIPTION_FILE, KEPT, TEMPLATE_FILE, InstalledModels, check_name, template_of
from headwater.models.files import file_sha256, full_disk_said, inside
from headwater.models.gguf import read_header
from headwater.models.installed import Installed, gguf_manifest, read_installed, with_header
from headwater.models.manifest import MANIFEST_FILE, Manifest, ModelFile
from headwater.models.pull import alone, swap

MODEL_FILE = "model.gguf"
TRAINED_WITH = ("human_bot", "chatml", "jinja")


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A GGUF file that a run made, the folder that describes it (template, note, card), and its base's name."""

    file: Path
    about: Path
    base: str


def add_trained(store: InstalledModels, made: TrainedModel, name: str) -> Installed:
    """Install what a run made as the model `name`; it takes the place of an earlier one of the same run.

    The file is linked where that is possible, else copied. Raises BadInput, Conflict for a name that is
    taken, StorageFull.
    """
    check_name(name)
    _check_free(store, name)
    manifest = _described(store, made, name)
    store.folder.mkdir(parents=True, exist_ok=True)
    staging = inside(store.folder, f".add-{name}")
    with alone(store.folder, name), full_disk_said(store.folder):
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            _link(made.file, staging / MODEL_FILE)
            for kept in KEPT:
                if (made.about / kept).is_file():
                    shutil.copyfile(made.about / kept, staging / kept)
            _write_manifest(staging, manifest)
            swap(staging, store.folder / name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return read_installed(store.folder / name)


def _described(store: InstalledModels, made: TrainedModel, name: str) -> Manifest:
    """Its terms are those of its base, as far as they are known."""
    plain = gguf_manifest(made.file)
    below = store.get(made.base).manifest if _is_installed(store, made.base) else plain
    # A whole model that was trained with its own template has it in its file.
    template = template_of(made.about, "native")
    return replace(
        plain,
        name=name,
        title=f"{name} (trained from {below.name if below is not plain else Path(made.base).name})",
        licence=below.licence,
        licence_url=below.licence_url,
        licence_text=below.licence_text,
        template=template.name,
        stop=template.stop,
        sampling=template.sampling,
        notes="The terms of its base hold for it, too; README.md names the data it was trained on.",
    )


def _is_installed(store: InstalledModels, base: str) -> bool:
    return (
        not Path(base).expanduser().exists()
        and base in {model.name for model in store.known()}
        and (store.is_installed(base))
    )


def _write_manifest(staging: Path, manifest: Manifest) -> None:
    if not (staging / DESCRIPTION_FILE).is_file():
        (staging / DESCRIPTION_FILE).write_text("{}", "utf-8")  # by it the next one of this name knows it was made here
    paths = sorted(staging.iterdir(), key=lambda path: (path.name != MODEL_FILE, path.name))
    files = tuple(ModelFile(path.name, file_sha256(path), path.stat().st_size) for path in paths)
    whole = with_header(manifest.with_files(files), read_header(staging / MODEL_FILE))
    whole = replace(whole, version=str(files[0].sha256)[:16])
    with (staging / MANIFEST_FILE).open("w", encoding="utf-8") as out:
        out.write(whole.to_json())
        out.flush()
        os.fsync(out.fileno())


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)


def _check_free(store: InstalledModels, name: str) -> None:
    taken = {model.name: model for model in store.known()}.get(name)
    if taken is None:
        return
    note = store.folder / name / DESCRIPTION_FILE
    mine = note.is_file() and store.is_installed(name)
    if not mine or taken.format not in ("gguf", "adapter"):
        raise Conflict(f"{name!r} is the name of a model: {taken.title}", "Choose another name.")


def own_template(model: Installed) -> tuple[str | None, tuple[str, ...]]:
    """The Jinja template and stop strings that a whole model was trained with; (None, ()) for others.

    A manifest that says `native` means the template in the file itself.
    """
    manifest, path = model.manifest, model.folder / TEMPLATE_FILE
    if manifest.format != "gguf" or manifest.template not in TRAINED_WITH or not path.is_file():
        return None, ()
    return path.read_text("utf-8"), manifest.stop
