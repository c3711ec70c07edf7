"""Asking, checking, stopping, branching, and leaving."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import serious_findings
from tests.browser.conftest import PASSWORD, Person
from tests.browser.slow_model import SlowServer

pytestmark = pytest.mark.real

QUESTION = "Does anything leave my machine?"


def ask(page: Page, question: str) -> None:
    """Send a question from the composer."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_have_value("")


def wait_for_answer(page: Page) -> None:
    """Wait until nothing is written any more."""
    expect(page.locator("article[aria-label=Answer]").last).not_to_have_attribute("aria-busy", "true")


def no_documents(page: Page) -> None:
    """Choose to ask the model alone."""
    page.get_by_role("button", name=re.compile("^Documents to ask")).click()
    page.get_by_role("menuitemcheckbox", name="No documents, just the model").click()


def test_a_citation_opens_its_page_with_the_passage_highlighted(person: Person, guide: Path) -> None:
    document_id = person.add(person.collection("Handbook"), guide)
    page = person.open("/chat")
    ask(page, QUESTION)
    citation = page.locator("[data-citation]").first
    citation.wait_for()
    assert serious_findings(page) == []

    citation.hover()
    tooltip = page.get_by_role("tooltip")
    expect(tooltip).to_contain_text("guide.pdf")
    citation.click()
    expect(page).to_have_url(re.compile(r"answer=\w+.*cite=1|cite=1.*answer=\w+"))
    picture = page.get_by_role("img", name=re.compile(r"Page \d of guide\.pdf"))
    expect(picture).to_be_visible()
    highlight = page.locator("[data-highlight=active]").first
    expect(highlight).to_be_in_viewport()
    outer, inner = picture.bounding_box(), highlight.bounding_box()
    assert outer and inner
    assert outer["x"] <= inner["x"] and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
    assert outer["y"] <= inner["y"] and inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 1
    page.wait_for_function("(img) => img.complete && img.naturalWidth > 500", arg=picture.element_handle())
    assert serious_findings(page) == []

    # Of the passage, what the answer quotes is highlighted, and it is less than the page.
    boxes = page.locator("[data-highlight=active]")
    height = sum(box["height"] for box in (each.bounding_box() for each in boxes.all()) if box)
    assert 0 < height < outer["height"] / 4

    # The cited range is what the citation quotes, on the page it names.
    conversation = person.api.get("/api/conversations").json()[0]["id"]
    cited = person.api.get(f"/api/conversations/{conversation}").json()["messages"][-1]["citations"][0]
    text = person.api.get(f"/api/documents/{document_id}/pages/{cited['page_number']}").json()["text"]
    assert cited["document_id"] == document_id
    assert text[cited["start"] : cited["end"]].split() == cited["quote"].split()

    page.reload()
    expect(page.locator("[data-highlight=active]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-highlight]")).to_have_count(0)


def test_why_a_passage_was_read(person: Person, guide: Path) -> None:
    person.add(person.collection("Handbook"), guide)
    page = person.open("/chat")
    ask(page, QUESTION)
    page.get_by_role("button", name=re.compile("passages read")).click()
    panel = page.get_by_role("complementary", name="Sources")
    panel.get_by_text("Why this passage").first.click()
    expect(panel.get_by_text("Same words").first).to_be_visible()
    expect(panel.get_by_text("Same meaning").first).to_be_visible()
    assert serious_findings(page) == []


def test_what_is_not_in_the_documents_is_said_calmly(person: Person, guide: Path) -> None:
    person.add(person.collection("Handbook"), guide)
    page = person.open("/chat")
    ask(page, "Zebrafish larvae phototaxis wavelength?")
    expect(page.locator("[data-mode=not_found]")).to_contain_text("Not in your documents")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("[data-citation]")).to_have_count(0)
    assert serious_findings(page) == []


