"""The plan of a run before it starts: memory part by part, what is chosen to make it fit, steps, time and disk.

No weights are loaded: see layers (weights), trace (a micro-batch), runtime (the process itself).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headwater.core.errors import BadInput
from headwater.training.base import Base, load_architecture, load_tokenizer, number_type
from headwater.training.config import TrainingConfig
from headwater.training.resources import size

if TYPE_CHECKING:
    from headwater.training.planning.parts import Load, Setting
    from headwater.training.planning.trace import Recipe
    from headwater.training.rows.batches import Schedule

MOST_TOKENS = {"cpu": 2048, "cuda": 16384}  # of a micro-batch that the plan chooses; more is not faster
LEAST_TOKENS = 256
COUNTED_BYTES = 64 << 20  # larger data is counted when the run starts, not in the plan


@dataclass(frozen=True)
class Plan:
    """What a run takes. `parts` sum up to `peak_bytes`; `seconds` lies in `seconds_range` and is None when unknown.

    `operations` of the whole run and `pace` (what they are computed on) let the next plan know how long they took.
    """

    parts: dict[str, int]
    peak_bytes: int
    limit_bytes: int
    fits: bool
    micro_tokens: int
    checkpointing: bool
    quantize: str
    steps: int | None
    seconds: float | None
    seconds_range: tuple[float, float] | None
    disk_bytes: int
    sentence: str
    advice: tuple[str, ...] = ()
    operations: float | None = None
    pace: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, for plan.json and the page."""
        return {**asdict(self), "advice": list(self.advice)}


@dataclass(frozen=True)
class Work:
    """The counted data. `tokens` of the run include padding; `forward_tokens` go through without being learned."""

    micro_tokens: int
    load: Load
    steps: int | None = None
    tokens: int | None = None
    forward_tokens: int = 0


def plan_run(
    config: TrainingConfig,
    base: Base,
    free_bytes: int | None = None,
    remembered: Path | None = None,
    tight_heap: bool | None = None,
) -> Plan:
    """Plan a run on this machine. `remembered` is the folder of earlier runs, which tell what this machine does.

    `free_bytes` is measured when unset; `tight_heap` is what `launch.environment_of` says when unset.
    Raises BadInput when the data or the architecture cannot be read.
    """
    from headwater.training.library_notes import leave_out_unused_kernel

    leave_out_unused_kernel()  # before what follows imports it
    from headwater.training.devices.launch import environment_of
    from headwater.training.heap import TIGHT_HEAP
    from headwater.training.planning.parts import CUDA_CONTEXT_BYTES, Setting
    from headwater.training.planning.runtime import known_machine
    from headwater.training.session import device_kind

    device = device_kind()
    machine = known_machine(remembered, pace_of(config, base, device))
    runtime = CUDA_CONTEXT_BYTES if device == "cuda" else machine.runtime_bytes
    if tight_heap is None:
        tight_heap = TIGHT_HEAP.items() <= environment_of(config, 1).items()
    setting = Setting(device, config.train.optimizer, runtime, tight_heap, machine.operations_per_second)
    limit = int((config.memory.limit_gb or 0) * 1e9) or (
        free_memory_bytes(device) if free_bytes is None else free_bytes
    )
    return Planner(config, base, setting, limit).plan()


