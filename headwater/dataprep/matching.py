"""Sources that name many files at once: `rows/*.jsonl`, here or in an object store, become one source for each file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from headwater.core.errors import BadInput
from headwater.dataprep.recipe import Recipe, SourceEntry

WILD = "*?["
MOST_FILES = 10_000


def with_matches(recipe: Recipe, remote_allowed: bool = True) -> Recipe:
    """Return the recipe with every pattern replaced by the files it matches, in the order of their names.

    Remote patterns stay as they are when remote sources are not allowed. Raises BadInput for one that matches nothing.
    """
    if not any(_is_pattern(recipe, entry) for entry in recipe.file.sources):
        return recipe
    sources: list[SourceEntry] = []
    for entry in recipe.file.sources:
        if not _is_pattern(recipe, entry) or (entry.remote and not remote_allowed):
            sources.append(entry)
            continue
        found = _remote(entry.path) if entry.remote else _local(recipe, entry)
        if not found:
            raise BadInput(f"No file matches {entry.path}", "Check the pattern; paths start at the recipe's folder.")
        if len(found) > MOST_FILES:
            raise BadInput(f"{len(found):,} files match {entry.path}", f"At most {MOST_FILES:,} are read at once.")
        sources += [entry.model_copy(update={"path": path}) for path in found]
    return replace(recipe, file=recipe.file.model_copy(update={"sources": sources}))


def _is_pattern(recipe: Recipe, entry: SourceEntry) -> bool:
    if not any(sign in entry.path for sign in WILD):
        return False
    # A question mark in a web address begins its query, and a file may well be called "a[1].csv".
    if entry.remote:
        return not entry.path.startswith(("http://", "https://")) or "*" in entry.path
    return not recipe.source(entry).exists()


def _local(recipe: Recipe, entry: SourceEntry) -> list[str]:
    root, pattern = recipe.sources_folder or recipe.folder, Path(entry.path).expanduser()
    base = Path(pattern.anchor) if pattern.is_absolute() else root
    found = base.glob(str(pattern.relative_to(pattern.anchor)))
    return sorted(str(path).removeprefix(f"{root}/") for path in found if path.is_file())


def _remote(address: str) -> list[str]:
    from headwater.records.remote.stored import matches

    if address.startswith(("http://", "https://")):
        raise BadInput(f"{address} cannot be listed", "A web server does not tell its files: name each one.")
    return matches(address)
