"""Data sets: their recipes, trying them on a sample, and running them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from headwater.core.errors import BadInput
from headwater.server.data_shapes import (
    CountsOut,
    DatasetChange,
    DatasetIn,
    DatasetOut,
    PreviewIn,
    PreviewOut,
    RecipeIn,
    RecipeText,
    StepCountOut,
    YamlOut,
)
from headwater.server.data_work_shapes import AllCountsOut, ComparedOut, ThresholdsIn, ThresholdsOut
from headwater.server.identity import SignedIn
from headwater.server.parts import parts_of
from headwater.server.shapes import Done, JobStarted

router = APIRouter(prefix="/api/datasets", tags=["data"])


@router.get("", operation_id="listDatasets")
def list_datasets(request: Request, scope: SignedIn) -> list[DatasetOut]:
    """Your data sets, the last changed first."""
    return [DatasetOut.of(each) for each in parts_of(request).datasets.list(scope)]


@router.post("", status_code=201, operation_id="createDataset")
def create_dataset(request: Request, body: DatasetIn, scope: SignedIn) -> DatasetOut:
    """Begin a data set; its recipe may be incomplete."""
    return DatasetOut.of(parts_of(request).studio.create(scope, body.name, body.recipe))


@router.get("/{dataset_id}", operation_id="getDataset")
def get_dataset(request: Request, dataset_id: str, scope: SignedIn) -> DatasetOut:
    """One data set."""
    return DatasetOut.of(parts_of(request).datasets.get(scope, dataset_id))


@router.patch("/{dataset_id}", operation_id="changeDataset")
def change_dataset(request: Request, dataset_id: str, body: DatasetChange, scope: SignedIn) -> DatasetOut:
    """Give another name, or keep a recipe, which may be incomplete."""
    parts = parts_of(request)
    found = parts.datasets.get(scope, dataset_id)
    if body == DatasetChange():
        raise BadInput("Nothing to change was given", "Send name or recipe.")
    if body.recipe is not None:
        found = parts.studio.save(scope, dataset_id, body.recipe)
    if body.name is not None:
        found = parts.datasets.rename(scope, dataset_id, body.name)
    return DatasetOut.of(found)


@router.delete("/{dataset_id}", operation_id="deleteDataset")
def delete_dataset(request: Request, dataset_id: str, scope: SignedIn) -> Done:
    """Delete a data set with its files; uploaded files stay."""
    parts_of(request).studio.delete(scope, dataset_id)
    return Done()


@router.post("/{dataset_id}/preview", operation_id="previewDataset")
def preview_dataset(request: Request, dataset_id: str, body: PreviewIn, scope: SignedIn) -> PreviewOut:
    """Take the first rows through a recipe and write nothing: counts, changed and dropped rows, thresholds."""
    from headwater.studio.studio import SampleWanted

    parts = parts_of(request)
    parts.datasets.get(scope, dataset_id)
    wanted = SampleWanted(body.rows, body.tokenizer, body.maximum)
    return PreviewOut.model_validate(parts.studio.preview(scope, dataset_id, body.recipe, wanted))


@router.post("/{dataset_id}/counts", operation_id="countDataset")
def count_dataset(request: Request, dataset_id: str, body: RecipeIn, scope: SignedIn) -> CountsOut:
    """Count the sample of the last preview under other thresholds; nothing is measured again."""
    counts = parts_of(request).studio.counts(scope, dataset_id, body.recipe)
    return CountsOut(steps=[StepCountOut.model_validate(count) for count in counts])


@router.post("/{dataset_id}/prepare", status_code=202, operation_id="prepareDataset")
def prepare_dataset(request: Request, dataset_id: str, scope: SignedIn) -> JobStarted:
    """Run the recipe on all rows, as a job."""
    return JobStarted(job_id=parts_of(request).studio.start(scope, dataset_id).id)


@router.get("/{dataset_id}/report", operation_id="getDatasetReport")
def get_report(request: Request, dataset_id: str, scope: SignedIn) -> dict[str, Any]:
    """The report of the last run: the ledger, histograms, examples, licences."""
    return parts_of(request).studio.report(scope, dataset_id)


@router.get("/{dataset_id}/thresholds", operation_id="getThresholds")
def get_thresholds(request: Request, dataset_id: str, scope: SignedIn) -> ThresholdsOut:
    """The thresholds of the last run that can be moved, and how all rows of the run lie."""
    counted, sliders = parts_of(request).studio.thresholds(scope, dataset_id)
    return ThresholdsOut.model_validate({**asdict(counted), "sliders": [asdict(slider) for slider in sliders]})


@router.post("/{dataset_id}/thresholds", operation_id="countThresholds")
def count_thresholds(request: Request, dataset_id: str, body: ThresholdsIn, scope: SignedIn) -> AllCountsOut:
    """Count all rows of the last run under other thresholds; nothing is measured again and nothing is changed."""
    from headwater.studio.thresholds import Moved

    moved = [Moved(one.place, one.option, one.value) for one in body.moved]
    return AllCountsOut.model_validate(asdict(parts_of(request).studio.thresholds(scope, dataset_id, moved)[0]))


@router.get("/{dataset_id}/compare", operation_id="compareDatasets")
def compare_datasets(request: Request, dataset_id: str, scope: SignedIn, before: str | None = None) -> ComparedOut:
    """The last run beside that of the data set `before`, or beside the run before it: ledgers and distributions."""
    return ComparedOut.model_validate(parts_of(request).studio.compare(scope, dataset_id, before))


@router.get("/{dataset_id}/recipe", operation_id="getRecipe")
def get_recipe(request: Request, dataset_id: str, scope: SignedIn) -> YamlOut:
    """The recipe as the YAML file that the command line reads too."""
    return YamlOut(yaml=parts_of(request).studio.recipe_text(scope, dataset_id))


@router.post("/{dataset_id}/recipe", operation_id="takeRecipe")
def take_recipe(request: Request, dataset_id: str, body: RecipeText, scope: SignedIn) -> DatasetOut:
    """Use a recipe file. Its sources are your uploaded files of those names; all mistakes are named at once."""
    return DatasetOut.of(parts_of(request).studio.take_recipe(scope, dataset_id, body.yaml))
