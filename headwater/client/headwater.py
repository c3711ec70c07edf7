"""Ask documents, chat, search and upload from Python.

>>> from headwater.client import Headwater
>>> with Headwater("http://127.0.0.1:7860", "hw_...") as headwater:
...     headwater.upload("report.pdf", "Reports")
...     print(headwater.ask("What was decided?", ["Reports"]).text)
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from headwater.client.connection import Connection, HeadwaterFailed
from headwater.client.values import Answer, Collection, Document, Hit, Text, answer_from, value_from

Turn = Mapping[str, str]
LOOK_SECONDS = 0.2


class Headwater:
    """A server, by its address and an API key. Safe to use from several threads."""

    def __init__(self, base_url: str, api_key: str, timeout_seconds: float = 600.0) -> None:
        self._connection = Connection(base_url, api_key, timeout_seconds)

    def __enter__(self) -> Headwater:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    # --- asking ------------------------------------------------------------------------------

    def ask(self, question: str, collections: Sequence[str] = (), model: str | None = None) -> Answer:
        """Answer a question from collections, by name or id; from all of them when none is named."""
        body = _chat_body([{"role": "user", "content": question}], model)
        reply = self._connection.request(
            "POST", "/v1/chat/completions", {**body, "headwater": {"collections": list(collections)}}
        )
        return answer_from(reply["choices"][0]["message"]["content"], reply["model"], reply["headwater"])

    def chat(
        self, messages: Sequence[Turn], collections: Sequence[str] | None = None, model: str | None = None
    ) -> Iterator[Text | Answer]:
        """Yield the reply to a conversation as it is written, and the whole answer last.

        `messages` are {"role", "content"}. With `collections` the last one is answered from
        documents; None asks the model alone. Leaving the iterator stops the work.
        """
        body = {**_chat_body(messages, model), "stream": True}
        if collections is not None:
            body["headwater"] = {"collections": list(collections)}
        texts: list[str] = []
        chunk: dict[str, Any] = {}
        for chunk in self._connection.stream("/v1/chat/completions", body):
            piece = chunk["choices"][0]["delta"].get("content")
            if piece:
                texts.append(piece)
                yield Text(piece)
        yield answer_from("".join(texts), chunk["model"], chunk.get("headwater"))

    def search(self, query: str, collections: Sequence[str] = (), limit: int = 10) -> list[Hit]:
        """The passages nearest to a query, best first; from all collections when none is named."""
        ids = [self.collection(name).id for name in collections]
        reply = self._connection.request("POST", "/api/search", {"query": query, "collection_ids": ids, "limit": limit})
        return [value_from(Hit, row) for row in reply["hits"]]

    # --- documents ---------------------------------------------------------------------------

    def collections(self) -> list[Collection]:
        """Your collections by name."""
        return [value_from(Collection, row) for row in self._connection.request("GET", "/api/collections")]

    def collection(self, name_or_id: str, create: bool = False) -> Collection:
        """A collection by name or id; made when it is missing and `create` is set. Raises HeadwaterFailed."""
        known = self.collections()
        for each in known:
            if name_or_id in (each.id, each.name):
                return each
        if create:
            return value_from(Collection, self._connection.request("POST", "/api/collections", {"name": name_or_id}))
        names = ", ".join(each.name for each in known) or "none"
        raise HeadwaterFailed(f"No collection {name_or_id!r}.", f"Known: {names}.", 404, "unknown")

    def documents(self, collection: str) -> list[Document]:
        """The documents of a collection by name."""
        path = f"/api/collections/{self.collection(collection).id}/documents"
        return [value_from(Document, row) for row in self._connection.request("GET", path)]

    def document(self, document_id: str) -> Document:
        """One document, as it is now."""
        return value_from(Document, self._connection.request("GET", f"/api/documents/{document_id}"))

    def upload(self, path: str | Path, collection: str, wait_seconds: float = 600.0) -> Document:
        """Send a file to a collection, which is made if it is missing, and wait until it is searchable.

        `wait_seconds` 0 returns at once. Raises HeadwaterFailed when the file is refused, cannot be
        read, or is not ready in time.
        """
        path = Path(path)
        address = f"/api/collections/{self.collection(collection, create=True).id}/documents"
        with path.open("rb") as stream:
            reply = self._connection.request("POST", address, files={"file": (path.name, stream)})
        for error in reply["errors"]:
            raise HeadwaterFailed(f"{path.name}: {error['message']}", error["hint"], 400, "refused")
        document = value_from(Document, reply["documents"][0]["document"])
        return self._wait(document, wait_seconds) if wait_seconds else document

    def _wait(self, document: Document, wait_seconds: float) -> Document:
        deadline = time.monotonic() + wait_seconds
        while document.state in ("queued", "parsing"):
            if time.monotonic() > deadline:
                raise HeadwaterFailed(f"{document.name} is still {document.state}.", "Raise wait_seconds.")
            time.sleep(LOOK_SECONDS)
            document = self.document(document.id)
        if document.state == "failed":
            raise HeadwaterFailed(document.error or f"{document.name} failed.", document.hint, 422, "unreadable")
        return document


def _chat_body(messages: Sequence[Turn], model: str | None) -> dict[str, Any]:
    body: dict[str, Any] = {"messages": [dict(turn) for turn in messages]}
    return body if model is None else {**body, "model": model}
