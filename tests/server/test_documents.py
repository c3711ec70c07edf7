from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from headwater.core.types import Scope


@pytest.fixture
def shelf(house: Any, ben: Scope) -> str:
    return house.collections.create(ben, "shelf").id


def upload(client: Any, shelf: str, *files: tuple[str, bytes], media_type: str = "text/plain") -> Any:
    parts = [("file", (name, content, media_type)) for name, content in files]
    return client.post(f"/api/collections/{shelf}/documents", files=parts)


def test_collections_are_made_renamed_and_deleted(visit: Any, ben: Scope) -> None:
    client = visit("ben")
    made = client.post("/api/collections", json={"name": "Papers"})
    assert made.status_code == 201
    identifier = made.json()["id"]
    assert made.json() | {"created": 0} == {
        "id": identifier,
        "name": "Papers",
        "created": 0,
        "document_count": 0,
        "passage_count": 0,
        "embedded": 0,
    }
    assert client.post("/api/collections", json={"name": "Papers"}).status_code == 409
    assert client.patch(f"/api/collections/{identifier}", json={"name": "Essays"}).json()["name"] == "Essays"
    assert [each["name"] for each in client.get("/api/collections").json()] == ["Essays"]
    assert client.delete(f"/api/collections/{identifier}").json() == {"done": True}
    assert client.get(f"/api/collections/{identifier}").status_code == 404


