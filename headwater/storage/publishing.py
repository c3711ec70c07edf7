"""Making a version searchable inside one transaction, the members of an archive with it."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from headwater.core.types import Extraction
from headwater.storage import keyword
from headwater.storage.erasure import Erased, erase_documents, erase_versions
from headwater.storage.names import clean_name, numbered
from headwater.storage.ownership import new_id
from headwater.storage.tables import DocumentRow, PageRow, PassageRow, VersionRow

UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A span to be searched: `page.text[start:end] == text`; `terms` are its keywords, separated by spaces."""

    page_number: int
    start: int
    end: int
    text: str
    terms: str
    heading: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewMember:
    """A file inside a file with its passages, or the `error` why it has none. `name` is its path inside."""

    name: str
    extraction: Extraction
    passages: tuple[NewPassage, ...] = ()
    error: str | None = None
    members: tuple[NewMember, ...] = ()


@dataclass
class Published:
    """What changed: document ids (the file first, then its members, failed ones too) and new passage ids."""

    document_ids: list[str] = field(default_factory=list)
    passage_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Work:
    """One transaction of publishing: where rows go, what came of it, and the time."""

    session: Session
    published: Published
    erased: Erased
    now: float


def publish_version(
    session: Session, document: DocumentRow, version: VersionRow, content: NewMember, erased: Erased, now: float
) -> Published:
    """Store the content, swap the document to the version, and remove the version it had before."""
    published = Published()
    if version.state != "searchable":
        work = _Work(session, published, erased, now)
        _fill(work, document, version, content)
        _become(work, document, version)
        _publish_members(work, document, version, content.members)
    return published


def _publish_members(work: _Work, parent: DocumentRow, source: VersionRow, members: Sequence[NewMember]) -> None:
    """Bring the documents under `parent` to exactly these members: new, replaced or gone."""
    children = work.session.scalars(select(DocumentRow).where(DocumentRow.parent_id == parent.id)).all()
    unused = {child.name: child for child in children}
    for member in members:
        document = _member_document(work, parent, member.name, unused)
        version = _member_version(work, document, source, member)
        if member.error is None:
            _fill(work, document, version, member)
            _become(work, document, version)
        else:
            version.state, version.error = "failed", member.error
            version.hint = "The other files beside it were read. Take it out and send it by itself to try again."
            document.version_id = None
            _erase_others(work, document, version)
            work.published.document_ids.append(document.id)
        _publish_members(work, document, source, member.members)
    if unused:
        gone = [child.id for child in unused.values()]
        erase_documents(work.session, parent.collection_id, gone, work.erased)


def _member_document(
    work: _Work, parent: DocumentRow, name: str, unused: MutableMapping[str, DocumentRow]
) -> DocumentRow:
    """The parent's document for a member: the one it had under this name, or a new one."""
    wanted = clean_name(f"{parent.name}/{name}")
    if wanted in unused:
        return unused.pop(wanted)
    document = DocumentRow(
        id=new_id(),
        collection_id=parent.collection_id,
        name=free_name(work.session, parent.collection_id, wanted),
        parent_id=parent.id,
        created=work.now,
    )
    work.session.add(document)
    work.session.flush()
    return document


def _member_version(work: _Work, document: DocumentRow, source: VersionRow, member: NewMember) -> VersionRow:
    """A version of a member. It has no bytes of its own, so its hash is that of the file it came in."""
    version = VersionRow(
        id=new_id(),
        document_id=document.id,
        sha256=source.sha256,
        size=sum(len(page.text.encode("utf-8", "replace")) for page in member.extraction.pages),
        media_type=member.extraction.media_type,
        state="parsing",
        warnings=[],
        created=work.now,
    )
    work.session.add(version)
    work.session.flush()
    return version


def _fill(work: _Work, document: DocumentRow, version: VersionRow, content: NewMember) -> None:
    """Write the pages, passages and keyword rows of a version."""
    session, extraction = work.session, content.extraction
    pages = [
        {"version_id": version.id, "number": page.number, "label": page.label, "text": page.text}
        for page in extraction.pages
    ]
    if pages:
        session.execute(insert(PageRow), pages)
    passages = [
        {
            "collection_id": document.collection_id,
            "document_id": document.id,
            "version_id": version.id,
            "ordinal": ordinal,
            "page_number": passage.page_number,
            "start": passage.start,
            "end": passage.end,
            "heading": list(passage.heading),
            "text": passage.text,
        }
        for ordinal, passage in enumerate(content.passages)
    ]
    if passages:
        adding = insert(PassageRow).returning(PassageRow.id, sort_by_parameter_order=True)
        ids = list(session.scalars(adding, passages))
        terms = (passage.terms for passage in content.passages)
        keyword.index_terms(
            session, [(id_, document.collection_id, text) for id_, text in zip(ids, terms, strict=True)]
        )
        work.published.passage_ids.extend(ids)
    if extraction.media_type != UNKNOWN_TYPE:
        version.media_type = extraction.media_type
    version.warnings = list(extraction.warnings)
    version.paged = extraction.paged
    version.page_count, version.passage_count, version.embedded = len(pages), len(passages), 0


def _become(work: _Work, document: DocumentRow, version: VersionRow) -> None:
    """Let the document be searched by this version and no other."""
    version.state, version.error, version.hint = "searchable", None, None
    document.version_id = version.id
    work.published.document_ids.append(document.id)
    _erase_others(work, document, version)


def _erase_others(work: _Work, document: DocumentRow, version: VersionRow) -> None:
    work.session.flush()
    others = select(VersionRow.id).where(VersionRow.document_id == document.id, VersionRow.id != version.id)
    erase_versions(work.session, document.collection_id, work.session.scalars(others).all(), work.erased)


def document_named(session: Session, collection_id: str, name: str, parent_id: str | None) -> DocumentRow | None:
    """The document that a file is a version of, looking past namesakes that came out of other files."""
    for candidate in _candidates(name):
        named = (DocumentRow.collection_id == collection_id, DocumentRow.name == candidate)
        found = session.scalars(select(DocumentRow).where(*named)).first()
        if found is None or found.parent_id == parent_id:
            return found
    return None


def free_name(session: Session, collection_id: str, name: str) -> str:
    """`name`, or "name (2)" and so on when it is taken in the collection."""
    for candidate in _candidates(name):
        taken = select(DocumentRow.id).where(DocumentRow.collection_id == collection_id, DocumentRow.name == candidate)
        if session.scalars(taken).first() is None:
            return candidate
    raise AssertionError("numbers do not end")


def _candidates(name: str) -> Iterator[str]:
    return (numbered(name, number) for number in count(1))
