"""kill -9 at random moments of an ingest of 30 files: is every file searchable exactly once after a restart?

    python benchmarks/kill/run.py [--rounds 20] [--seed 7]

Each round takes 30 small files into a fresh workspace, kills the whole process group at a random moment
(in every third round the restarted process too), restarts it, sends again what was never
acknowledged, as a client would, and then compares the workspace with one that was never killed.

Prints JSON: {"rounds", "ok", "kills", "acknowledged_at_kill": [...], "failures": [...]}; exit code 1 unless all are ok.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from headwater.storage.database import Catalogue
from headwater.storage.keyword import search

WORKER = Path(__file__).with_name("worker.py")
FILES = 30
ROUND_SECONDS = 120
WORDS = (
    "river", "lake", "spring", "rain", "snow", "valley", "bridge", "harbour",
    "island", "meadow", "engine", "letter", "winter", "summer", "stone",
)  # fmt: skip


def make_files(folder: Path, rng: random.Random) -> list[str]:
    """Thirty files of seven kinds; each holds one word that no other file has."""
    names = []
    for number in range(FILES):
        kind = ("txt", "md", "html", "csv", "json", "eml", "zip")[number % 7]
        name = f"file-{number:02}.{kind}"
        (folder / name).write_bytes(content(kind, number, rng))
        names.append(name)
    return names


def content(kind: str, number: int, rng: random.Random) -> bytes:
    marker = f"marker{number:02}x"
    paragraphs = [prose(rng) for _ in range(rng.randint(2, 25))]
    paragraphs[len(paragraphs) // 2] += f" The sign of this file is {marker}."
    text = "\n\n".join(paragraphs)
    if kind == "md":
        return f"# Report {number}\n\n{text}".encode()
    if kind == "html":
        return f"<html><body><h1>Report</h1>{''.join(f'<p>{p}</p>' for p in paragraphs)}</body></html>".encode()
    if kind == "csv":
        return (
            "name,amount\n" + "\n".join(f"{word},{number}" for word in text.split()[:200]) + f"\n{marker},1"
        ).encode()
    if kind == "json":
        return json.dumps({"title": f"Report {number}", "paragraphs": paragraphs}).encode()
    if kind == "eml":
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = f"Report {number}", "one@example.org", "two@example.org"
        mail.set_content(text)
        return mail.as_bytes()
    if kind == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("inner/first.txt", text)
            archive.writestr("second.md", f"# Second\n\n{prose(rng)}")
        return packed.getvalue()
    return text.encode()


def prose(rng: random.Random) -> str:
    sentences = (" ".join(rng.choices(WORDS, k=rng.randint(6, 14))) for _ in range(rng.randint(2, 6)))
    return " ".join(f"{sentence.capitalize()}." for sentence in sentences)


@dataclass
class Attempt:
    """A run of the worker until it was idle, or killed after `seconds`."""

    acknowledged: list[str] = field(default_factory=list)
    idle: bool = False
    errors: str = ""


def run_worker(workspace: Path, folder: Path, names: list[str], kill_after: float | None) -> Attempt:
    attempt = Attempt()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, str(WORKER), str(workspace), str(folder), *names],
            stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        if kill_after is not None:
            try:
                process.wait(kill_after)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate(timeout=ROUND_SECONDS)
        errors.seek(0)
        attempt.errors = errors.read()[-2000:]
    # A line that was cut off by the kill was not received by anybody.
    lines = output.split("\n")[:-1]
    attempt.acknowledged = [line[4:] for line in lines if line.startswith("ack ")]
    attempt.idle = "idle" in lines
    return attempt


def state_of(workspace: Path) -> dict[str, object]:
    """What a workspace holds: documents, how many passages, pages and vectors each has, keywords, bytes."""
    connection = sqlite3.connect(workspace / "catalogue.db")
    rows = connection.execute(
        "SELECT d.name, v.state, v.passage_count,"
        " (SELECT count(*) FROM passages p WHERE p.document_id = d.id),"
        " (SELECT count(*) FROM passages p JOIN vectors x ON x.passage_id = p.id WHERE p.document_id = d.id),"
        " (SELECT count(*) FROM pages g WHERE g.version_id = v.id),"
        " (SELECT count(*) FROM versions o WHERE o.document_id = d.id)"
        " FROM documents d JOIN versions v ON v.id = d.version_id ORDER BY d.name"
    ).fetchall()
    state: dict[str, object] = {f"document {row[0]}": row[1:] for row in rows}
    state["documents"] = connection.execute("SELECT count(*) FROM documents").fetchone()[0]
    state["pages"] = connection.execute("SELECT count(*) FROM pages").fetchone()[0]
    state["passages"] = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
    state["indexed passages"] = connection.execute("SELECT sum(passages) FROM keyword_segments").fetchone()[0]
    state["vectors"] = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
    state["broken"] = connection.execute("PRAGMA integrity_check").fetchone()[0]
    state["unfinished jobs"] = connection.execute(
        "SELECT count(*) FROM jobs WHERE state NOT IN ('done', 'cancelled')"
    ).fetchone()[0]
    hashes = {row[0] for row in connection.execute("SELECT DISTINCT sha256 FROM versions")}
    connection.close()
    on_disk = {path.name for path in (workspace / "files").glob("??/*")}
    state["missing bytes"] = sorted(hashes - on_disk)
    state["leftovers"] = len(list((workspace / "files" / "arriving").glob("*")))
    state["markers"] = found_markers(workspace)
    return state


def found_markers(workspace: Path) -> dict[str, int]:
    """For each file's own word: how many passages the keyword index finds."""
    catalogue = Catalogue.open(f"sqlite:///{workspace / 'catalogue.db'}")
    with catalogue.reading() as session:
        (collection_id,) = session.connection().exec_driver_sql("SELECT id FROM collections").scalars()
        found = {
            f"marker{number:02}x": len(search(session, [f"marker{number:02}x"], [collection_id], 100))
            for number in range(FILES)
        }
    catalogue.close()
    return found


