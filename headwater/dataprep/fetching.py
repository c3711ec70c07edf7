"""Remote sources of a recipe, fetched to files before the run; nothing is asked for that the recipe does not name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from headwater.core.errors import Forbidden
from headwater.core.progress import Report
from headwater.dataprep.recipe import Recipe


@dataclass(frozen=True)
class FetchedRecipe:
    """The recipe with its remote sources as files, and the exact address of each (hub data sets: the commit)."""

    recipe: Recipe
    addresses: dict[str, str]


def fetch_sources(
    recipe: Recipe, folder: Path, allowed: bool, report: Report, first_rows: int | None = None
) -> FetchedRecipe:
    """Fetch every remote source into `folder`; one that lies there already, unchanged, is kept.

    `first_rows`: so many rows of each suffice; of files that cannot be read from their head all is fetched.

    Raises Forbidden when remote sources are not `allowed`, DownloadFailed, BadInput, MissingExtra.
    """
    found: dict[str, Path] = {}
    addresses: dict[str, str] = {}
    for entry in recipe.file.sources:
        if not entry.remote or entry.label in found:
            continue
        if not allowed:
            raise Forbidden(
                f"The source {entry.label} lies elsewhere, and remote sources are closed here.",
                "Upload the rows, or ask an administrator.",
            )
        from headwater.records.remote.fetch import fetch
        from headwater.records.remote.head import fetch_head, has_head
        from headwater.records.remote.place import place_of, place_of_query

        if entry.sql is not None and entry.query is not None:
            place = place_of_query(entry.sql, entry.query, recipe.folder)
        else:
            place = place_of(entry.path)
        target = folder / place.folder / place.name
        if first_rows is not None and has_head(place.name, entry.text_unit):
            found[entry.label] = fetch_head(place.remote, target, first_rows, report)
        else:
            found[entry.label] = fetch(place.remote, target, report)
        addresses[entry.label] = place.address
    return FetchedRecipe(recipe.with_fetched(found) if found else recipe, addresses)
