"""headwater train: a config becomes an adapter; watched, paused, resumed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headwater.cli.options import AsJson, DataDir, workspace
from headwater.cli.output import note, print_json, progress_bar, say, table
from headwater.core.errors import BadInput
from headwater.core.progress import Progress

if TYPE_CHECKING:
    from headwater.training.config import TrainingConfig
    from headwater.training.devices.launch import Training
    from headwater.training.run_folder import RunFolder
    from headwater.workspace import Workspace

LOOK_SECONDS = 0.5


def train(
    config: Annotated[Path | None, typer.Argument(help="The config, a YAML file.", show_default=False)] = None,
    overrides: Annotated[list[str] | None, typer.Argument(help="section.key=value", show_default=False)] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print the plan and stop; no weights are loaded.")] = False,
    resume: Annotated[str | None, typer.Option(help="Go on with this run from its last checkpoint.")] = None,
    nodes: Annotated[
        int | None,
        typer.Option(min=2, help="Print the command that each of so many machines starts, and start nothing."),
    ] = None,
    serve: Annotated[str | None, typer.Option(help="Let the result of this run answer, where that failed.")] = None,
    runs: Annotated[bool, typer.Option("--list", help="List the runs.")] = False,
    foreign: Annotated[
        Path | None,
        typer.Option("--from", help="Print the config that a YAML of axolotl, LLaMA-Factory or LLM Studio becomes."),
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a config.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Fine-tune a model. The result is served at once under the run's name."""
    if schema:
        from headwater.training.config import TrainingConfig

        print_json(TrainingConfig.model_json_schema())
        return
    if foreign is not None:
        _import(foreign, as_json)
        return
    with workspace(data_dir) as ws:
        if runs:
            _list(ws, as_json)
        elif resume is not None:
            _go_on(ws, resume, as_json)
        elif serve is not None:
            _serve(ws, serve)
        elif config is None:
            raise BadInput("There is no config to train.", "Give a YAML file, --resume RUN, or --list.")
        else:
            more = [] if nodes is None else [f"parallel.nodes={nodes}"]
            _train(ws, config, [*(overrides or []), *more], plan, as_json)


def _train(ws: Workspace, path: Path, overrides: list[str], plan_only: bool, as_json: bool) -> None:
    from headwater.training.devices.launch import new_run
    from headwater.training.load_config import load_config, sweep_configs
    from headwater.training.runs import refuse_too_large

    config = load_config(path, overrides)
    board = []
    for differs, point in sweep_configs(config):
        planned = ws.training.plan(point)
        if plan_only:
            print_json(planned) if as_json else _show_plan(planned, differs)
            continue
        refuse_too_large(point, planned)
        folder = new_run(point, ws.training.runs)
        folder.write_json("plan.json", planned)
        if point.parallel.nodes > 1:
            _tell_machines(ws, folder, point, as_json)
            continue
        if not as_json:
            say(f"run {folder.name}{': ' + differs if differs else ''} · {folder.path}")
        board.append((folder, differs, _watch(ws, folder, point, as_json)))
    if len(board) > 1 and not as_json:
        _leaderboard(board)


def _tell_machines(ws: Workspace, folder: RunFolder, config: TrainingConfig, as_json: bool) -> None:
    """Several machines start one run: the same command on each, in a folder that all of them see."""
    line = ws.training.command(config, folder)
    if as_json:
        print_json({"run": folder.name, "path": str(folder.path), "command": line, "nodes": config.parallel.nodes})
        return
    say(f"run {folder.name} · {folder.path}")
    note(f"Start this on each of the {config.parallel.nodes} machines; {folder.path} must be the same folder on all.")
    say(line)
    note(f"When it is done: headwater train --serve {folder.name}")


def _go_on(ws: Workspace, name: str, as_json: bool) -> None:
    from headwater.training.load_config import load_config
    from headwater.training.run_folder import RunFolder

    folder = RunFolder.find(ws.training.runs, name)
    _watch(ws, folder, load_config(folder.path / "config.yaml"), as_json)


