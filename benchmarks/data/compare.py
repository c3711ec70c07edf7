"""Speed of eleven operators and of near-duplicates against Data-Juicer and datatrove: one worker each, CPU seconds.

    python benchmarks/data/compare.py [--data ../shared/data] [--install] [--runs 2] [--truth]

Every run is a process of its own; CPU seconds and peak memory are those of the process (start-up included, and
measured alone too). Runs are interleaved, the best of `--runs` counts. The kept documents are compared by id.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import corpus

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".build" / "peers"
PACKAGES = {
    "data-juicer": ["py-data-juicer==1.6.1", "aiohttp", "ftfy", "scipy", "selectolax", "pyyaml", "ray", "torch"],
    "datatrove": ["datatrove[io,processing]==0.10.1", "spacy"],
}
THRESHOLD, WORDS = 0.7, 5

OURS = {
    "eleven": """[{clean: {punctuation: true, web_addresses: remove}}, {personal_data: {kinds: [email]}},
      {length: {minimum: 10}}, {length: {unit: words, minimum: 10}},
      {symbols: {minimum_alphanumeric: 0.25, maximum_marks: 0.25}}, {repetition: {}}]""",
    "near": f"[{{near_duplicates: {{threshold: {THRESHOLD}, words: {WORDS}}}}}]",
    "start": "[]",
}
JUICER = {
    "eleven": [
        {"fix_unicode_mapper": None}, {"whitespace_normalization_mapper": None},
        {"punctuation_normalization_mapper": None}, {"clean_email_mapper": None}, {"clean_links_mapper": None},
        {"text_length_filter": {"min_len": 10, "max_len": 10_000_000}},
        {"words_num_filter": {"tokenization": False, "min_num": 10, "max_num": 1_000_000}},
        {"alphanumeric_filter": {"tokenization": False, "min_ratio": 0.25}},
        {"special_characters_filter": {"max_ratio": 0.4}},
        {"character_repetition_filter": {"rep_len": 10, "max_ratio": 0.5}},
        {"word_repetition_filter": {"tokenization": False, "rep_len": 10, "max_ratio": 0.5}},
    ],
    "near": [{"document_minhash_deduplicator": {
        "tokenization": "space", "window_size": WORDS, "num_permutations": 256, "jaccard_threshold": THRESHOLD,
        "lowercase": True, "ignore_pattern": None}}],
    "start": [{"text_length_filter": {"min_len": 0, "max_len": 10_000_000}}],
}  # fmt: skip


def ours(job: str, source: Path, folder: Path) -> tuple[list[str], Path, dict[str, str]]:
    recipe = folder / f"ours-{job}.yaml"
    target = folder / f"ours-{job}.jsonl"
    recipe.write_text(
        f"version: 1\nsources: [{{path: {source}}}]\nsteps: {OURS[job]}\n"
        f"output: {{path: {target}, format: headwater}}\n"
    )
    code = (
        "import sys; from pathlib import Path; from headwater.dataprep.recipe import load_recipe; "
        "from headwater.dataprep.run import prepare; prepare(load_recipe(Path(sys.argv[1])))"
    )
    return [sys.executable, "-c", code, str(recipe)], target, {}


def juicer(job: str, source: Path, folder: Path) -> tuple[list[str], Path, dict[str, str]]:
    import yaml

    work = Path(tempfile.mkdtemp(dir=folder))
    target = work / "out.jsonl"
    config = work / "recipe.yaml"
    config.write_text(
        yaml.safe_dump(
            {
                "project_name": job, "dataset_path": str(source), "export_path": str(target), "np": 1,
                "use_cache": False, "open_monitor": False, "process": JUICER[job],
            }
        )
    )  # fmt: skip
    home = {"DATA_JUICER_CACHE_HOME": str(work), "HF_HOME": str(work), "HF_DATASETS_OFFLINE": "1"}
    return [str(PEERS / "data-juicer/bin/dj-process"), "--config", str(config)], target, home


def trove(job: str, source: Path, folder: Path) -> tuple[list[str], Path, dict[str, str]]:
    work = Path(tempfile.mkdtemp(dir=folder))
    script = Path(__file__).with_name("peer_datatrove.py")
    return [str(PEERS / "datatrove/bin/python"), str(script), job, str(source), str(work)], work / "out", {}


def measure(command: list[str], environment: dict[str, str], log: Path) -> dict[str, float]:
    # Installed packages have their bytecode; an editable one must be allowed to write it, or it compiles every time.
    cached = {"PYTHONDONTWRITEBYTECODE": "", "OMP_NUM_THREADS": "1"}
    started = time.monotonic()
    with log.open("wb") as stream:
        child = subprocess.Popen(command, stdout=stream, stderr=stream, env={**os.environ, **cached, **environment})
        _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{command[0]} failed:\n{log.read_text(errors='replace')[-3000:]}")
    return {
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "wall_seconds": time.monotonic() - started,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def kept_ids(target: Path) -> set[str]:
    import gzip

    files = sorted(target.glob("*.jsonl.gz")) if target.is_dir() else [target]
    found = set()
    for file in files:
        opener = gzip.open if file.suffix == ".gz" else open
        with opener(file, "rt", encoding="utf-8") as stream:
            found |= {str(json.loads(line)["id"]) for line in stream}
    return found


def truth(source: Path) -> set[str]:
    """Compare every document with every other that shares a run of words: slow and exact."""
    ids, sets, posting, parent = [], [], {}, []
    short: dict[str, int] = {}

    def find(place: int) -> int:
        while parent[place] != place:
            place = parent[place]
        return place

    with source.open(encoding="utf-8") as stream:
        for place, line in enumerate(stream):
            row = json.loads(line)
            words = row["text"].lower().split()
            runs = {tuple(words[n : n + WORDS]) for n in range(len(words) - WORDS + 1)}
            ids.append(row["id"])
            sets.append(runs)
            parent.append(place)
            if not runs:
                first = short.setdefault(" ".join(words), place)
                parent[place] = find(first)
            shared = Counter(other for run in runs for other in posting.get(run, ()))
            for other, count in shared.items():
                if count >= THRESHOLD * (len(runs) + len(sets[other]) - count):
                    a, b = find(place), find(other)
                    parent[max(a, b)] = min(a, b)
            for run in runs:
                posting.setdefault(run, []).append(place)
    return {ids[place] for place in range(len(ids)) if find(place) == place}


def apart(source: Path) -> set[str]:
    """Run `truth` in a process of its own: a child's peak memory begins with its parent's size."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(truth, (source,))