class Planner:
    """Tries what the config leaves open, the fastest first."""

    def __init__(self, config: TrainingConfig, base: Base, setting: Setting, limit_bytes: int) -> None:
        self._config, self._base, self._setting, self._limit = config, base, setting, limit_bytes
        self._architecture = load_architecture(base)
        self._counted = _Counted(config, base)

    def plan(self) -> Plan:
        """Return the first choice that fits, or the smallest with what would make it fit."""
        found: Plan | None = None
        for checkpointing in self._checkpointing_choices():
            for tokens in self._token_choices():
                found = self._planned(tokens, checkpointing, self._config.model.quantize)
                if found.fits:
                    return found
        assert found is not None
        return self._advised(found)

    def _checkpointing_choices(self) -> tuple[bool, ...]:
        asked = self._config.memory.checkpointing
        return (False, True) if asked == "auto" else (asked == "on",)

    def _token_choices(self) -> tuple[int, ...]:
        asked = self._config.train.micro_tokens
        if asked is not None:
            return (asked,)
        most = MOST_TOKENS[self._setting.device]
        least = min(most, max(LEAST_TOKENS, self._counted.longest))
        return tuple(dict.fromkeys(max(least, most >> halvings) for halvings in range(7)))

    def _planned(self, tokens: int, checkpointing: bool, quantize: str) -> Plan:
        from headwater.training.planning.parts import memory_parts

        recipe = recipe_of(self._config, self._base, self._setting.device, checkpointing, quantize)
        work = self._counted.work(tokens, self._setting.device)
        recipe = replace(recipe, accumulates=work.steps is None or self._counted.accumulates)
        # A run that recomputes has the tight heap, see launch.environment_of.
        setting = replace(self._setting, tight_heap=self._setting.tight_heap or checkpointing)
        parts = memory_parts(self._architecture, recipe, work.load, setting)
        peak = sum(parts.values())
        need = self._operations(recipe, work)
        spans = None if need is None else self._seconds(recipe, need)
        plan = Plan(
            parts, peak, self._limit, peak <= self._limit, tokens, checkpointing, quantize, work.steps,
            None if spans is None else spans[1], None if spans is None else (spans[0], spans[2]),
            disk_bytes(parts, self._config), "",
            operations=need, pace=pace_of(self._config, self._base, self._setting.device),
        )  # fmt: skip
        return replace(plan, sentence=sentence_of(plan))

    def _operations(self, recipe: Recipe, work: Work) -> float | None:
        from headwater.training.planning.pace import forward_work, work_per_token
        from headwater.training.planning.parts import weights_of

        if work.tokens is None:
            return None
        share = work.load.learned / max(1, work.load.tokens)
        weights = weights_of(self._architecture, recipe)
        learning = work_per_token(weights, recipe, share) * work.tokens
        return learning + forward_work(weights, share) * work.forward_tokens

    def _seconds(self, recipe: Recipe, need: float) -> tuple[float, float, float]:
        from headwater.training.planning.pace import operations_per_second, remembered_range, seconds_range

        if self._setting.operations_per_second is not None:
            return remembered_range(need / self._setting.operations_per_second)
        speed = operations_per_second(self._setting.device, recipe.autocast or recipe.kind, threads_of(self._config))
        return seconds_range(need, speed, self._config.parallel.devices or 1)

    def _advised(self, plan: Plan) -> Plan:
        """Try single changes that the config did not allow and say which would make it fit."""
        changes: list[tuple[str, int, bool, str]] = []
        least = max(LEAST_TOKENS, self._counted.longest)
        if plan.micro_tokens > least:
            changes.append((f"train.micro_tokens: {least}", least, plan.checkpointing, plan.quantize))
        if not plan.checkpointing:
            changes.append(("memory.checkpointing: on", plan.micro_tokens, True, plan.quantize))
        if self._base.kind != "gguf" and self._config.adapter.type == "lora":
            for bits in ("8bit", "4bit"):
                if plan.quantize == "none" or (plan.quantize, bits) == ("8bit", "4bit"):
                    changes.append((f"model.quantize: {bits}", plan.micro_tokens, plan.checkpointing, bits))
        advice = []
        for change, tokens, checkpointing, quantize in changes:
            other = self._planned(tokens, checkpointing, quantize)
            fits = "it fits" if other.fits else "still too much"
            advice.append(f"{change} takes {size(other.peak_bytes)}: {fits}.")
        if self._config.adapter.type == "full":
            advice.append("adapter.type: lora learns an adapter instead of every weight, and needs far less.")
        advice.append(f"Or give it {size(plan.peak_bytes - plan.limit_bytes)} more memory.")
        return replace(plan, advice=tuple(advice), sentence=f"{plan.sentence} {advice[_first_fit(advice)]}")


def _first_fit(advice: list[str]) -> int:
    return next((place for place, line in enumerate(advice) if line.endswith("it fits.")), len(advice) - 1)