def test_a_file_is_taken_in_read_and_found(visit: Any, house: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    answer = upload(client, shelf, ("ferry.txt", b"The night ferry leaves at 22:40.\fBicycles travel free."))
    assert answer.status_code == 202, answer.text
    (taken,) = answer.json()["documents"]
    assert answer.json()["errors"] == []
    assert taken["document"]["name"] == "ferry.txt"
    assert taken["document"]["state"] in ("queued", "parsing", "searchable")
    job = client.get(f"/api/jobs/{taken['job_id']}").json()
    assert (job["kind"], job["subject"]) == ("ingest", "ferry.txt")
    house.work()
    identifier = taken["document"]["id"]
    document = client.get(f"/api/documents/{identifier}").json()
    assert (document["state"], document["page_count"], document["error"]) == ("searchable", 2, None)
    pages = client.get(f"/api/documents/{identifier}/pages").json()
    assert pages == {
        "paged": True,
        "pages": [{"number": 1, "label": None, "characters": 32}, {"number": 2, "label": None, "characters": 21}],
    }
    page = client.get(f"/api/documents/{identifier}/pages/2").json()
    assert (page["text"], page["has_picture"], page["width"]) == ("Bicycles travel free.", False, None)
    hits = client.post("/api/search", json={"query": "bicycles"}).json()["hits"]
    assert [(hit["document"], hit["page"], hit["text"]) for hit in hits] == [("ferry.txt", 2, "Bicycles travel free.")]
    assert page["text"][hits[0]["start"] : hits[0]["end"]] == hits[0]["text"]


def test_the_same_bytes_again_change_nothing(visit: Any, house: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    first = upload(client, shelf, ("a.txt", b"one")).json()["documents"][0]
    house.work()
    again = upload(client, shelf, ("a.txt", b"one")).json()["documents"][0]
    assert again["job_id"] is None
    assert again["document"]["id"] == first["document"]["id"]
    changed = upload(client, shelf, ("a.txt", b"two")).json()["documents"][0]
    assert changed["job_id"] is not None
    assert changed["document"]["id"] == first["document"]["id"]


def test_one_bad_file_does_not_stop_the_others(visit: Any, house: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    big = b"x" * 1_500_000
    answer = upload(client, shelf, ("a.txt", b"fine"), ("big.txt", big), ("b.txt", b"fine too"))
    assert answer.status_code == 202
    assert [each["document"]["name"] for each in answer.json()["documents"]] == ["a.txt", "b.txt"]
    (error,) = answer.json()["errors"]
    assert error["name"] == "big.txt"
    assert "larger than 1 MB" in error["message"] and "max_file_mb" in error["hint"]
    assert not list((house.settings.files_dir / "arriving").glob("*")), "nothing half written is left"


def test_far_too_much_is_cut_off(live: Any, ben_key: str, shelf: str) -> None:
    def form() -> Iterator[bytes]:
        yield b'--B\r\nContent-Disposition: form-data; name="file"; filename="huge.bin"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 1_000_000
        yield b"\r\n--B--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=B"}
    with live.client(ben_key) as client:
        answer = client.post(f"/api/collections/{shelf}/documents", headers=headers, content=form())
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


def test_a_file_that_cannot_be_read_says_why_and_can_be_retried(visit: Any, house: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    made = upload(client, shelf, ("photo.txt", b"\xff\xfe\xfd")).json()["documents"][0]
    house.work()
    document = client.get(f"/api/documents/{made['document']['id']}").json()
    assert (document["state"], document["error"], document["hint"]) == (
        "failed",
        "photo.txt is not text.",
        "Send a text file.",
    )
    retried = client.post(f"/api/documents/{document['id']}/retry")
    assert retried.status_code == 202
    assert client.get(f"/api/jobs/{retried.json()['job_id']}").status_code == 200
    upload(client, shelf, ("good.txt", b"fine"))
    house.work()
    good = next(d for d in client.get(f"/api/collections/{shelf}/documents").json() if d["name"] == "good.txt")
    assert client.post(f"/api/documents/{good['id']}/retry").status_code == 409


NAMES = {
    "../../etc/passwd": "etc/passwd",
    "..\\..\\windows\\win.ini": "windows/win.ini",
    "/etc/shadow": "etc/shadow",
    "reports/2024/q1.txt": "reports/2024/q1.txt",
    "evil\u202etxt.exe": "eviltxt.exe",
    "-rf.txt": "-rf.txt",
    "naïve 文件.txt": "naïve 文件.txt",
    "<script>alert(1)<script>.txt": "<script>alert(1)<script>.txt",
    "CON": "CON",
}


def test_odd_file_names(visit: Any, house: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    taken = upload(client, shelf, *((name, name.encode()) for name in NAMES)).json()["documents"]
    assert [each["document"]["name"] for each in taken] == list(NAMES.values())
    for each, sent in zip(taken, NAMES, strict=True):
        download = client.get(f"/api/documents/{each['document']['id']}/file")
        kind, _, name = download.headers["content-disposition"].partition(";")
        assert kind == "attachment" and "/" not in name
        assert download.content == sent.encode()
    outside = [path for path in house.folder.rglob("*") if "passwd" in path.name or "script" in path.name]
    assert outside == []


def test_a_name_of_four_thousand_characters(visit: Any, ben: Scope, shelf: str) -> None:
    made = upload(visit("ben"), shelf, ("x" * 3500 + ".txt", b"bytes")).json()["documents"][0]["document"]
    assert len(made["name"]) <= 900 and made["name"].endswith(".txt")


def test_downloads_never_run_in_the_browser(visit: Any, house: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    page = b"<script>alert(document.cookie)</script>"
    made = upload(client, shelf, ("page.html", page), media_type="text/html").json()["documents"][0]["document"]
    download = client.get(f"/api/documents/{made['id']}/file")
    assert download.headers["content-type"] == "application/octet-stream"
    assert download.headers["content-disposition"] == 'attachment; filename="page.html"'
    assert download.headers["x-content-type-options"] == "nosniff"
    assert download.headers["content-security-policy"].startswith("sandbox;")
    assert download.content == page


def test_the_senders_media_type_is_not_believed(visit: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    made = upload(client, shelf, ("notes.txt", b"x"), media_type="application/pdf").json()["documents"][0]["document"]
    assert made["media_type"] == "text/plain"


FORMS = [
    ({"content-type": "application/json"}, b"{}", "not a form with files"),
    ({"content-type": "multipart/form-data"}, b"x", "not a form with files"),
    ({"content-type": "multipart/form-data; boundary=B"}, b"", "ends before its last boundary"),
    ({"content-type": "multipart/form-data; boundary=B"}, b"garbage", "not well formed"),
    (
        {"content-type": "multipart/form-data; boundary=B"},
        b'--B\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\nx\r\n--B--\r\n',
        "'other' is not a file",
    ),
    (
        {"content-type": "multipart/form-data; boundary=B"},
        b'--B\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--B--\r\n',
        "'file' is not a file",
    ),
    ({"content-type": "multipart/form-data; boundary=B"}, b"--B--\r\n", "holds no file"),
]


def test_a_form_that_is_not_as_described(visit: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    for headers, body, says in FORMS:
        answer = client.post(f"/api/collections/{shelf}/documents", headers=headers, content=body)
        assert answer.status_code == 400, answer.text
        assert says in answer.json()["error"]["message"]


def test_a_form_that_breaks_off_keeps_no_half_file(visit: Any, house: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    body = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf of it'
    headers = {"content-type": "multipart/form-data; boundary=B"}
    answer = client.post(f"/api/collections/{shelf}/documents", headers=headers, content=body)
    assert answer.status_code == 400
    assert client.get(f"/api/collections/{shelf}/documents").json() == []
    assert not [path for path in house.settings.files_dir.rglob("*") if path.is_file()]


def test_deleting_a_document_deletes_its_bytes(visit: Any, house: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    identifier = house.add_text(ben, shelf, "a.txt", "gone soon")
    assert client.delete(f"/api/documents/{identifier}").json() == {"done": True}
    assert client.get(f"/api/documents/{identifier}").status_code == 404
    assert client.post("/api/search", json={"query": "gone"}).json()["hits"] == []
    assert not [path for path in house.settings.files_dir.rglob("*") if path.is_file()]


def test_pictures_and_boxes(visit: Any, house: Any, ben: Scope, shelf: str) -> None:
    client = visit("ben")
    text = house.add_text(ben, shelf, "a.txt", "plain")
    assert client.get(f"/api/documents/{text}/pages/1/picture").status_code == 400
    assert client.get(f"/api/documents/{text}/pages/1/boxes?start=0&end=5").json() == {"boxes": []}
    stored = house.files.put(b"drawn", 1000)
    drawn = house.ingest.add_file(ben, shelf, "a.png", stored, "image/png")
    house.runner.run_now(drawn.job)
    with house.catalogue.writing() as session:
        from headwater.storage.tables import VersionRow

        for row in session.query(VersionRow).filter_by(sha256=stored.sha256):
            row.media_type = "image/png"
    url = f"/api/documents/{drawn.document.id}/pages/1"
    page = client.get(url).json()
    assert (page["has_picture"], page["width"], page["height"]) == (True, 600.0, 800.0)
    picture = client.get(f"{url}/picture?width=640")
    assert picture.headers["content-type"] == "image/png" and picture.content.endswith(b"640")
    assert picture.headers["cache-control"] == "no-store"
    version = client.get(f"/api/documents/{drawn.document.id}").json()["version_id"]
    kept = client.get(f"{url}/picture?version={version}").headers["cache-control"]
    assert kept == "private, max-age=300"
    (box,) = client.get(f"{url}/boxes?start=0&end=5").json()["boxes"]
    assert box == {"left": 0.0, "top": 0.0, "width": 1.0, "height": 0.1}
    for wrong in ("start=3&end=2", "start=0&end=99", "start=2&end=2"):
        assert client.get(f"{url}/boxes?{wrong}").status_code == 400
    for wrong in ("start=-1&end=2", "start=x&end=2", "end=2"):
        assert client.get(f"{url}/boxes?{wrong}").status_code == 422
    for wrong in ("0", "-1", "x"):
        assert client.get(f"/api/documents/{text}/pages/{wrong}").status_code == 422
    assert client.get(f"/api/documents/{text}/pages/99").status_code == 404
    assert client.get(f"{url}/picture?width=100000").status_code == 422
