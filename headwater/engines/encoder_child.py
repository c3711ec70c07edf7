"""The encoder worker process: `python -m headwater.engines.encoder_child`.

Frames in: {"id", "spec", "lane", "items"}. Frames out: {"ready"}, {"started": id}, and for each
request {"id"} with stacked arrays or {"id", "error"}. Queries have their own thread, so one never
waits behind a bulk request. Ends when its input closes.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np

from headwater.engines.encoder_model import EncoderModel, EncoderSpec
from headwater.engines.frames import Array, Frame, read_frame, write_frame
from headwater.engines.lifeline import private_stdout


class Request:
    """A request in work: which items are taken and which rows are done."""

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.id: int = header["id"]
        self.spec = EncoderSpec.from_json(header["spec"])
        self.items: Sequence[Any] = header["items"]
        self.rows: list[Mapping[str, Array] | None] = [None] * len(self.items)
        self.taken = 0
        self.done = 0
        self.error: str | None = None


class Lane:
    """Requests waiting for the threads of one lane, first come first served, item by item."""

    def __init__(self) -> None:
        self._requests: deque[Request] = deque()
        self._changed = threading.Condition()

    def add(self, request: Request) -> None:
        """Queue a request that has at least one item."""
        with self._changed:
            self._requests.append(request)
            self._changed.notify_all()

    def take(self) -> tuple[Request, int]:
        """Wait for work and return a request with the number of its next item."""
        with self._changed:
            while not self._requests:
                self._changed.wait()
            request = self._requests[0]
            number = request.taken
            request.taken += 1
            if request.taken == len(request.items):
                self._requests.popleft()
            return request, number

    def finish(self, request: Request, number: int, row: Mapping[str, Array] | str) -> bool:
        """Keep a row, or an error that spares the rest; return whether the request is over."""
        with self._changed:
            if isinstance(row, str):
                request.error = request.error or row
                if request in self._requests:
                    self._requests.remove(request)
                    request.done += len(request.items) - request.taken
                    request.taken = len(request.items)
            else:
                request.rows[number] = row
            request.done += 1
            return request.done == len(request.items)


class Worker:
    """Loads models on first use and answers requests."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._writing = threading.Lock()
        self._loading = threading.Lock()
        self._models: dict[EncoderSpec, EncoderModel] = {}
        self.lanes = {"query": Lane(), "bulk": Lane()}

    def send(self, frame: Frame) -> None:
        """Write one frame; threads take turns."""
        with self._writing:
            write_frame(self._output, frame)

    def serve(self, lane: Lane) -> None:
        """Work on a lane for ever."""
        while True:
            request, number = lane.take()
            if number == 0:
                self.send(Frame({"started": request.id}))
            if lane.finish(request, number, self._row(request, number)):
                self.send(_reply(request))

    def _row(self, request: Request, number: int) -> Mapping[str, Array] | str:
        try:
            return self._model(request.spec).run(request.items[number])
        except Exception as error:  # noqa: BLE001 - whatever a library raises fails this request, not the others
            return f"{type(error).__name__}: {error}"

    def _model(self, spec: EncoderSpec) -> EncoderModel:
        with self._loading:
            if spec not in self._models:
                self._models[spec] = EncoderModel(spec)
            return self._models[spec]


def _reply(request: Request) -> Frame:
    if request.error is not None:
        return Frame({"id": request.id, "error": request.error})
    return Frame({"id": request.id}, stack([row for row in request.rows if row is not None]))


def stack(rows: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Join rows: equal shapes are stacked, rows by token are laid end to end with `NAME.lengths`."""
    joined: dict[str, Array] = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if name in ("offsets", "segments") or values[0].ndim > 1:
            joined[name] = np.concatenate(values)
            joined[f"{name}.lengths"] = np.array([len(value) for value in values], np.int64)
        else:
            joined[name] = np.stack(values)
    return joined


def main() -> None:
    """Serve until the input closes."""
    output = os.fdopen(private_stdout(), "wb")
    source = sys.stdin.buffer
    config = json.loads(source.readline())
    worker = Worker(output)
    lanes = [worker.lanes["query"]] + [worker.lanes["bulk"]] * config["threads"]
    for number, lane in enumerate(lanes):
        threading.Thread(target=worker.serve, args=(lane,), name=f"encoder {number}", daemon=True).start()
    worker.send(Frame({"ready": True}))
    while (frame := read_frame(source)) is not None:
        request = Request(frame.header)
        worker.lanes[frame.header["lane"]].add(request)
    os._exit(0)


if __name__ == "__main__":
    main()