class _Counted:
    """The data of a config, read once when it is small enough."""

    def __init__(self, config: TrainingConfig, base: Base) -> None:
        self._config = config
        self.source_bytes = sum(_file_bytes(Path(entry.path)) for entry in config.data.train)
        self.file_bytes = weight_file_bytes(base)
        self._examples: Any = None
        self.accumulates = True
        self.longest = config.data.max_length
        if self.source_bytes <= COUNTED_BYTES:
            from headwater.training.planning.pairs import laid_out
            from headwater.training.rows.prepare import prepare_data
            from headwater.training.session import device_kind, layout_of

            rows = prepare_data(config, load_tokenizer(base)).train
            self._examples = laid_out(rows, config, layout_of(config, device_kind()))
            self.longest = int(self._examples.lengths.max())

    def work(self, micro_tokens: int, device: str) -> Work:
        """Return the fullest micro-batch, and steps and tokens of the run where the data was read."""
        from headwater.training.planning.pairs import forward_tokens, mask_bytes, predicted
        from headwater.training.planning.parts import Load
        from headwater.training.rows.batches import BatchSettings, Schedule
        from headwater.training.rows.examples import BATCH
        from headwater.training.session import layout_of

        answer = self._config.eval.sample_tokens if self._config.eval.samples else 0
        if self._examples is None:
            tokens = max(micro_tokens, self._config.data.max_length)
            encoded = BATCH * tokens // 2
            return Work(micro_tokens, Load(tokens, tokens, answer, self.source_bytes, encoded, self.file_bytes))
        train = self._config.train
        layout = layout_of(self._config, device)
        settings = BatchSettings(train.tokens_per_step, micro_tokens, layout, train.seed)
        schedule = Schedule(self._examples, settings, train.epochs, train.max_steps)
        tokens, learned, total = self._fullest(schedule, layout)
        encoded = int(self._examples.lengths.mean() * min(BATCH, len(self._examples)))
        learned, mask = predicted(self._examples, learned, self._config), mask_bytes(self._examples, schedule)
        load = Load(tokens, learned, answer, self.source_bytes, encoded, self.file_bytes, mask)
        return Work(micro_tokens, load, schedule.steps, total, forward_tokens(self._config, schedule, total))

    def _fullest(self, schedule: Schedule, layout: str) -> tuple[int, int, int]:
        """Return tokens and learned tokens of the fullest micro-batches, and all tokens of the run with padding."""
        from headwater.training.rows.batches import padded

        lengths, targets = self._examples.lengths, self._examples.targets
        most = most_learned = total = 0
        seen = min(schedule.steps, schedule.steps_per_epoch)
        self.accumulates = False
        for number in range(seen):
            step = schedule[number]
            self.accumulates |= len(step.micro_batches) > 1
            for batch in step.micro_batches:
                rows = list(batch.rows)
                packed = layout == "packed"
                tokens = int(lengths[rows].sum()) if packed else padded(int(lengths[rows].max())) * len(rows)
                most, most_learned = max(most, tokens), max(most_learned, int(targets[rows].sum()))
                total += tokens
        return most, most_learned, round(total * schedule.steps / seen)


def recipe_of(config: TrainingConfig, base: Base, device: str, checkpointing: bool, quantize: str) -> Recipe:
    """Return what decides the tensors, chosen as the run chooses it."""
    import torch

    from headwater.training.planning.trace import Recipe

    precision = config.model.precision
    full = config.adapter.type == "full"
    if base.kind == "tiny":
        kind = number_type("fp32" if precision == "auto" else precision, device)
        computed = kind
    else:
        kind = number_type("fp32" if full and precision == "auto" else precision, device)
        computed = number_type(precision, device)
    autocast = computed if computed in (torch.bfloat16, torch.float16) else None
    return Recipe(config.adapter, quantize, kind, autocast, checkpointing)  # type: ignore[arg-type]


def threads_of(config: TrainingConfig) -> int:
    """Threads of a run on a CPU."""
    from headwater.core.settings import usable_cores

    return config.train.threads or usable_cores()


def pace_of(config: TrainingConfig, base: Base, device: str) -> str:
    """Name what decides how fast this machine computes: device, number type, threads, devices."""
    recipe = recipe_of(config, base, device, False, config.model.quantize)
    kind = str(recipe.autocast or recipe.kind).removeprefix("torch.")
    return f"{device} {kind} {config.model.quantize} x{threads_of(config)} x{config.parallel.devices or 1}"


def disk_bytes(parts: dict[str, int], config: TrainingConfig) -> int:
    """Return what the run's folder needs: kept checkpoints, the best, the one being written, and the result."""
    learned = parts["adapter"] if config.adapter.type == "lora" else parts["weights"]
    return (config.save.keep + 2) * (learned + parts["optimizer"]) + learned + (64 << 20)


def weight_file_bytes(base: Base) -> int:
    """Return the bytes of a base's files of weights."""
    if base.path is None:
        return 0
    if base.kind == "gguf":
        return base.path.stat().st_size
    return sum(path.stat().st_size for path in base.path.glob("*.safetensors"))


def _file_bytes(path: Path) -> int:
    if not path.is_file():
        raise BadInput(f"There is no file {path}", "Correct the path in the config's data section.")
    return path.stat().st_size


def free_memory_bytes(device: str) -> int:
    """Return the memory that is free: of the GPU, or of the machine within its control group."""
    if device == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    group = Path("/sys/fs/cgroup")
    if (group / "memory.max").is_file() and (bound := (group / "memory.max").read_text().strip()) != "max":
        free = min(free, int(bound) - int((group / "memory.current").read_text()))
    return free


def sentence_of(plan: Plan) -> str:
    """Return the plan in one sentence."""
    how = f"{plan.micro_tokens:,} tokens at once, checkpointing {'on' if plan.checkpointing else 'off'}"
    if plan.quantize != "none":
        how += f", base in {plan.quantize.removesuffix('bit')} bits"
    if plan.fits:
        return f"It takes {size(plan.peak_bytes)} of the {size(plan.limit_bytes)} that are free, with {how}."
    return f"It does not fit: it takes {size(plan.peak_bytes)}, {size(plan.limit_bytes)} are free, with {how}."