def _import(path: Path, as_json: bool) -> None:
    """Print our config; what could not be carried over goes to standard error, so that the config can be kept."""
    from headwater.training.importers.read import read_foreign

    found = read_foreign(path)
    if as_json:
        print_json({"trainer": found.trainer, "config": found.values, "left": dict(found.left)})
        return
    say(found.text)
    note(f"from {found.trainer}: {len(found.left)} key(s) were not carried over")
    for key, why in found.left.items():
        note(f"  {key}: {why}")
    found.checked(f"the config made of {path}")


def _serve(ws: Workspace, name: str) -> None:
    from headwater.training.run_folder import RunFolder

    folder = RunFolder.find(ws.training.runs, name)
    added = ws.training.serve(folder)
    if added is None:
        why = [line["text"] for line in folder.lines("events.jsonl") if line["kind"] == "served"]
        raise BadInput(why[-1] if why else f"The run {name!r} has no result yet.", "It must be done.")
    say(f"chat with it: headwater chat --model {added}")


def _watch(ws: Workspace, folder: RunFolder, config: TrainingConfig, as_json: bool) -> dict[str, Any]:
    """Run to the end, showing its progress. Ctrl-C stops it at the next step, with a checkpoint."""
    training = ws.training.start(folder, config)
    try:
        with progress_bar("Training") as report:
            while training.wait(LOOK_SECONDS) is None:
                _tell(folder, report)
    except KeyboardInterrupt:
        note("stopping at the next step; resume with: headwater train --resume " + folder.name)
        _stop(training)
        raise
    training.result()
    with progress_bar("Serving") as report:
        report(Progress(0, None, "steps", "getting ready to answer"))
        added = ws.training.serve(folder)
    state = folder.state()
    if as_json:
        print_json({"run": folder.name, "path": str(folder.path), "served": added, **state})
    else:
        _show_end(folder, state, added)
    return state


def _tell(folder: RunFolder, report: Any) -> None:
    state = folder.read_json("state.json") or {}
    if state.get("steps"):
        speed = state.get("tokens_per_second")
        told = f"loss {state['loss']:.3f}, {speed:,.0f} tokens/s" if speed is not None and "loss" in state else ""
        report(Progress(int(state.get("step", 0)), int(state["steps"]), "steps", told))


def _stop(training: Training) -> None:
    from headwater.training.devices.launch import end

    began = time.monotonic()
    end(training)
    note(f"stopped after {time.monotonic() - began:.0f} s")


def _show_end(folder: RunFolder, state: dict[str, Any], added: str | None) -> None:
    best = state.get("best")
    say(f"{state['state']} after {state.get('step', 0):,} steps, {state.get('seconds', 0):,.0f} s")
    if best:
        say(f"best {best['metric']} {best['value']:.4g} at step {best['step']}")
    if added:
        say(f"chat with it: headwater chat --model {added}")
    elif state.get("result"):
        say(f"the result is in {folder.path / state['result']}")


def _show_plan(plan: dict[str, Any], differs: str) -> None:
    if differs:
        say(f"--- {differs}")
    rows = [(name, f"{value / 1e9:,.2f} GB") for name, value in plan["parts"].items()]
    table(["part", "memory"], rows)
    say(plan["sentence"])


def _leaderboard(board: list[tuple[RunFolder, str, dict[str, Any]]]) -> None:
    scored = [(folder, differs, state.get("best")) for folder, differs, state in board]
    lower = all(best is None or best["metric"] in ("perplexity", "loss") for _, _, best in scored)
    order = sorted(scored, key=lambda row: (row[2] is None, (1 if lower else -1) * (row[2] or {"value": 0})["value"]))
    table(["run", "differs", "best"], [
        (folder.name, differs, f"{best['metric']} {best['value']:.4g}" if best else "-")
        for folder, differs, best in order
    ])  # fmt: skip


def _list(ws: Workspace, as_json: bool) -> None:
    from headwater.training.run_folder import list_runs

    found = [{"run": folder.name, **folder.state()} for folder in list_runs(ws.training.runs)]
    if as_json:
        print_json(found)
        return
    table(
        ["run", "state", "step", "best"],
        [(run["run"], run["state"], f"{run.get('step', 0)}/{run.get('steps') or '?'}", _best(run)) for run in found],
    )


def _best(run: dict[str, Any]) -> str:
    best = run.get("best")
    return f"{best['metric']} {best['value']:.4g}" if best else "-"