def install() -> None:
    for name, packages in PACKAGES.items():
        folder = PEERS / name
        if not folder.exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            subprocess.run([str(folder / "bin/pip"), "install", "-q", *packages], check=True)


def compare(job: str, source: Path, folder: Path, runs: int) -> dict[str, Any]:
    makers = {"headwater": ours, "data-juicer": juicer, "datatrove": trove}
    best: dict[str, dict[str, Any]] = {}
    for _ in range(runs):
        for name, make in makers.items():
            command, target, environment = make(job, source, folder)
            result: dict[str, Any] = measure(command, environment, folder / f"{name}.log")
            if job != "start":
                result["kept"] = kept_ids(target)
            if name not in best or result["cpu_seconds"] < best[name]["cpu_seconds"]:
                best[name] = result
    return best


def summary(
    job: str, best: dict[str, Any], start: dict[str, Any], documents: int, exact: set[str] | None
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, result in best.items():
        work = result["cpu_seconds"] - start[name]["cpu_seconds"]
        out[name] = {
            "cpu_seconds": round(result["cpu_seconds"], 2), "of_these_start": round(start[name]["cpu_seconds"], 2),
            "documents_a_cpu_second": round(documents / result["cpu_seconds"]),
            "documents_a_cpu_second_without_start": round(documents / max(work, 0.01)),
            "wall_seconds": round(result["wall_seconds"], 2), "peak_mb": round(result["peak_mb"]),
            "kept": len(result["kept"]), "kept_as_ours": len(result["kept"] & best["headwater"]["kept"]),
        }  # fmt: skip
        if exact is not None:
            out[name]["wrongly_dropped"] = len(exact - result["kept"])
            out[name]["wrongly_kept"] = len(result["kept"] - exact)
    for name in ("data-juicer", "datatrove"):
        ratio = best[name]["cpu_seconds"] / best["headwater"]["cpu_seconds"]
        work = [best[n]["cpu_seconds"] - start[n]["cpu_seconds"] for n in (name, "headwater")]
        out[f"faster_than_{name}"] = round(ratio, 1)
        out[f"faster_than_{name}_without_start"] = round(work[0] / max(work[1], 0.01), 1)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--install", action="store_true", help="make the peers' environments under .build/peers")
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--documents", type=int, default=12_108)
    parser.add_argument("--truth", action="store_true", help="compare near-duplicates with every pair compared")
    parser.add_argument("--jobs", default="eleven,near")
    given = parser.parse_args()
    if given.install:
        install()
    with tempfile.TemporaryDirectory(dir=ROOT / ".build") as name:
        folder = Path(name)
        source, few = folder / "corpus.jsonl", folder / "few.jsonl"
        characters = corpus.write(given.data, source, given.documents)
        few.write_text("".join(source.open(encoding="utf-8").readlines()[:20]), "utf-8")
        documents = sum(1 for _ in source.open(encoding="utf-8"))
        result: dict[str, Any] = {"documents": documents, "characters": characters}
        start = compare("start", few, folder, given.runs)
        for job in given.jobs.split(","):
            exact = apart(source) if job == "near" and given.truth else None
            best = compare(job, source, folder, given.runs)
            result[job] = summary(job, best, start, documents, exact)
            if exact is not None:
                result[job]["truth"] = len(exact)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
