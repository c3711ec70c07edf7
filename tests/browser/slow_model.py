"""An OpenAI-compatible server whose model never comes to an end: what Stop is for.

Only when it is asked for questions about a passage it answers, with one about the first sentence.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS_PER_WORD = 0.03
MOST_WORDS = 2000


class SlowServer(ThreadingHTTPServer):
    """Counts the streams that were left before their end."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SlowModel)
        self.left = threading.Event()
        self.pace = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class SlowModel(BaseHTTPRequestHandler):
    """Streams numbered words until whoever listens goes away."""

    server: SlowServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not self.path.endswith("/chat/completions"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        passage = asked_about(body)
        if passage is not None:
            self._answer(pair_about(passage))
            return
        try:
            for number in range(1, MOST_WORDS):
                chunk = {"choices": [{"index": 0, "delta": {"content": f"word{number} "}}]}
                self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
                self.wfile.flush()
                self.server.pace.wait(SECONDS_PER_WORD)
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            self.server.left.set()

    def _answer(self, text: str) -> None:
        chunk = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


def asked_about(body: bytes) -> str | None:
    """The passage that a request wants questions about."""
    said = str(json.loads(body)["messages"][-1]["content"])
    return said.partition("Passage:\n")[2] if 'as "quote"' in said else None


def pair_about(passage: str) -> str:
    """A question about the first sentence of a passage, and one about nothing in it."""
    sentence = passage.strip().partition(".")[0] + "."
    true = {"question": f"What is said of {sentence.split()[0]} {len(passage)}?", "answer": sentence, "quote": sentence}
    false = {"question": "Who owns the moon?", "answer": "Nobody owns it.", "quote": "The moon is free for everyone."}
    return json.dumps({"pairs": [true, false]})


@contextmanager
def slow_model() -> Iterator[SlowServer]:
    """Run it for the length of a block."""
    server = SlowServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.pace.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
