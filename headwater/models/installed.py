"""A model that is on the disk, and manifests made by looking at a file instead of reading one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from headwater.core.errors import BadInput, NotFound
from headwater.models.gguf import GgufHeader, read_header
from headwater.models.manifest import MANIFEST_FILE, Manifest, ModelFile, Template, read_manifest


@dataclass(frozen=True, slots=True)
class Installed:
    """A model with its folder. Its manifest names the files that are there."""

    manifest: Manifest
    folder: Path

    @property
    def name(self) -> str:
        """Name it is asked for by."""
        return self.manifest.name

    @property
    def build_name(self) -> str:
        """Name with the version of the build: what vectors are kept under."""
        return f"{self.name}-{self.manifest.version}" if self.manifest.version else self.name

    @property
    def main_file(self) -> Path:
        """The file an engine loads: the GGUF or ONNX file. Raises BadInput when the format has none."""
        endings = (".gguf", ".onnx")
        found = [file.path for file in self.manifest.files if file.path.endswith(endings)]
        if not found:
            raise BadInput(
                f"{self.name!r} is in {self.manifest.format} form, which the engines of the core do not load",
                "Pull a GGUF or ONNX form of it.",
            )
        return self.file(found[0])

    def file(self, name: str) -> Path:
        """Path of one of its files. Raises NotFound."""
        path = self.folder / name
        if not path.is_file():
            raise NotFound(f"{self.name!r} has lost its file {name}", f"headwater models pull {self.name}")
        return path


def read_installed(folder: Path) -> Installed:
    """Read the model of a folder of the models directory."""
    return Installed(read_manifest(folder / MANIFEST_FILE), folder)


def installed_in_place(path: Path) -> Installed:
    """Treat a GGUF file, or a folder with a manifest, as an installed model without copying it."""
    if path.is_dir() and (path / MANIFEST_FILE).is_file():
        return read_installed(path)
    if path.is_file() and path.suffix == ".gguf":
        return Installed(gguf_manifest(path), path.parent)
    raise BadInput(f"{path} is no model", f"Give a .gguf file, or a folder with a {MANIFEST_FILE}.")


def gguf_manifest(path: Path) -> Manifest:
    """Describe a GGUF file by its header; the terms are whatever the header says."""
    header = read_header(path)
    licence = str(header.metadata.get("general.license", "unknown"))
    blank = Manifest(
        name=path.stem,
        task="chat",
        title=str(header.metadata.get("general.name", path.stem)),
        licence=licence,
        licence_url=str(header.metadata.get("general.license.link", "")),
        format="gguf",
        files=(ModelFile(path.name, None, header.file_bytes),),
        size_bytes=header.file_bytes,
        notes="A file of your own; its terms are your concern.",
    )
    return with_header(blank, header)


def with_header(manifest: Manifest, header: GgufHeader) -> Manifest:
    """Fill in what the GGUF header knows and the manifest does not say."""
    native: Template = "native" if header.chat_template else "human_bot_base"
    return replace(
        manifest,
        template=manifest.template or native,
        context_tokens=manifest.context_tokens or int(header.of_model("context_length", 0)) or None,
        parameters=manifest.parameters or header.parameters,
    )