def test_stop_ends_the_model_and_keeps_what_was_written(person: Person, slow: SlowServer) -> None:
    slow.left.clear()
    page = person.open("/chat")
    no_documents(page)
    ask(page, "Tell me everything")
    page.get_by_text("word5 ").wait_for()
    page.get_by_role("button", name="Stop (Esc)").click()
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()
    expect(page.locator("article[aria-label=Answer]")).to_contain_text("word5")
    expect(page.get_by_role("button", name="Send (Enter)")).to_be_visible()
    assert slow.left.wait(10), "the model went on after Stop"


def test_an_answer_goes_on_over_a_reload(person: Person) -> None:
    page = person.open("/chat")
    no_documents(page)
    ask(page, "Tell me everything")
    page.get_by_text("word5 ").wait_for()
    page.reload()
    page.get_by_text(re.compile(r"\bword1 word2 .*word40\b", re.S)).first.wait_for()
    words = page.locator("article[aria-label=Answer]").inner_text()
    numbers = [int(number) for number in re.findall(r"word(\d+)", words)]
    assert numbers == list(range(1, len(numbers) + 1)), "words were lost or repeated"
    page.keyboard.press("Escape")
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()


def test_versions_of_questions_and_answers(person: Person, guide: Path) -> None:
    person.add(person.collection("Handbook"), guide)
    page = person.open("/chat")
    ask(page, QUESTION)
    page.locator("[data-citation]").first.wait_for()
    page.get_by_role("button", name="Answer again").click()
    expect(page.get_by_text("2/2")).to_be_visible()
    wait_for_answer(page)

    page.get_by_role("button", name="Edit and ask again").click()
    page.get_by_label("Edit the question").fill("Which kinds of files can I add?")
    page.keyboard.press("Enter")
    question = page.locator("article[aria-label=Question]")
    expect(question).to_contain_text("Which kinds of files")
    wait_for_answer(page)
    page.get_by_role("button", name="Earlier version").first.click()
    expect(question).to_contain_text(QUESTION)
    expect(page.get_by_text("2/2")).to_be_visible()
    # The branch that was looked at last is the one that is shown again.
    page.reload()
    expect(question).to_contain_text(QUESTION)

    page.get_by_role("button", name="Good answer").click()
    expect(page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")


def test_history_is_searched_renamed_exported_and_deleted(person: Person, guide: Path) -> None:
    person.add(person.collection("Handbook"), guide)
    page = person.open("/chat")
    ask(page, QUESTION)
    page.locator("[data-citation]").first.wait_for()
    listed = page.get_by_role("navigation", name="Conversations")
    expect(listed.get_by_role("link", name=QUESTION)).to_be_visible()

    page.get_by_role("button", name="Actions for this conversation").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Title").fill("About privacy")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="About privacy", level=1)).to_be_visible()

    page.get_by_role("button", name="Actions for this conversation").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export as Markdown").click()
    exported = Path(download.value.path()).read_text("utf-8")
    assert exported.startswith("# About privacy") and QUESTION in exported and "> [1] guide.pdf, page" in exported

    page.get_by_label("Search conversations").fill("nothing speaks of this")
    expect(page.get_by_text("No conversation speaks of")).to_be_visible()
    page.get_by_label("Search conversations").fill("leave my machine")
    expect(listed.get_by_role("link", name="About privacy")).to_be_visible()

    page.get_by_role("button", name="Actions for this conversation").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(f"{person.server.url}/chat")
    page.get_by_label("Search conversations").fill("")
    expect(listed.get_by_role("link", name="About privacy")).to_have_count(0)
    assert person.api.get("/api/conversations").json() == []


def test_signing_out_leaves_nothing_behind(person: Person, guide: Path) -> None:
    person.add(person.collection("Secret plans"), guide)
    page = person.open("/documents")
    page.get_by_role("link", name=re.compile("Secret plans")).first.wait_for()
    page.get_by_role("button", name=re.compile("^Account of")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()
    expect(page.get_by_text("Secret plans")).to_have_count(0)
    page.goto(f"{person.server.url}/documents")
    expect(page).to_have_url(re.compile("/signin"))
    assert page.evaluate("sessionStorage.length") == 0

    page.get_by_label("Name").fill(person.name)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name=re.compile("Secret plans")).first).to_be_visible()
