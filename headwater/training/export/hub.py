"""Publishing an exported folder on a model hub. Runs only when a person asks for it, and private by default."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput, Conflict, Forbidden, HeadwaterError, MissingExtra, NotSignedIn

HUB_URL = "https://huggingface.co"
# What a folder of weights consists of; states of a trainer, logs and data stay here.
KEPT = ("*.safetensors", "*.gguf", "*.json", "*.jinja", "*.model", "*.md", "*.txt", "LICENSE*", "NOTICE*")

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class PushResult:
    """Where the folder went."""

    url: str
    private: bool
    files: tuple[str, ...]
    size_bytes: int

    @property
    def sentence(self) -> str:
        """The result for a person."""
        seen = "private" if self.private else "PUBLIC"
        return f"{len(self.files)} files ({self.size_bytes / 1e6:.1f} MB) are at {self.url} ({seen})."


def push_folder(
    folder: Path, repository: str, *, private: bool = True, token: str | None = None, url: str = HUB_URL
) -> PushResult:
    """Upload the model files of `folder` to `repository` ("name/model"), making it if need be.

    Without a token that of `hf auth login` is used. A repository that is public already is refused
    unless `private` is False. Raises BadInput, MissingExtra, NotSignedIn, Forbidden, Conflict, and
    HeadwaterError when the hub is not reached.
    """
    if _REPOSITORY.fullmatch(repository) is None or ".." in repository:
        raise BadInput(f"{repository!r} is no repository of a hub", "Write it as NAME/MODEL.")
    files = [path for pattern in KEPT for path in folder.glob(pattern) if path.is_file()]
    paths = sorted(dict.fromkeys(path for path in files if not path.name.startswith(".")))
    if not any(path.suffix in (".safetensors", ".gguf") for path in paths):
        raise BadInput(f"{folder} holds no weights", "Give an adapter, a merged folder or a folder with GGUF files.")
    try:
        from huggingface_hub import HfApi
    except ImportError:
        raise MissingExtra.needed("Uploading to a hub", "hub") from None
    hub = HfApi(endpoint=url, token=token, library_name="headwater")
    _upload(hub, paths, repository, private=private)
    return PushResult(
        f"{url}/{repository}", private, tuple(path.name for path in paths), sum(path.stat().st_size for path in paths)
    )


def _upload(hub: Any, paths: Sequence[Path], repository: str, *, private: bool) -> None:
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    try:
        hub.create_repo(repository, private=private, exist_ok=True)
        if private and not hub.model_info(repository).private:
            raise Conflict(
                f"{repository} is there already and public, so everybody would see the upload",
                "Say that it may be public, or choose another name.",
            )
        names = [glob.escape(path.name) for path in paths]  # by name: a pattern would also take hidden files
        message, folder = "Upload from Headwater", paths[0].parent
        hub.upload_folder(repo_id=repository, folder_path=folder, allow_patterns=names, commit_message=message)
    except LocalTokenNotFoundError as error:
        raise NotSignedIn("The hub wants a token and there is none", "hf auth login, or pass a token.") from error
    except HfHubHTTPError as error:
        raise _refusal(repository, error) from error
    except (httpx2.TransportError, OfflineModeIsEnabled, OSError) as error:
        raise HeadwaterError(
            f"The hub was not reached: {error}", "Check the network; nothing was changed here."
        ) from error


def _refusal(repository: str, error: Any) -> HeadwaterError:
    status = error.response.status_code
    if status == 401:
        return NotSignedIn(
            f"The hub did not accept the token for {repository}", "hf auth login with a token that writes."
        )
    if status == 403:
        return Forbidden(f"The token may not write to {repository}", "Make a token that may write there.")
    return HeadwaterError(f"The hub answered {status} for {repository}: {error}", "Try again later.")
