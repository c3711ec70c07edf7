"""Settings: written once here, read once at the edge, never changed.

Order of strength: command-line flag, environment (HEADWATER_DATA_DIR), `settings.toml` in the
data directory, default. This is the only file that reads the environment.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from headwater.core.errors import BadInput

PREFIX = "HEADWATER_"
Source = Literal["file", "environment", "flag"]


def default_data_dir() -> Path:
    """Where a workspace lives unless told otherwise."""
    base = os.environ.get("XDG_DATA_HOME")
    return Path(base) / "headwater" if base else Path.home() / ".local" / "share" / "headwater"


def usable_cores() -> int:
    """Cores this process may run on, which can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def child_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child process: ours with `changes`."""
    return {**os.environ, **changes}


def environment_value(name: str) -> str | None:
    """One variable of the environment that a person names, for an address that holds a secret; None when unset."""
    return os.environ.get(name)


class Endpoint(BaseModel):
    """A chat model behind an OpenAI-compatible URL, asked only when it is named. `url` ends in /v1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="Name it is asked for by.")
    url: str = Field(description="Base URL, up to and including /v1.")
    model: str = Field(description="Name of the model on that server.")
    key: str | None = Field(None, description="Bearer token for that server.", repr=False)
    context_tokens: int = Field(8192, ge=512, description="Context of that model.")


class Settings(BaseModel):
    """Everything a person can set. One field = flag, environment variable, docs row, check."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(default_factory=default_data_dir, description="Directory of the workspace.")
    database_url: str | None = Field(None, description="SQLAlchemy URL; SQLite in the data directory when unset.")
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port of the server; 0 takes a free one.")
    threads: int = Field(default_factory=usable_cores, ge=1, le=512, description="CPU threads a model may use.")
    chat_model: str = Field("starter", description="Model that answers when a request names none.")
    embedder: str = Field("minilm", description="Model that turns text into vectors.")
    context_tokens: int = Field(4096, ge=512, description="Context of a local chat model, per request.")
    parallel: int = Field(4, ge=1, le=64, description="Requests a local chat model serves at once.")
    idle_unload_seconds: int = Field(900, ge=0, description="Unload an idle engine after this; 0 keeps it.")
    max_file_mb: int = Field(200, ge=1, description="Largest file that is accepted.")
    max_pages: int = Field(5000, ge=1, description="Most pages read from one file.")
    max_unpacked_mb: int = Field(1000, ge=1, description="Most bytes an archive may unpack to.")
    parse_seconds: int = Field(300, ge=1, description="Longest time one file may take to read.")
    parse_memory_mb: int = Field(3000, ge=256, description="Most memory reading one file may take.")
    ocr: bool = Field(True, description="Read pages without text by OCR (needs the extra 'ocr').")
    endpoints: tuple[Endpoint, ...] = Field((), description="Chat models on other servers: [[endpoints]] tables.")
    session_days: int = Field(14, ge=1, description="How long a sign-in lasts.")
    allowed_hosts: str = Field("", description="More names the server answers to, with commas; for a proxy before it.")
    requests_per_minute: int = Field(6000, ge=1, description="Most requests of one user in a minute.")
    answers_at_once: int = Field(4, ge=1, description="Most answers of one user that are written at once.")

    _sources: dict[str, Source] = PrivateAttr(default_factory=dict)

    @property
    def sources(self) -> dict[str, Source]:
        """Where each setting that is not the default came from."""
        return dict(self._sources)

    @property
    def catalogue_url(self) -> str:
        """SQLAlchemy URL of the catalogue."""
        return self.database_url or f"sqlite:///{self.data_dir / 'catalogue.db'}"

    @property
    def files_dir(self) -> Path:
        """Content-addressed files, named by sha256."""
        return self.data_dir / "files"

    @property
    def models_dir(self) -> Path:
        """Weights of installed models, one folder each."""
        return self.data_dir / "models"

    @property
    def indexes_dir(self) -> Path:
        """Rebuildable search indexes."""
        return self.data_dir / "indexes"

    @property
    def datasets_dir(self) -> Path:
        """Prepared training data, one folder each."""
        return self.data_dir / "datasets"

    @property
    def runs_dir(self) -> Path:
        """Training runs, one folder each."""
        return self.data_dir / "runs"


def load_settings(**flags: object) -> Settings:
    """Merge flags (None = not given), environment, file and defaults.

    Raises BadInput naming every wrong value at once.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    environment: dict[str, Any] = {
        name: os.environ[PREFIX + name.upper()] for name in Settings.model_fields if PREFIX + name.upper() in os.environ
    }
    data_dir = Path(str(given.get("data_dir") or environment.get("data_dir") or default_data_dir()))
    path = data_dir / "settings.toml"
    try:
        stored = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not valid TOML: {error}", "Correct or remove the file.") from error
    merged = {**stored, **environment, **given, "data_dir": data_dir.expanduser().absolute()}
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        lines = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadInput(f"Wrong settings: {lines}", f"See the flags, {PREFIX}* variables and {path}.") from error
    settings._sources = {
        **dict.fromkeys(stored, "file"),
        **dict.fromkeys(environment, "environment"),
        **dict.fromkeys(given, "flag"),
    }
    return settings
