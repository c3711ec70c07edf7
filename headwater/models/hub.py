"""A model hub over plain HTTPS: what a repository holds, and its files at a fixed revision.

Names are `hf:ORG/NAME[@revision][:file.gguf]`. Nothing is contacted unless such a name is asked for.
Routes: GET /api/models/REPO/revision/REV?blobs=true and GET /REPO/resolve/REV/FILE.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from headwater.core.errors import BadInput, DownloadFailed
from headwater.models.manifest import HubSource, Manifest, ModelFile

PREFIX = "hf:"
HUB_URL = "https://huggingface.co"
# Licences that ask nothing of a user beyond notices.
FREE_LICENCES = frozenset(
    {"apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "isc", "cc0-1.0", "cc-by-4.0", "unlicense", "zlib"}
)

_NAME = re.compile(r"hf:(?P<repository>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?(:(?P<file>[\w./-]+\.gguf))?")
_GGUF_PART = re.compile(r"-\d{5}-of-\d{5}\.gguf$")
_KEPT_ENDINGS = (".safetensors", ".json", ".jinja", ".model", ".txt", "LICENSE", "LICENSE.md", "LICENCE", "NOTICE")


@dataclass(frozen=True, slots=True)
class HubName:
    """The parts of an `hf:` name. `revision` may be a branch; a pull fixes it to a commit."""

    repository: str
    revision: str = "main"
    file: str | None = None

    @classmethod
    def parse(cls, name: str) -> HubName:
        """Read `hf:ORG/NAME[@revision][:file.gguf]`. Raises BadInput."""
        match = _NAME.fullmatch(name)
        if match is None or ".." in name:
            raise BadInput(
                f"{name!r} is no hub name", "Write hf:ORG/NAME, hf:ORG/NAME@REVISION or hf:ORG/NAME:FILE.gguf."
            )
        return cls(match["repository"], match["revision"] or "main", match["file"])

    @property
    def folder(self) -> str:
        """The name the model gets here, which is also that of its folder."""
        base = self.repository.replace("/", "--")
        return base if self.file is None else f"{base}--{self.file.removesuffix('.gguf').replace('/', '--')}"


@dataclass(frozen=True, slots=True)
class Hub:
    """Where the hub is and the token that opens gated repositories."""

    url: str = HUB_URL
    token: str | None = None

    def client(self) -> httpx.Client:
        """Open a client; proxies of the environment hold."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30.0, follow_redirects=True)

    def resolve(self, name: HubName) -> Manifest:
        """Ask the hub what `name` holds and fix its revision. Raises DownloadFailed, BadInput."""
        path = f"/api/models/{name.repository}/revision/{name.revision}"
        with self.client() as client:
            try:
                response = client.get(path, params={"blobs": "true"})
            except httpx.HTTPError as error:
                raise DownloadFailed(
                    f"{self.url} was not reached: {error}", "Check the network, or pull --from FILE."
                ) from error
        check_status(response, f"{name.repository}@{name.revision}")
        return _manifest(name, response.json(), f"{self.url}/{name.repository}")


def check_status(response: httpx.Response, what: str) -> None:
    """Raise DownloadFailed for a refusal, saying what it means on a hub."""
    if response.is_success:
        return
    meanings: Mapping[int, tuple[str, str]] = {
        401: ("is gated or does not exist", "Accept its terms on the hub and set a token."),
        403: ("is not open to this token", "Accept its terms on the hub."),
        404: ("does not exist", "Check organisation, name, revision and file."),
    }
    meaning, hint = meanings.get(response.status_code, ("was not delivered", "Try again later."))
    raise DownloadFailed(f"{what} {meaning} (HTTP {response.status_code})", hint)


def _manifest(name: HubName, reply: Mapping[str, Any], link: str) -> Manifest:
    files = {str(file["rfilename"]): file for file in reply.get("siblings", [])}
    card = reply.get("cardData") or {}
    licence = str(card.get("license") or _tag(reply.get("tags", ()), "license:") or "unknown")
    chosen = choose_files(name, files)
    return Manifest(
        name=name.folder,
        task="embed" if chosen.encoder else "chat",
        title=name.repository if name.file is None else f"{name.repository} {name.file}",
        licence=str(card.get("license_name") or licence),
        licence_url=str(card.get("license_link") or link),
        needs_acceptance=licence not in FREE_LICENCES or bool(reply.get("gated")),
        format=chosen.format,
        files=tuple(_file(files[origin], target) for origin, target in chosen.files.items()),
        sources=(HubSource(name.repository, str(reply["sha"]), chosen.files),),
        size_bytes=sum(_size(files[origin]) for origin in chosen.files),
        build="sentence-encoder-int8" if chosen.encoder and chosen.format == "onnx" else None,
        notes=f"From {link} at revision {reply['sha']}.",
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files to take from a repository, as path there -> name here."""

    format: Any
    files: Mapping[str, str]
    encoder: bool = False


def choose_files(name: HubName, files: Mapping[str, Any]) -> Chosen:
    """Decide what of a repository is the model: one GGUF, a sentence encoder, or the safetensors."""
    ggufs = sorted(file for file in files if file.endswith(".gguf"))
    if name.file is not None or ggufs:
        return Chosen("gguf", {_one_gguf(name, ggufs): "model.gguf"})
    if {"modules.json", "1_Pooling/config.json", "model.safetensors", "tokenizer.json", "config.json"} <= files.keys():
        wanted = {file: file for file in ("model.safetensors", "tokenizer.json", "config.json")}
        return Chosen("onnx", {**wanted, "1_Pooling/config.json": "pooling.json"}, encoder=True)
    if any(file.endswith(".safetensors") for file in files):
        return Chosen(
            "safetensors", {file: file for file in sorted(files) if "/" not in file and file.endswith(_KEPT_ENDINGS)}
        )
    raise BadInput(f"{name.repository} holds neither GGUF nor safetensors files", "Choose another repository.")


def _one_gguf(name: HubName, ggufs: Sequence[str]) -> str:
    whole = [file for file in ggufs if not _GGUF_PART.search(file)]
    if name.file is not None:
        if name.file in whole:
            return name.file
        raise BadInput(
            f"{name.repository} has no file {name.file!r}", f"It has: {', '.join(whole) or 'none in one piece'}."
        )
    if len(whole) == 1:
        return whole[0]
    raise BadInput(
        f"{name.repository} has {len(whole)} GGUF files",
        f"Choose one: {', '.join(f'{PREFIX}{name.repository}:{f}' for f in whole)}",
    )


def _file(entry: Mapping[str, Any], target: str) -> ModelFile:
    large = entry.get("lfs") or {}
    return ModelFile(target, large.get("sha256"), _size(entry), None if large else entry.get("blobId"))


def _size(entry: Mapping[str, Any]) -> int:
    return int((entry.get("lfs") or {}).get("size") or entry.get("size") or 0)


def _tag(tags: Sequence[str], prefix: str) -> str | None:
    return next((tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)), None)
