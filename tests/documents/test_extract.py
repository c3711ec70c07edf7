"""The reading process: one bad file never harms the next, the parent or the machine."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headwater.core.errors import Cancelled, Conflict, UnreadableDocument
from headwater.core.progress import Progress
from headwater.core.types import Extraction, Member, Page
from headwater.documents.extract import ExtractLimits, Extractor, extract, to_json
from headwater.documents.extract_process import ProcessDied, ReadingProcess


@pytest.fixture(scope="module")
def extractor():
    with Extractor(ExtractLimits(ocr=False)) as opened:
        yield opened


def process_of(opened: Extractor) -> ReadingProcess:
    """The warm process, for a test to stop or to kill."""
    return opened._pool._idle[0]


def stopped(opened: Extractor, make) -> int:
    """Warm the process up, stop it, and return its id: it takes a request and never answers."""
    opened.extract(make.file("warm.txt", "warm"))
    pid = process_of(opened)._process.pid
    os.kill(pid, signal.SIGSTOP)
    return pid


def test_a_file_is_read_and_its_members_with_it(make, extractor) -> None:
    path = make.file("all.zip", make.zipped({"a.txt": "inside", "b.bin": bytes(range(256)) * 9}))
    found = extractor.extract(path)
    assert found.members[0] == Member("a.txt", Extraction((Page(1, "inside"),), media_type="text/plain"))
    assert "of a kind that cannot be read" in (found.members[1].error or "")
    assert to_json(found)["members"][1]["error"] == found.members[1].error
    assert json.loads(json.dumps(to_json(found)))["members"][0] == {
        "name": "a.txt", "pages": [{"page": 1, "label": None, "text": "inside"}], "members": [], "warnings": [],
    }  # fmt: skip


def test_one_file_can_be_read_without_keeping_a_process(make) -> None:
    assert (
        extract(make.pdf("a.pdf", ["the secret"], password="sesame"), password="sesame").pages[0].text == "the secret"
    )


def test_the_name_is_a_hint_and_a_harmless_label(make, extractor) -> None:
    path = make.file("0f3a", "name,age\nAda,36\n")
    assert extractor.extract(path, name="people.csv").media_type == "text/csv"
    with pytest.raises(UnreadableDocument) as raised:
        extractor.extract(make.file("0f3b", b"\x00\x01" * 99), name="../../x\u202e\x00y.bin")
    assert raised.value.message.startswith("xy.bin is of a kind")


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"", "is empty"), (b"x" * 3_000_000, r"is 3 MB; at most 2 MB are read")],
)
def test_sizes_are_refused_before_a_process_is_bothered(make, content: bytes, what: str) -> None:
    with Extractor(ExtractLimits(max_file_mb=2)) as opened:
        with pytest.raises(UnreadableDocument, match=rf"a\.txt {what}"):
            opened.extract(make.file("a.txt", content))
        with pytest.raises(UnreadableDocument, match="is a directory"):
            opened.extract(make.folder)
        with pytest.raises(UnreadableDocument, match="does not exist"):
            opened.extract(make.folder / "nowhere")
        assert not opened._pool._idle


def test_a_crash_fails_that_file_and_the_next_one_is_read(make) -> None:
    with Extractor(ExtractLimits(ocr=False)) as opened:
        pid = stopped(opened, make)

        def crash() -> None:
            os.kill(pid, signal.SIGSEGV)
            os.kill(pid, signal.SIGCONT)

        with pytest.raises(UnreadableDocument, match=r"bad\.txt made the reader crash \(SIGSEGV\)") as raised:
            opened.extract(make.file("bad.txt", "bad"), check=crash)
        assert "PDF" in (raised.value.hint or "")
        assert opened.extract(make.file("good.txt", "good")).pages[0].text == "good"


def test_a_file_that_takes_too_long_is_given_up(make) -> None:
    with Extractor(ExtractLimits(ocr=False, seconds=1)) as opened:
        pid = stopped(opened, make)
        with pytest.raises(UnreadableDocument, match=r"slow\.txt took longer than 1 s to read") as raised:
            opened.extract(make.file("slow.txt", "slow"))
        assert "parse_seconds" in (raised.value.hint or "")
        assert not Path(f"/proc/{pid}").exists()
        assert opened.extract(make.file("good.txt", "good")).pages[0].text == "good"


def test_a_file_that_needs_too_much_memory_is_given_up(make) -> None:
    with Extractor(ExtractLimits(ocr=False)) as opened:
        pid = stopped(opened, make)
        # The warm process holds some twenty megabytes, so this limit is passed at the first look.
        opened._pool.limits = ExtractLimits(ocr=False, memory_mb=1)
        with pytest.raises(UnreadableDocument, match=r"big\.txt needs more than 1 MB of memory") as raised:
            opened.extract(make.file("big.txt", "big"))
        assert "parse_memory_mb" in (raised.value.hint or "")
        assert not Path(f"/proc/{pid}").exists()


def test_a_member_that_crashes_the_reader_is_left_out_and_the_rest_is_read(make) -> None:
    with Extractor(ExtractLimits(ocr=False)) as opened:
        asked = []
        answer = opened._pool.run

        def crash_at_bad(request, report, check):
            asked.append(dict(request["skip"]))
            if "bad.txt" not in request["skip"]:
                raise ProcessDied("made the reader crash (SIGSEGV)", "Export it.", "bad.txt")
            return answer(request, report, check)

        opened._pool.run = crash_at_bad
        found = opened.extract(make.file("a.zip", make.zipped({"good.txt": "good", "bad.txt": "bad"})))
        assert [m.error for m in found.members] == [None, "bad.txt made the reader crash (SIGSEGV). Export it."]
        assert len(asked) == 2


def test_cancelling_kills_the_reading(make) -> None:
    with Extractor(ExtractLimits(ocr=False)) as opened:
        pid = stopped(opened, make)

        def cancel() -> None:
            raise Cancelled("stopped by the person")

        with pytest.raises(Cancelled):
            opened.extract(make.file("a.txt", "a"), check=cancel)
        assert not Path(f"/proc/{pid}").exists()


def test_progress_names_the_member_at_work(make, extractor) -> None:
    seen: list[Progress] = []
    extractor.extract(make.file("a.zip", make.zipped({"x/one.txt": "1"})), report=seen.append)
    assert Progress(0, None, "pages", "x/one.txt") in seen


def test_a_process_that_died_while_idle_is_replaced(make) -> None:
    with Extractor(ExtractLimits(ocr=False)) as opened:
        opened.extract(make.file("a.txt", "a"))
        process = process_of(opened)._process
        process.kill()
        process.wait()
        assert opened.extract(make.file("b.txt", "b")).pages[0].text == "b"


def test_many_threads_share_the_processes(make) -> None:
    paths = [make.file(f"{n}.txt", f"text {n}") for n in range(24)]
    with Extractor(ExtractLimits(ocr=False), processes=2) as opened, ThreadPoolExecutor(8) as threads:
        texts = [found.pages[0].text for found in threads.map(opened.extract, paths)]
        assert len(opened._pool._idle) <= 2
    assert texts == [f"text {n}" for n in range(24)]


def test_a_process_that_was_idle_for_long_is_ended(make) -> None:
    with Extractor(ExtractLimits(ocr=False)) as opened:
        opened.extract(make.file("a.txt", "a"))
        pid = process_of(opened)._process.pid
        opened._pool.reap(idle_seconds=3600)
        assert Path(f"/proc/{pid}").exists()
        opened._pool.reap(idle_seconds=0)
        assert not Path(f"/proc/{pid}").exists()
        assert opened.extract(make.file("b.txt", "b")).pages[0].text == "b"


def test_closing_ends_a_reading_under_way(make) -> None:
    opened = Extractor(ExtractLimits(ocr=False))
    pid = stopped(opened, make)
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(opened.extract, make.file("slow.txt", "slow"))
        while not opened._pool._busy:
            time.sleep(0.001)
        opened.close()
        with pytest.raises((UnreadableDocument, Conflict)):
            reading.result(timeout=10)
    assert not Path(f"/proc/{pid}").exists()


def test_a_closed_extractor_says_so(make) -> None:
    opened = Extractor()
    opened.close()
    with pytest.raises(Conflict, match="closed"):
        opened.extract(make.file("a.txt", "a"))


def test_the_child_gets_nothing_of_our_environment_and_leaves_nothing_behind(make, monkeypatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    process = ReadingProcess()
    try:
        assert "SECRET_KEY" not in process._environment()
        folder = process._folder
        assert folder.is_dir()
    finally:
        process.close()
    assert not folder.exists()


def test_the_child_dies_with_its_parent(make) -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom headwater.documents.extract import Extractor\n"
        "e = Extractor()\ne.extract(Path(sys.argv[1]))\np = e._pool._idle[0]\n"
        "print(p._process.pid, p._folder, flush=True)\nos._exit(9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(make.file("a.txt", "a"))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 9, done.stderr
    pid, folder = done.stdout.split()
    child = Path(f"/proc/{pid}/stat")
    deadline = time.monotonic() + 10
    while child.exists() and child.read_text().split(") ")[1][0] != "Z":
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.01)
    assert not Path(folder).exists()


def test_the_child_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        script = (
            "import socket, sys\nfrom headwater.documents.extract_child import refuse_network\nrefuse_network()\n"
            "here = ('127.0.0.1', int(sys.argv[1]))\n"
            "for ask in (lambda: socket.create_connection(here), lambda: socket.getaddrinfo('a', 1)):\n"
            "    try: ask()\n    except OSError as error: print(type(error).__name__)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(server.getsockname()[1])], capture_output=True, text=True, check=True
        )
    assert done.stdout.split() == ["PermissionError", "PermissionError"]


def test_starting_a_child_imports_no_reader() -> None:
    script = (
        "import headwater.documents.extract_child, sys\n"
        "heavy = ('kreuzberg', 'pypdfium2', 'numpy', 'pydantic', 'sqlalchemy', 'email', 'PIL')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.shared_data
def test_real_files_of_every_kind_end_read_or_refused_with_a_reason(shared_data) -> None:
    documents = shared_data / "documents"
    refused = {}
    with Extractor(ExtractLimits(ocr=False)) as opened:
        for path in sorted(documents.rglob("*")):
            if path.is_file():
                try:
                    assert opened.extract(path).pages, path.name
                except UnreadableDocument as error:
                    refused[path.name] = (error.message, error.hint)
    assert set(refused) == {"onyx_encrypted.pdf", "password.pdf"}
    assert all(name in message and hint for name, (message, hint) in refused.items())
