"""headwater data: look at rows, prepare them by a recipe, convert them between formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from headwater.cli.options import AsJson, DataDir, workspace
from headwater.cli.output import note, print_json, progress_bar, say, table
from headwater.core.errors import BadInput, HeadwaterError

if TYPE_CHECKING:
    from headwater.dataprep.recipe import Recipe
    from headwater.dataprep.step import Reward, Services
    from headwater.records.readers.containers import DocumentReader
    from headwater.workspace import Workspace

app = typer.Typer(help="Prepare training data: inspect, prepare, convert.", no_args_is_help=True)
SMALL_BYTES = 50_000_000

Rows = Annotated[Path, typer.Argument(help="A file of rows.", show_default=False)]
Format = Annotated[str | None, typer.Option("--format", help="Format of the rows; told by their fields when unset.")]
Mapping = Annotated[
    list[str] | None, typer.Option("--map", help="field=column, for rows in no known format; may be repeated.")
]


@app.command("inspect")
def inspect(file: Rows, format_name: Format = None, mapping: Mapping = None, as_json: AsJson = False) -> None:
    """Say what a file holds: format, columns, five samples, every bad row."""
    from headwater.dataprep.inspection import inspect_file

    with progress_bar("Reading") as report:
        found = inspect_file(file, format_name, _mapping(mapping), report)
    if as_json:
        print_json(found)
        return
    say(f"{found['path']}: {found['rows']:,} rows, {found['records']:,} records, {found['bad']:,} bad rows")
    others = f" (would also fit: {', '.join(found['others'])})" if found["others"] else ""
    say(f"format: {found['format']}{others}; columns: {', '.join(found['columns'])}")
    for number, sample in enumerate(found["samples"], 1):
        say(f"--- sample {number} · {sample['task']}")
        for part in sample["texts"]:
            say(f"  {part['field']}: {part['text']}")
    for reason, count in found["bad_reasons"].items():
        note(f"bad: {count:,} x {reason}")


@app.command("recipe")
def begin(
    file: Rows,
    task: Annotated[str | None, typer.Option(help="What the set is to teach; told from the rows when unset.")] = None,
    format_name: Format = None,
    mapping: Mapping = None,
) -> None:
    """Print a recipe to begin with: the rows of a file and the steps that its task usually needs."""
    import yaml

    from headwater.core.errors import UnknownName
    from headwater.dataprep.defaults import DEFAULTS
    from headwater.records.reading import SourceSettings, open_source
    from headwater.records.record import Task

    columns = _mapping(mapping)
    source = open_source(file, SourceSettings(format_name, columns))
    known = [kind.value for kind in Task]
    if task is not None and task not in known:
        raise UnknownName.among("task", task, known)
    teaches = Task(task) if task is not None else next((record.task for record in source.samples), Task.PRETRAINING)
    named = {"format": format_name} if format_name else {"mapping": columns} if columns else {}
    recipe = {
        "version": 1, "task": teaches.value, "seed": 0, "sources": [{"path": file.as_posix(), **named}],
        "steps": DEFAULTS[teaches], "split": {"validation": 0.05, "by": "origin"},
        "output": {"path": f"{file.stem}-prepared"},
    }  # fmt: skip
    say(yaml.safe_dump(recipe, sort_keys=False, allow_unicode=True).rstrip())


@app.command("prepare")
def prepare(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a YAML file.", show_default=False)],
    workers: Annotated[int | None, typer.Option(help="Processes; any number gives the same bytes.", min=1)] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Take 1,000 rows of each source and write nothing.")
    ] = False,
    max_errors: Annotated[int | None, typer.Option(help="Quarantined rows that are still no failure.", min=0)] = None,
    keep_work: Annotated[bool, typer.Option("--keep-work", help="Keep what lies between the stages.")] = False,
    sources: Annotated[Path | None, typer.Option(help="Folder where the sources' paths start.")] = None,
    output: Annotated[Path | None, typer.Option(help="Where the result goes instead.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Ray cluster that does the work.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Run a recipe. A run that was stopped goes on where it was."""
    from headwater.dataprep import run as running
    from headwater.dataprep.matching import with_matches
    from headwater.dataprep.recipe import load_recipe

    loaded = _with_tokenizers(with_matches(load_recipe(recipe).placed(sources, output)), data_dir)
    with _outside(loaded, data_dir) as (services, document), progress_bar("Preparing") as report:
        chosen = running.RunSettings(
            workers=workers or _workers([loaded.source(source) for source in loaded.file.sources]),
            dry_run_rows=running.DRY_RUN_ROWS if dry_run else None,
            keep_work=keep_work,
            services=services,
            document=document,
            cluster=cluster,
        )
        result = running.prepare(loaded, chosen, report)
    if as_json:
        print_json(result.json)
    else:
        _show(result.json)
    allowed = result.max_errors if max_errors is None else max_errors
    if result.json["rows_quarantined"] > allowed:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in result.json["quarantined_reasons"].items())
        raise HeadwaterError(
            f"{result.json['rows_quarantined']:,} rows were quarantined ({reasons}); {allowed:,} are allowed.",
            "The other rows were written. Each bad row is named in quarantine.jsonl beside them; "
            "--max-errors or max_errors in the recipe allows more.",
        )


