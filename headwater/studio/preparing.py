"""The jobs of the studio: a recipe run on all rows, and rows corrected by hand written to the files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from headwater.core.errors import HeadwaterError
from headwater.core.progress import Progress, Report
from headwater.dataprep import run as running
from headwater.dataprep.recipe import Recipe
from headwater.dataprep.report import RunReport
from headwater.dataprep.step import Services
from headwater.records.readers.containers import DocumentReader
from headwater.studio.recipes import to_yaml

SMALL_BYTES = 50_000_000
RECIPE_FILE, REPORT_FILE, REPORT_PAGE = "recipe.yaml", "report.json", "report.html"
PREVIOUS_REPORT = "previous_report.json"


class Work(Protocol):
    """What a running job may say and ask."""

    def report(self, progress: Progress) -> None:
        """Say how far the work is."""
        ...

    def check(self) -> None:
        """Raise Cancelled when the work should stop."""
        ...


def watched(work: Work) -> Report:
    """Report to the job and stop when it should; the rows of a stage are those that the one before let through."""
    last = Progress(0, None, "rows")
    total: int | None = None

    def tell(progress: Progress) -> None:
        nonlocal last, total
        work.check()
        if progress.stage != last.stage:
            total = last.done or None
        last = progress
        known = progress.total if progress.total is not None else total
        work.report(
            Progress(progress.done, known if known and known >= progress.done else None, "rows", progress.stage)
        )

    return tell


def prepare_into(
    folder: Path, recipe: Recipe, outside: tuple[Services, DocumentReader | None], work: Work
) -> RunReport:
    """Run a recipe; its files take the place of the folder's only when they are complete.

    What is half done lies beside the folder, so a job that was stopped goes on where it was.
    """
    fresh = folder.with_name(f".new-{folder.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    services, document = outside
    settings = running.RunSettings(workers=_workers(recipe), services=services, document=document, remote_allowed=False)
    result = running.prepare(recipe.placed(None, fresh), settings, watched(work))
    _without_paths(fresh, result)
    return result


def swap_in(folder: Path, recipe: Mapping[str, Any]) -> None:
    """Put the finished files in the place of the earlier ones, with the recipe that made them.

    Of the earlier run its report stays, to compare with.
    """
    fresh, old = folder.with_name(f".new-{folder.name}"), folder.with_name(f".old-{folder.name}")
    if (folder / REPORT_FILE).is_file():
        shutil.copyfile(folder / REPORT_FILE, fresh / PREVIOUS_REPORT)
    (fresh / RECIPE_FILE).write_text(to_yaml(recipe), "utf-8")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _without_paths(folder: Path, result: RunReport) -> None:
    """Files are told by their names: where this machine keeps them is nobody's business."""
    for file in result.json["output"].get("files", []):
        file["path"] = Path(str(file["path"])).name
    result.json["recipe"]["output"]["path"] = "out"
    text = json.dumps(result.json, ensure_ascii=False, indent=1)
    (folder / REPORT_FILE).write_text(text + "\n", "utf-8")
    (folder / REPORT_PAGE).write_text(result.page(), "utf-8")


def _workers(recipe: Recipe) -> int:
    """More processes cost seconds to start, so small inputs use one."""
    from headwater.core.settings import usable_cores

    size = sum(recipe.source(source).stat().st_size for source in recipe.file.sources)
    return usable_cores() if size >= SMALL_BYTES else 1


def summary_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts that a list of data sets shows."""
    files = report["output"].get("files", [])
    splits = {file["split"]: file["records"] for file in files}
    return {
        "rows_in": report["rows_in"], "rows_out": report["rows_out"], "rows_dropped": report["rows_dropped"],
        "rows_quarantined": report["rows_quarantined"], "rows_added": report.get("rows_added", 0),
        "balanced": report["balanced"], "seconds": report["seconds"], "format": report["output"].get("format", ""),
        "splits": splits, "bytes": sum(int(file["bytes"]) for file in files),
        "edited": 0, "relevant": 0, "not_relevant": 0,
    }  # fmt: skip


def load_report(folder: Path, name: str = REPORT_FILE) -> dict[str, Any]:
    """Read the report of the last run. Raises HeadwaterError when the folder lost it."""
    try:
        found: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise HeadwaterError(f"The report of this data set cannot be read: {error}", "Prepare it again.") from error
    return found
