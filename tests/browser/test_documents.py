"""Adding files, watching them, trying the search, deleting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import serious_findings
from tests.browser.conftest import Person

pytestmark = pytest.mark.real

DROP = """
  ([name, text]) => {
    const files = new DataTransfer();
    files.items.add(new File([text], name, { type: "text/plain" }));
    const zone = document.querySelector("main h1");
    for (const kind of ["dragenter", "dragover", "drop"])
      zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: files }));
  }
"""


def row(page: Page, name: str):  # type: ignore[no-untyped-def]
    """The table row of a document."""
    return page.locator(f"tr[data-document='{name}']")


def test_add_watch_search_and_delete(person: Person, guide: Path) -> None:
    page = person.open("/documents")
    expect(page.get_by_text("Drop files or whole folders here")).to_be_visible()
    assert serious_findings(page) == []
    page.get_by_test_id("files").set_input_files(guide)
    expect(row(page, "guide.pdf")).to_have_attribute("data-state", "searchable")
    expect(row(page, "guide.pdf").get_by_text("Searchable", exact=True).last).to_be_visible()
    assert serious_findings(page) == []

    page.get_by_role("button", name="Try the search").click()
    page.get_by_label("Question or words to find").fill("telemetry and update check")
    page.keyboard.press("Enter")
    hit = page.locator("[data-hit]").first
    expect(hit).to_contain_text("telemetry")
    hit.get_by_role("button").first.click()
    expect(page).to_have_url(re.compile(r"/documents/\w+\?.*page=1"))
    expect(page.locator("[data-highlight=active]").first).to_be_visible()
    assert serious_findings(page) == []

    page.get_by_role("button", name="Extracted text").click()
    expect(page.locator("mark[data-active]")).to_contain_text("telemetry")
    page.locator("h1").click()
    page.keyboard.press("]")
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()
    page.get_by_role("link", name="Back to the documents").click()

    page.get_by_role("button", name="Delete guide.pdf").click()
    page.get_by_role("button", name="Keep").click()
    expect(row(page, "guide.pdf")).to_be_visible()
    page.get_by_role("button", name="Delete guide.pdf").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row(page, "guide.pdf")).to_have_count(0)
    assert person.api.post("/api/search", json={"query": "telemetry"}).json()["hits"] == []


def test_a_file_that_cannot_be_read_says_why_and_the_others_go_on(person: Person, tmp_path: Path, guide: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(guide.read_bytes()[:2000])
    notes = tmp_path / "notes.txt"
    notes.write_text("The boiler was serviced in March.", "utf-8")
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    page = person.open("/documents")
    page.get_by_test_id("files").set_input_files([broken, empty, notes])
    expect(row(page, "notes.txt")).to_have_attribute("data-state", "searchable")
    expect(row(page, "broken.pdf")).to_have_attribute("data-state", "failed")
    expect(row(page, "broken.pdf")).to_contain_text("broken.pdf")
    expect(row(page, "empty.txt")).to_contain_text("empty.txt is empty")
    assert serious_findings(page) == []
    page.get_by_role("button", name="Read broken.pdf again").click()
    expect(row(page, "broken.pdf")).to_have_attribute("data-state", "failed")


def test_a_list_that_was_read_before_a_change_does_not_undo_it(person: Person, tmp_path: Path, guide: Path) -> None:
    """Under load the answer with the list may come after the news of what changed since it was read."""
    collection = person.collection("Late")
    person.add(collection, guide, "report.pdf")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(guide.read_bytes()[:2000])
    notes = tmp_path / "notes.txt"
    notes.write_text("The boiler was serviced in March.", "utf-8")
    page = person.open("/documents")
    expect(row(page, "report.pdf")).to_have_attribute("data-state", "searchable")
    held: list[Route] = []

    def answer_late(route: Route) -> None:
        if route.request.method != "GET" or held:
            route.fallback()
            return
        held.append(route)
        answer = route.fetch()
        documents = answer.json()
        person.add(collection, broken, "report.pdf")
        expect(row(page, "report.pdf")).to_have_attribute("data-state", "failed")
        # The row of the mark shows that the page has taken the late answer.
        route.fulfill(response=answer, json=[*documents, {**documents[0], "id": "mark", "name": "mark.pdf"}])

    page.route(f"**/api/collections/{collection}/documents", answer_late)
    page.get_by_test_id("files").set_input_files(notes)
    expect(row(page, "mark.pdf")).to_be_visible()
    expect(row(page, "report.pdf")).to_have_attribute("data-state", "failed")


def test_a_file_dropped_on_the_chat_can_be_asked(person: Person) -> None:
    page = person.open("/chat")
    page.evaluate(DROP, ["boiler.txt", "The boiler in Harbour Street was serviced on 12 March by Jansen and Sons."])
    page.locator("[aria-label='Files added']").get_by_text("Searchable").first.wait_for()
    page.get_by_label("Your question").fill("Who serviced the boiler in Harbour Street?")
    page.keyboard.press("Enter")
    answer = page.locator("article[aria-label=Answer]")
    expect(answer).to_contain_text("Jansen and Sons")
    page.locator("[data-citation]").first.click()
    # A text file has no picture: the passage is marked in its text.
    expect(page.locator("mark[data-active]")).to_contain_text("Jansen and Sons")
    assert serious_findings(page) == []


def test_collections_are_made_renamed_and_deleted(person: Person) -> None:
    page = person.open("/documents")
    page.get_by_role("button", name="New collection").click()
    page.get_by_role("textbox", name="Name").fill("Taxes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Taxes", level=1)).to_be_visible()
    page.get_by_role("button", name="Actions for Taxes").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("Taxes 2026")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Taxes 2026", level=1)).to_be_visible()
    page.get_by_role("button", name="Actions for Taxes 2026").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete everything in it").click()
    expect(page.get_by_role("heading", name="Documents", level=1)).to_be_visible()
    assert person.api.get("/api/collections").json() == []


def test_what_a_file_is_called_cannot_break_the_page(person: Person) -> None:
    collection = person.collection("Odd")
    name = '<img src=x onerror=alert(1)>\u202etxt.exe\' "quoted".txt'
    person.api.post(
        f"/api/collections/{collection}/documents", files={"file": (name, b"Plain words about a <b>bold</b> claim.")}
    ).raise_for_status()
    page = person.open("/documents")
    expect(page.locator("tr[data-state=searchable]")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("table img")).to_have_count(0)