def _with_tokenizers(recipe: Recipe, data_dir: Path | None) -> Recipe:
    """Give the recipe the tokenizers that it calls by the name of an installed model."""
    names = recipe.model_names()
    if not names:
        return recipe
    from headwater.model_tokenizers import FOLDER, ModelTokenizers

    with workspace(data_dir) as ws:
        tokenizers = ModelTokenizers(ws.models, ws.settings.data_dir / FOLDER)
        return recipe.with_named({name: tokenizers.path(name) for name in names})


@contextmanager
def _outside(recipe: Recipe, data_dir: Path | None) -> Iterator[tuple[Services, DocumentReader | None]]:
    """Open the workspace only when a step asks for a model or a source is a document."""
    from headwater.dataprep.step import Services
    from headwater.records.readers.containers import holds_rows

    needed = {name for entry in recipe.steps for name in entry.make(recipe, Services()).needed()}
    if not needed and all(holds_rows(recipe.source(source)) for source in recipe.file.sources):
        yield Services(), None
        return
    with workspace(data_dir) as ws:
        embedder = ws.embedder if "embed" in needed else None
        embed = embedder.embed if embedder is not None else None
        yield Services(embed=embed, reward_named=lambda name: _reward(ws, name)), _text_reader(ws)


def _reward(ws: Workspace, name: str) -> Reward:
    """Return the scores of a reward model that was trained here, or of an installed one that reads pairs."""
    from headwater.dataprep.rewards import local_reward

    run = ws.training.runs / name
    if Path(name).name == name and (run / "config.yaml").is_file():
        from headwater.training.preference.reward_model import RewardModel, as_reward, base_name

        return as_reward(RewardModel.open(run, ws.training.base(base_name(run))))
    return local_reward(ws.supervisor.pair_encoder(name))


def _text_reader(ws: Workspace) -> DocumentReader:
    """Return a function that gives the text of a document."""

    def text_of(path: Path) -> str:
        return "\n\n".join(page.text for page in ws.extractor.extract(path, name=path.name).pages)

    return text_of


def _workers(sources: Sequence[Path]) -> int:
    """More processes cost seconds to start, so small inputs use one."""
    from headwater.core.settings import usable_cores

    size = sum(path.stat().st_size for path in sources if path.is_file())
    return usable_cores() if size >= SMALL_BYTES else 1


def _show(report: dict[str, Any]) -> None:
    rows = [
        (step["name"], f"{step['in']:,}", f"{step['out']:,}", f"{step['dropped']:,}", f"{step['changed']:,}",
         f"{step['seconds']:.2f}", ", ".join(f"{reason}: {count:,}" for reason, count in step["reasons"].items()))
        for step in report["steps"]
    ]  # fmt: skip
    table(["step", "in", "out", "dropped", "changed", "cpu s", "reasons"], rows)
    say(
        f"rows: {report['rows_in']:,} in = {report['rows_out']:,} out + {report['rows_dropped']:,} dropped "
        f"+ {report['rows_quarantined']:,} quarantined"
        + (f" - {report['rows_added']:,} added" if "rows_added" in report else "")
    )
    for file in report["output"]["files"]:
        say(f"{file['path']}: {file['rows']:,} rows, {file['format']}, {file['bytes']:,} bytes")
    for what, count in report["output"].get("losses", {}).items():
        note(f"not kept by the format: {what} ({count:,} rows)")
    for what, count in report["output"].get("problems", {}).items():
        note(f"a trainer may refuse: {what} ({count:,} rows)")


