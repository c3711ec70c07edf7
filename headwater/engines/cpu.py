"""What the processor can do for inference, and how many threads are worth using."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Processor:
    """Facts of /proc/cpuinfo. `physical_cores` is 0 where the kernel does not say."""

    model: str
    physical_cores: int
    avx2: bool
    avx512: bool
    vnni: bool

    def threads(self, asked: int) -> int:
        """Return `asked`, but not more than there are physical cores.

        Two hyper-threads share the units that multiply. With VNNI one thread fills them; without it int8
        takes three instructions for one, which fills them even more, so the second brings nothing either way.
        """
        return max(1, min(asked, self.physical_cores or asked))

    @property
    def note(self) -> str:
        """Say in a sentence what to expect of int8 models here."""
        if self.vnni:
            return "int8 models run at full speed (VNNI)."
        if self.avx2:
            return "int8 models run without VNNI: expect less gain over float32."
        return "This processor has no AVX2: models run several times slower."


def read_processor(cpuinfo: Path = CPUINFO) -> Processor:
    """Read the facts of the machine; unknown ones are absent."""
    try:
        text = cpuinfo.read_text("utf-8", "replace")
    except OSError:
        text = ""  # not Linux
    cores: set[tuple[str, str]] = set()
    first: dict[str, str] = {}
    for block in text.strip().split("\n\n"):
        fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in block.splitlines())}
        first = first or fields
        if "core id" in fields:
            cores.add((fields.get("physical id", "0"), fields["core id"]))
    flags = set(first.get("flags", first.get("Features", "")).split())
    return Processor(
        model=first.get("model name", "unknown"),
        physical_cores=len(cores),
        avx2="avx2" in flags,
        avx512="avx512f" in flags,
        vnni=bool(flags & {"avx512_vnni", "avx_vnni"}),
    )