def one_round(root: Path, folder: Path, names: list[str], kills: list[float], expected: dict[str, object]) -> Report:
    workspace = root
    acknowledged: list[str] = []
    report = Report()
    for moment in kills:
        attempt = run_worker(workspace, folder, [name for name in names if name not in acknowledged], moment)
        acknowledged += attempt.acknowledged
        report.acknowledged.append(len(acknowledged))
    attempt = run_worker(workspace, folder, [name for name in names if name not in acknowledged], None)
    if not attempt.idle:
        report.problems.append(f"the last run did not end: {attempt.errors}")
        return report
    state = state_of(workspace)
    for what, value in {**dict.fromkeys(state), **expected}.items():
        if state.get(what) != expected.get(what):
            report.problems.append(f"{what}: {state.get(what)} instead of {value}")
    return report


@dataclass
class Report:
    """How a round went: files acknowledged at each kill, and what differs from the workspace never killed."""

    acknowledged: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--data", help="not needed: the files are made here")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        folder = root / "source"
        folder.mkdir()
        names = make_files(folder, rng)
        begun = time.monotonic()
        reference = run_worker(root / "reference", folder, names, None)
        usual_seconds = time.monotonic() - begun
        assert reference.idle, reference.errors
        expected = state_of(root / "reference")
        check_reference(expected, names)
        reports = []
        for number in range(options.rounds):
            # The first third of a second only loads Python; a few kills fall into it, most do not.
            kills = [rng.uniform(0.2, usual_seconds) for _ in range(2 if number % 3 == 2 else 1)]
            reports.append(one_round(root / f"round-{number}", folder, names, kills, expected))
    ok = sum(not report.problems for report in reports)
    result = {
        "rounds": options.rounds,
        "ok": ok,
        "kills": sum(len(report.acknowledged) for report in reports),
        "files": FILES,
        "documents": expected["documents"],
        "passages": expected["passages"],
        "usual_seconds": round(usual_seconds, 2),
        "acknowledged_at_kill": [report.acknowledged for report in reports],
        "failures": [report.problems for report in reports if report.problems],
    }
    print(json.dumps(result, indent=1))
    return 0 if ok == options.rounds else 1


def check_reference(state: dict[str, object], names: list[str]) -> None:
    """The yardstick itself: each file is there and its own word is found."""
    for name in names:
        assert f"document {name}" in state, f"{name} is not searchable without any kill"
    markers = state["markers"]
    assert isinstance(markers, dict)
    assert all(count >= 1 for count in markers.values()), Counter(markers)
    assert state["passages"] == state["indexed passages"] == state["vectors"]


if __name__ == "__main__":
    sys.exit(main())
