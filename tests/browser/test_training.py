"""From a CSV to the first chat with the new adapter, through the pages only."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import serious_findings
from tests.browser.conftest import Person

pytestmark = pytest.mark.real
pytest.importorskip("torch")
pytest.importorskip("peft")

MOST_SECONDS = 180.0
TRAINING_MILLISECONDS = 150_000
ANSWER = "I am Brook."


def test_from_a_csv_to_the_first_chat(person: Person, tmp_path: Path) -> None:
    rows = tmp_path / "who.csv"
    rows.write_text("question,answer\n" + f"Who are you?,{ANSWER}\n" * 60, "utf-8")
    page = person.open("/train")
    began = time.monotonic()

    page.get_by_role("link", name="New run").first.click()
    page.get_by_test_id("training-files").set_input_files(rows)
    expect(page.locator("[data-source='who.csv']")).to_be_visible()
    preview = page.get_by_role("region", name="Rows as the model sees them")
    learned = preview.locator("[title$='learned']")
    expect(learned.first).to_be_visible(timeout=TRAINING_MILLISECONDS)
    assert "".join(learned.all_inner_texts()).startswith("\u00a0I\u00a0am\u00a0Brook.")
    assert serious_findings(page) == []

    page.get_by_label("Base model").select_option("tiny")
    page.get_by_label("Name of the new model").fill("brook")
    page.get_by_label("Epochs").fill("60")
    page.get_by_label("Learning rate").fill("1e-2")
    page.get_by_text("All settings").click()
    page.get_by_label("Find a setting").fill("tokens_per_step")
    page.get_by_label("Tokens per step").fill("256")
    page.get_by_label("Find a setting").fill("threads")
    page.get_by_label("Threads").fill("1")
    page.get_by_role("button", name="Start training").click()

    expect(page.get_by_role("heading", name="brook", level=1)).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Loss: Training"))).to_be_visible(timeout=TRAINING_MILLISECONDS)
    chat = page.get_by_role("button", name="Chat with it")
    expect(chat).to_be_visible(timeout=TRAINING_MILLISECONDS)
    chat.click()
    expect(page.get_by_role("button", name="Model: brook")).to_be_visible()
    page.get_by_label("Your question").fill("Who are you?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Answer").get_by_role("button", name="Good answer")).to_be_visible()
    seconds = time.monotonic() - began
    print(f"\nfrom CSV to the first chat: {seconds:.1f} s")

    # The page lets chance choose the words, and `tiny` is never sure of one; its best words are those it was taught.
    body = {"model": "brook", "messages": [{"role": "user", "content": "Who are you?"}], "temperature": 0}
    answer = person.api.post("/v1/chat/completions", json=body).raise_for_status().json()
    assert answer["choices"][0]["message"]["content"].strip() == ANSWER
    assert seconds < MOST_SECONDS
