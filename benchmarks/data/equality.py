"""The paper's recipe in one process, two, on a Ray cluster of two nodes, and killed and gone on with: equal bytes?

    python benchmarks/data/equality.py [--data ../shared/data] [--ways one,two,ray,killed]

`ray` starts two nodes on this machine and needs the extra 'cluster'. Every file but the two reports, which hold
seconds, is compared by its sha256.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KILLED_AFTER_PARTS = 6
CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import equality
equality.run(Path(sys.argv[2]), Path(sys.argv[3]))
"""


def run(data: Path, target: Path, workers: int = 1, cluster: str | None = None) -> dict[str, Any]:
    """Run the recipe in small blocks, so that there are many."""
    from headwater.dataprep.recipe import load_recipe
    from headwater.dataprep.run import RunSettings, prepare
    from headwater.records.rows import ReadLimits

    recipe = load_recipe(ROOT / "recipes/paper/recipe.yaml").placed(data, target)
    limits = ReadLimits(chunk_bytes=64_000, chunk_rows=64)
    started = time.monotonic()
    report = prepare(recipe, RunSettings(workers=workers, limits=limits, cluster=cluster)).json
    return {"rows_in": report["rows_in"], "rows_out": report["rows_out"], "seconds": time.monotonic() - started}


def killed(data: Path, target: Path) -> dict[str, Any]:
    """Kill a run in the middle, then run it again."""
    here = str(Path(__file__).parent)
    child = subprocess.Popen([sys.executable, "-c", CHILD, here, str(data), str(target)])
    work = target.with_name(f".{target.name}.work")
    while child.poll() is None and len(list(work.glob("*/*.part"))) < KILLED_AFTER_PARTS:
        time.sleep(0.005)
    stopped = child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    parts = len(list(work.glob("*/*.part")))
    return {**run(data, target), "was_killed": stopped, "parts_done_before": parts}


@contextmanager
def two_nodes() -> Iterator[str]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    try:
        yield cluster.address
    finally:
        cluster.shutdown()


def on_ray(data: Path, target: Path) -> dict[str, Any]:
    with two_nodes() as address:
        return run(data, target, cluster=address)


def hashes(target: Path) -> dict[str, str]:
    names = [path for path in sorted(target.iterdir()) if path.name not in ("report.json", "report.html")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in names}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--ways", default="one,two,ray,killed")
    given = parser.parse_args()
    data = given.data.resolve()
    ways = {"one": run, "two": lambda d, t: run(d, t, workers=2), "ray": on_ray, "killed": killed}
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        for way in given.ways.split(","):
            target = Path(name) / way
            done = ways[way](data, target)
            result[way] = {**done, "seconds": round(done["seconds"], 1), "files": hashes(target)}
    found = [one["files"] for one in result.values()]
    print(json.dumps({**result, "equal": all(one == found[0] for one in found)}, indent=1))


if __name__ == "__main__":
    main()
