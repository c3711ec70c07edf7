"""Training for the command line and the server: plans, runs as jobs, and what becomes of them. Always for a scope."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from headwater.core.errors import BadInput, Conflict, HeadwaterError, NotFound
from headwater.core.types import Scope
from headwater.storage.data_sources import DataSources
from headwater.storage.datasets import Datasets
from headwater.storage.jobs import JobInfo, JobRows
from headwater.storage.runs import RunInfo, Runs
from headwater.training.base import TINY, Base, find_base
from headwater.training.config import TrainingConfig
from headwater.training.devices.launch import Training, check_installed, command_of, environment_of, new_run
from headwater.training.devices.launch import start as start_process
from headwater.training.exports import forms, quick_export, slow_export, target_of
from headwater.training.load_config import check_config, dump_config, sweep_configs
from headwater.training.planning.advisor import Advisor
from headwater.training.possible import check_possible
from headwater.training.requests import RequestDesk, moved
from headwater.training.resources import ProcessLoad
from headwater.training.results import REQUEST_FILE, is_request, written_config
from headwater.training.run_folder import LIVE, RunFolder, list_runs, write_atomically
from headwater.training.serving import Install, Unwatched, serve_result
from headwater.training.work import LEAVING, Work, asked_word, follow, is_at_work, take_wanted, want

if TYPE_CHECKING:
    from collections.abc import Iterable

TRAIN = "train"
EXPORT = "export_run"
SERVED = "served"  # no file: the result is asked as a model
DATA = "data"
DESK = ".desk"
PLAN_SECONDS = 60.0  # how long a plan is right about what memory is free
ENDED = ("done", "failed")
RESERVED = ("new", "compare")  # pages beside those of runs


@dataclass(frozen=True)
class TrainingParts:
    """What training is made of.

    `base_path` gives the file of an installed model (None for `tiny` and for paths), `bases` the names that may be
    trained, `is_model` whether a name is a model's, `serve` installs what a run made (see serving.Install) and
    returns the name it is asked by, `unserve` removes that.
    """

    folder: Path
    threads: int
    runs: Runs
    sources: DataSources
    datasets: Datasets
    jobs: JobRows
    base_path: Callable[[str], Path | None]
    bases: Callable[[], Sequence[str]]
    is_model: Callable[[str], bool]
    serve: Install
    unserve: Callable[[str], None]
    is_owner: Callable[[Scope], bool]
    wake: Callable[[], None] = lambda: None


class TrainingRuns:
    """Plans, starts, watches, stops, serves and deletes runs."""

    def __init__(self, parts: TrainingParts) -> None:
        self._parts = parts
        self._desk = RequestDesk(parts.sources, parts.datasets)
        self.load = ProcessLoad()
        self._planner, self._previewer = Advisor("plan"), Advisor("preview")

    # --- for the command line ------------------------------------------------------------------

    @property
    def runs(self) -> Path:
        """Folder of the runs."""
        return self._parts.folder

    def base(self, name: str) -> Base:
        """Where a base lies. Raises BadInput, NotFound, UnknownName."""
        return find_base(name, self._parts.base_path(name))

    def plan(self, config: TrainingConfig) -> dict[str, Any]:
        """Memory, time and disk of a run. Raises BadInput."""
        from headwater.training.planning.plan import plan_run

        check_possible(config)
        return dict(plan_run(config, self.base(config.model.base), remembered=self.runs).as_json())

    def start(self, folder: RunFolder, config: TrainingConfig) -> Training:
        """Start a run's process. Raises Conflict, MissingExtra, BadInput."""
        path = self._parts.base_path(config.model.base)
        return start_process(folder, config, path, self._parts.threads)

    def command(self, config: TrainingConfig, folder: RunFolder) -> str:
        """The line that starts one machine's share of a run, with what its process is told. Raises BadInput."""
        told = [f"{name}={value}" for name, value in environment_of(config, self._parts.threads).items()]
        words = command_of(config, folder, self._parts.base_path(config.model.base))
        return shlex.join(["env", *told, *words])

    def serve(self, folder: RunFolder, work: Work | None = None) -> str | None:
        """Let the result of a run answer; return the name it is asked by, None when it cannot be served.

        Why it cannot is an event of the run. Raises Cancelled.
        """
        served = serve_result(folder, self._base_path(folder), self._parts.serve, work or Unwatched())
        folder.set_state(served=served)
        return served

    # --- before a run ------------------------------------------------------------------------

    def bases(self, scope: Scope) -> list[str]:
        """Models that the scope may train, and `tiny`. What others trained is not among them."""
        hidden, taken = self.hidden(scope), self._parts.runs.taken(scope)
        found = [name for name in self._parts.bases() if name not in hidden]
        made_here = [name for name in found if name in taken]
        return [*(name for name in found if name not in made_here), TINY, *made_here]

    def check(self, scope: Scope, value: Mapping[str, Any]) -> TrainingConfig:
        """Check a config that came over HTTP. Raises BadInput naming every mistake."""
        config = self._desk.check(scope, value, self.bases(scope))
        if config.name is not None and self._parts.is_model(config.name):
            raise BadInput(f"name: {config.name!r} is the name of a model already", "Choose another name.")
        if config.name in RESERVED:
            raise BadInput(f"name: {config.name!r} has a meaning on the page", "Choose another name.")
        return config

    def plan_request(self, scope: Scope, value: Mapping[str, Any]) -> dict[str, Any]:
        """The plan of a config that came over HTTP. Raises BadInput, EngineFailed."""
        return self._advised(self._planner, scope, value, PLAN_SECONDS)

    def preview_request(self, scope: Scope, value: Mapping[str, Any]) -> dict[str, Any]:
        """The preview of a config that came over HTTP. Raises BadInput, EngineFailed."""
        return self._advised(self._previewer, scope, value, None)

    def _advised(
        self, advisor: Advisor, scope: Scope, value: Mapping[str, Any], oldest_seconds: float | None
    ) -> dict[str, Any]:
        check_installed()
        config = next(sweep_configs(self.check(scope, value)))[1]
        key = (scope.user_id, config.model_dump_json(), self._desk.marks(scope, config))
        known: dict[str, Any] | None = advisor.known(key, oldest_seconds)
        if known is not None:
            return known
        with self._laid_out(scope, config) as placed:
            return dict(advisor.ask(self._question(placed), key))

    def _question(self, config: TrainingConfig) -> dict[str, Any]:
        base = self.base(config.model.base).path
        return {
            "config": config.model_dump(mode="json"),
            "base": None if base is None else str(base),
            "remembered": str(self.runs),
        }

    @contextmanager
    def _laid_out(self, scope: Scope, config: TrainingConfig) -> Iterator[TrainingConfig]:
        desk = self.runs / DESK
        desk.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=desk) as name:
            try:
                yield self._desk.lay_out(scope, config, Path(name))
            except HeadwaterError as error:
                # Where this machine keeps its files is nobody's business.
                raise type(error)(error.message.replace(f"{name}/", ""), error.hint) from error

    # --- runs --------------------------------------------------------------------------------

    def create(self, scope: Scope, value: Mapping[str, Any]) -> list[RunInfo]:
        """Make the runs of a config, one for each point of its grid, and queue them. Raises BadInput."""
        check_installed()
        config = self.check(scope, value)
        stem = config.name or _stem(config.model.base)
        points = list(sweep_configs(config))
        sweep = self._free_name(scope, stem) if len(points) > 1 else None
        return [self._make(scope, point, differs, sweep, stem) for differs, point in points]

    def _make(self, scope: Scope, point: TrainingConfig, differs: str, sweep: str | None, stem: str) -> RunInfo:
        name = self._free_name(scope, f"{sweep}-1" if sweep else stem)
        self._parts.runs.add(scope, name, sweep, differs)
        folder: RunFolder | None = None
        try:
            written = point.model_copy(update={"name": name, "sweep": {}})
            placed = self._desk.lay_out(scope, written, self.runs / f".{name}" / DATA)
            folder = new_run(written, self.runs)
            (self.runs / f".{name}" / DATA).rename(folder.path / DATA)
            here = moved(placed, self.runs / f".{name}", folder.path)
            write_atomically(folder.path / "config.yaml", dump_config(here))
            write_atomically(folder.path / REQUEST_FILE, dump_config(written))
        except Exception:
            if folder is not None:
                shutil.rmtree(folder.path, ignore_errors=True)
            self._parts.runs.delete(scope, name)
            raise
        finally:
            shutil.rmtree(self.runs / f".{name}", ignore_errors=True)
        return self.queue(scope, name)

    def _free_name(self, scope: Scope, stem: str) -> str:
        taken = self._parts.runs.taken(scope)
        stem, _, number = stem.rpartition("-") if stem.rpartition("-")[2].isdigit() else (stem, "", "")
        first = int(number) if number else 0
        for count in range(first, 10_000):
            name = f"{stem}-{count}" if count else stem
            if name not in taken and not (self.runs / name).exists() and not self._parts.is_model(name):
                return name
        raise Conflict(f"There are too many runs called {stem!r}", "Delete some, or choose another name.")

    def queue(self, scope: Scope, name: str) -> RunInfo:
        """Let a run begin or go on, as a job. Raises NotFound, Conflict when it is at work or done."""
        info, folder = self.found(scope, name)
        state = self.state(scope, info, folder)["state"]
        if state in (*LIVE, "queued", "pausing", "stopping") and info.job_id is not None:
            raise Conflict(f"The run {name!r} is {state} already.", "Watch it, or pause it first.")
        if state == "done":
            raise Conflict(f"The run {name!r} is done.", "Clone it to train again.")
        take_wanted(folder)  # left for an earlier start
        job = self._parts.jobs.add_once(scope, TRAIN, name, {"run": name}, ("queued", "running"))
        noted = self._parts.runs.note(scope, name, job_id=job.id, state="queued")
        self._parts.wake()
        assert noted is not None
        return noted

    def found(self, scope: Scope, name: str) -> tuple[RunInfo, RunFolder]:
        """A run of the scope with its folder. Raises NotFound."""
        info = self._parts.runs.get(scope, name)
        return info, RunFolder.find(self.runs, info.name)

    def list(self, scope: Scope) -> Iterable[tuple[RunInfo, RunFolder]]:
        """The scope's runs, newest first; the owner's with those of the command line."""
        if self._parts.is_owner(scope):
            self._adopt(scope)
        for info in self._parts.runs.list(scope):
            with suppress(NotFound):  # its folder was removed by hand
                yield info, RunFolder.find(self.runs, info.name)

    def _adopt(self, scope: Scope) -> None:
        taken = self._parts.runs.taken(scope)
        for folder in list_runs(self.runs):
            if folder.name not in taken and not folder.name.startswith(".") and not is_request(folder):
                with suppress(Conflict):
                    self._parts.runs.add(scope, folder.name)
                    self._parts.runs.note(scope, folder.name, served=folder.state().get("served"))

    def state(self, scope: Scope, info: RunInfo, folder: RunFolder) -> dict[str, Any]:
        """Where a run is: what its folder says, `queued` while its job waits, `pausing`, `stopping` when told to."""
        state = folder.state()
        job = self._job(scope, info)
        if job is not None and job.state == "queued" and not is_at_work(folder):
            return {**state, "state": "queued"}
        word = asked_word(folder)
        if word is not None and (is_at_work(folder) or (job is not None and job.state == "running")):
            return {**state, "state": "pausing" if word == "pause" else "stopping"}
        if state["state"] in LIVE and (job is None or job.has_ended) and not is_at_work(folder):
            return {**state, "state": "stopped"}
        return state

    def _job(self, scope: Scope, info: RunInfo) -> JobInfo | None:
        if info.job_id is None:
            return None
        with suppress(NotFound):
            return self._parts.jobs.get(scope, info.job_id)
        return None

    def tell(self, scope: Scope, name: str, word: str) -> None:
        """Tell a run to pause, stop or save. Raises NotFound, Conflict when it is not at work."""
        info, folder = self.found(scope, name)
        if is_at_work(folder):
            if word != "save":
                (folder.path / LEAVING).unlink(missing_ok=True)  # it stays away, whatever took its job
            folder.ask(word)
            return
        job = self._job(scope, info)
        if job is not None and job.state == "queued" and word != "save":
            self._parts.jobs.cancel(scope, job.id)
            folder.set_state(state="paused" if word == "pause" else "stopped", pid=None)
            return
        if job is not None and job.state == "running" and word != "save" and folder.state()["state"] not in ENDED:
            want(folder, word)  # its process is only being started
            return
        raise Conflict(f"The run {name!r} is not at work.", "Only a running one can be told to do something.")

    def hidden(self, scope: Scope) -> set[str]:
        """Names of models that were trained by others: rows can be private, so what learned them is, too."""
        return self._parts.runs.of_others(scope)

    def delete(self, scope: Scope, name: str) -> None:
        """Delete a run with its files and what is served of it. Raises NotFound, Conflict while it runs."""
        info, folder = self.found(scope, name)
        if is_at_work(folder):
            raise Conflict(f"The run {name!r} is at work.", "Stop it first.")
        job = self._job(scope, info)
        if job is not None and not job.has_ended:
            self._parts.jobs.cancel(scope, job.id)
        if info.served is not None:
            with suppress(NotFound):
                self._parts.unserve(info.served)
        self._parts.runs.delete(scope, name)
        shutil.rmtree(folder.path, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what no user has any more: folders of deleted users, and the desk."""
        taken = self._parts.runs.taken(Scope(""))
        for folder in list_runs(self.runs):
            if is_request(folder) and folder.name not in taken and not is_at_work(folder):
                shutil.rmtree(folder.path, ignore_errors=True)
        shutil.rmtree(self.runs / DESK, ignore_errors=True)

    # --- the job -----------------------------------------------------------------------------

    def train(self, job: JobInfo, work: Work) -> Mapping[str, Any]:
        """Handle a job TRAIN: run the child process to its end, whoever started it."""
        name = str(job.payload["run"])
        _, folder = self.found(job.scope, name)
        config = check_config(yaml.safe_load((folder.path / "config.yaml").read_text("utf-8")))
        try:
            if folder.state()["state"] != "done":  # else its server ended while the result was being served
                follow(folder, work, lambda: self._planned_start(folder, config))
            served = self.serve(folder, work) if folder.state().get("result") else None
            self._parts.runs.note(job.scope, name, served=served)
        finally:
            state = folder.state()
            self._parts.runs.note(job.scope, name, state=str(state["state"]), summary=state)
        return {"run": name, "state": state["state"], "served": served}

    def _planned_start(self, folder: RunFolder, config: TrainingConfig) -> Training | None:
        try:
            if folder.read_json("plan.json") is None:
                check_possible(config)
                plan = self._planner.ask(self._question(config))
                folder.write_json("plan.json", plan)
                folder.event("plan", str(plan.get("sentence", "")))
                refuse_too_large(config, plan)
            if (word := take_wanted(folder)) is not None:
                folder.event(word, f"{word} was asked for before it began")
                folder.set_state(state="paused" if word == "pause" else "stopped", pid=None)
                return None
            return self.start(folder, config)
        except HeadwaterError as error:
            folder.event("error", f"{error.message} {error.hint or ''}".strip())
            folder.set_state(state="failed", error={"message": error.message, "hint": error.hint}, pid=None)
            raise

    def export(self, job: JobInfo, work: Work) -> Mapping[str, Any]:
        """Handle a job EXPORT: merge a run's adapter, write it as a GGUF model, or let it answer."""
        name = str(job.payload["run"])
        _, folder = self.found(job.scope, name)
        if job.payload["form"] == SERVED:
            served = self.serve(folder, work)
            self._parts.runs.note(job.scope, name, served=served)
            return {"run": name, "form": SERVED, "served": served}
        return slow_export(folder, str(job.payload["form"]), self._base_path(folder), work)

    def ask_export(self, scope: Scope, name: str, form: str) -> JobInfo:
        """Queue a slow export. Raises NotFound, Conflict when there is no result yet."""
        _, folder = self.found(scope, name)
        possible = [each["form"] for each in forms(folder)]
        if form != SERVED:
            target_of(folder, form)
        if form not in possible and not (form == SERVED and possible):
            raise Conflict(f"The run {name!r} has nothing to export yet.", "Wait until it is done.")
        job = self._parts.jobs.add_once(scope, EXPORT, name, {"run": name, "form": form}, ("queued", "running"))
        self._parts.wake()
        return job

    def file(self, scope: Scope, name: str, form: str) -> Path:
        """The file of an export. Raises NotFound, Conflict when it must be made first, BadInput."""
        _, folder = self.found(scope, name)
        return quick_export(folder, form, self._base_path(folder))

    def _base_path(self, folder: RunFolder) -> Path | None:
        return self._parts.base_path(str(written_config(folder).get("model", {}).get("base", TINY)))

    def clone(self, scope: Scope, name: str) -> dict[str, Any]:
        """The config of a run as values for a new one. Raises NotFound."""
        _, folder = self.found(scope, name)
        value = written_config(folder)
        return {**value, "name": None}


def refuse_too_large(config: TrainingConfig, plan: Mapping[str, Any]) -> None:
    """Raise BadInput when a limit was set and nothing that the plan may choose keeps to it."""
    if config.memory.limit_gb is not None and not plan["fits"]:
        raise BadInput(f"memory.limit_gb: {config.memory.limit_gb:g} is too little. {plan['sentence']}", "Or raise it.")


def _stem(base: str) -> str:
    return "".join(letter if letter.isalnum() or letter == "." else "-" for letter in base).strip("-.") or "run"