@app.command("convert")
def convert(
    file: Rows,
    target: Annotated[Path, typer.Argument(help="The new file; its suffix says what kind.", show_default=False)],
    to: Annotated[str, typer.Option("--to", help="Format to write, for example messages, alpaca, dpo.")],
    format_name: Format = None,
    mapping: Mapping = None,
    max_errors: Annotated[int, typer.Option(help="Bad rows that are still no failure.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Convert rows to another format. What the format cannot hold is named and counted."""
    from headwater.dataprep.inspection import convert_file

    with progress_bar("Converting") as report:
        done = convert_file((file, format_name, _mapping(mapping)), target, to, report)
    if as_json:
        print_json(done)
    else:
        say(f"{target}: {done['records']:,} records in {done['rows']:,} rows, {to}")
        for kind in ("losses", "problems", "bad_reasons", "refused_reasons"):
            for what, count in done[kind].items():
                note(f"{kind.replace('_reasons', '')}: {count:,} x {what}")
    failed = done["bad"] + done["refused"]
    if failed > max_errors:
        raise HeadwaterError(
            f"{failed:,} of {done['rows_in']:,} records were not written.",
            "The reasons are above; --max-errors allows more.",
        )


@app.command("generate")
def generate(
    kind: Annotated[
        Literal["questions", "summaries", "evolve", "align"],
        typer.Argument(help="Questions or summaries from documents; harder instructions; better answers."),
    ],
    source: Annotated[Path, typer.Argument(help="Documents (a file or a folder), or rows.", show_default=False)],
    target: Annotated[Path, typer.Argument(help="The new file of rows.", show_default=False)],
    rows: Annotated[int, typer.Option(help="Records to make at most.", min=1)] = 100,
    model: Annotated[str | None, typer.Option(help="Chat model; the default model when unset.")] = None,
    to: Annotated[str, typer.Option("--to", help="Format to write.")] = "headwater",
    requests: Annotated[int | None, typer.Option(help="Most requests to the model.", min=1)] = None,
    tokens: Annotated[int | None, typer.Option(help="Most generated tokens.", min=1)] = None,
    seed: Annotated[int, typer.Option(help="Seed of every choice.", min=0)] = 0,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Make training data with a chat model. Run again to go on: no request is sent twice."""
    from headwater.dataprep.generate.asking import Asker, Budget
    from headwater.dataprep.generate.kinds import make
    from headwater.records.writing import write_records

    with workspace(data_dir) as ws, progress_bar("Generating") as report:
        chat_model = ws.chat_model(model)
        if chat_model is None:
            raise BadInput("There is no chat model to ask.", "Get one: headwater models pull starter.")

        cache = target.with_name(f".{target.name}.requests.db")
        with Asker(chat_model, cache, Budget(requests, tokens)) as asker:
            made = make(kind, asker, source, _text_reader(ws), (rows, seed), report)
    written = write_records(made.records, target, to)
    if as_json:
        print_json({**made.to_json(), "path": str(target), "rows": written.rows})
        return
    say(f"{target}: {written.rows:,} rows, {made.spent.requests:,} requests, {made.spent.cached:,} from the cache")
    for reason, count in made.refused.most_common():
        note(f"refused: {count:,} x {reason}")
    if made.stopped:
        note(f"stopped: {made.stopped}")


@app.command("steps")
def steps(
    name: Annotated[str | None, typer.Argument(help="One step; all when unset.")] = None, as_json: AsJson = False
) -> None:
    """List the steps of a recipe and their options."""
    from headwater.dataprep.pages import step_table

    found = [entry for entry in step_table() if name is None or entry["name"] == name]
    if not found:
        from headwater.dataprep.registry import STEPS

        raise BadInput(f"No step {name!r}.", f"Known: {', '.join(STEPS)}.")
    if as_json:
        print_json(found)
    elif name is None:
        table(["step", "kind", "what it does"], [(e["name"], e["kind"], e["summary"]) for e in found])
    else:
        say(found[0]["summary"])
        table(
            ["option", "default", "meaning"], [(o["name"], o["default"], o["description"]) for o in found[0]["options"]]
        )


@app.command("diff")
def diff(
    before: Annotated[Path, typer.Argument(help="A report.json, or the folder that holds it.", show_default=False)],
    after: Annotated[Path, typer.Argument(help="The other one.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Show which numbers of two reports differ."""
    from headwater.dataprep.report import difference, load_report

    try:
        lines = difference(load_report(before), load_report(after))
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"This is no report of a run: {error}", "Give report.json or the output folder.") from error
    if as_json:
        print_json(lines)
    elif lines:
        table(["what", "before", "after"], [(line["what"], line["before"], line["after"]) for line in lines])
    else:
        say("no difference")


def _mapping(given: list[str] | None) -> dict[str, str]:
    mapping = {}
    for entry in given or []:
        field, mark, column = entry.partition("=")
        if not mark or not field or not column:
            raise BadInput(
                f"--map {entry!r} is not field=column", "For example --map question=Frage --map answer=Antwort."
            )
        mapping[field] = column
    return mapping
