"""Hub data sets: a branch is fixed to the commit it stands at, so that the bytes of a run have a name."""

from __future__ import annotations

import re
from collections.abc import Callable

from headwater.core.errors import DownloadFailed, MissingExtra

_ADDRESS = re.compile(r"hf://datasets/(?P<repository>[^/@]+/[^/@]+)(?:@(?P<revision>[^/]+))?/(?P<file>.+)")
_COMMIT = re.compile(r"[0-9a-f]{40}")
FindCommit = Callable[[str, str | None], str]


def fixed(address: str, find_commit: FindCommit | None = None) -> str:
    """Return the address with a commit as its revision. The hub is asked only when it has none yet."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise DownloadFailed(f"{address} is no file of a data set", "Write hf://datasets/ORG/NAME@REVISION/FILE.")
    revision = found["revision"]
    if revision is None or not _COMMIT.fullmatch(revision):
        revision = (find_commit or ask_hub)(found["repository"], revision)
    return f"hf://datasets/{found['repository']}@{revision}/{found['file']}"


def ask_hub(repository: str, revision: str | None) -> str:
    """Return the commit that a branch or tag stands at. Raises DownloadFailed."""
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise MissingExtra.needed("A data set of the hub", "hub") from error
    try:
        return str(HfApi().dataset_info(repository, revision=revision).sha)
    except Exception as error:
        raise DownloadFailed(
            f"The hub does not give {repository}@{revision or 'main'}: {str(error).splitlines()[0]}",
            "Check organisation, name, revision, network and sign-in.",
        ) from error
