"""Files of a multipart form as they arrive: nothing is kept in memory and no temporary file is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from headwater.core.errors import BadInput, Cancelled

FIELD = "file"
MOST_FILES = 1000
SILENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Begin:
    """A file begins. `name` is what the sender calls it, in any form."""

    name: str


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes of the file that began last."""

    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The file is complete."""


Part = Begin | Block | End


class PartReader:
    """Turns the parser's callbacks into parts. Raises BadInput for a form that is not as described."""

    def __init__(self) -> None:
        self.ready: list[Part] = []
        self.complete = False
        self.files = 0
        self._field = b""
        self._value = b""
        self._disposition = b""

    def parser(self, boundary: bytes) -> MultipartParser:
        """A parser that reports to this reader."""
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    def take(self) -> list[Part]:
        """The parts that came since the last call."""
        taken, self.ready = self.ready, []
        return taken

    def _part_begin(self) -> None:
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        field = options.get(b"name", b"").decode("utf-8", "replace")
        if field != FIELD or b"filename" not in options:
            raise BadInput(
                f"The form field {field[:40]!r} is not a file in the field {FIELD!r}",
                f"Send each file in a field named {FIELD!r}, and nothing else.",
            )
        self.files += 1
        if self.files > MOST_FILES:
            raise BadInput(f"More than {MOST_FILES} files in one request", "Send fewer at once.")
        self.ready.append(Begin(options[b"filename"].decode("utf-8", "replace")))

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self.ready.append(Block(data[start:end]))

    def _part_end(self) -> None:
        self.ready.append(End())

    def _end(self) -> None:
        self.complete = True


def boundary_of(request: Request) -> bytes:
    """The boundary of the form. Raises BadInput when the body is no multipart form."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise BadInput(
            f"The content type {kind.decode('latin-1')[:80]!r} is not a form with files",
            f"Send multipart/form-data with the files in the field {FIELD!r}.",
        )
    return options[b"boundary"]


async def parts_of(request: Request, silence_seconds: float = SILENCE_SECONDS) -> AsyncGenerator[Part, None]:
    """Yield the files of a form as they arrive.

    Raises BadInput, Cancelled when the client leaves, HTTPException 408 when it falls silent.
    """
    reader = PartReader()
    try:
        parser = reader.parser(boundary_of(request))
        body: AsyncIterator[bytes] = aiter(request.stream())
        while chunk := await _next_chunk(body, silence_seconds):
            parser.write(chunk)
            for part in reader.take():
                yield part
        parser.finalize()
    except FormParserError as error:
        raise BadInput(f"The form is not well formed: {error}", "Send multipart/form-data.") from error
    except ClientDisconnect:
        raise Cancelled("The client left before the files were complete", "Send them again.") from None
    if not reader.complete:
        raise BadInput("The form ends before its last boundary", "Send it again.")
    if not reader.files:
        raise BadInput("The form holds no file", f"Send at least one, in the field {FIELD!r}.")


async def _next_chunk(body: AsyncIterator[bytes], silence_seconds: float) -> bytes:
    """The next bytes that are not empty; empty at the end."""
    while True:
        try:
            chunk = await asyncio.wait_for(anext(body, None), silence_seconds)
        except TimeoutError:
            raise HTTPException(408, f"Nothing came for {silence_seconds:.0f} s; send the files again.") from None
        if chunk is None:
            return b""
        if chunk:
            return chunk
