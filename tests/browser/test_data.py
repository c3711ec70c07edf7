"""The whole way of training data in a browser: upload, map, preview, a threshold, run, ledger, download, edit."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import serious_findings
from tests.browser.conftest import PASSWORD, Person, Running, Visit

pytestmark = pytest.mark.real

SHORT = 8  # answers that the usual recipe drops as too short


@pytest.fixture
def support(tmp_path: Path) -> Path:
    """Questions and answers under names that no format has; some too short, some with an address in them."""
    path = tmp_path / "support.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["ticket", "reply"])
        for number in range(60):
            reply = f"Open the settings, choose entry {number} and press the button there." + " Thanks." * (number % 5)
            if number % 8 == 3:
                reply = "ok"
            elif number % 10 == 0:
                reply += f" Write to user{number}@example.com."
            table.writerow([f"How can I change thing number {number} in my workspace?", reply])
    return path


def step(page: Page, name: str) -> Locator:
    """The card of a step."""
    return page.locator(f"[data-step='{name}']")


def stage(page: Page, name: str) -> None:
    """Go to a stage by the strip."""
    page.locator(f"[data-stage='{name}']").click()
    expect(page.locator(f"[data-stage='{name}']")).to_have_attribute("aria-current", "page")


def kept(page: Page) -> int:
    """How many rows of the sample stay, as the page says."""
    found = re.match(r"([\d,]+) of", page.get_by_test_id("kept").inner_text())
    assert found
    return int(found[1].replace(",", ""))


def begin(page: Page, name: str, file: Path) -> None:
    """Make a data set out of a file whose columns must be mapped."""
    page.get_by_role("button", name="New data set").last.click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Drop files with rows here")).to_be_visible()
    page.get_by_test_id("source-files").set_input_files(file)
    expect(page.get_by_text("Which column is what?")).to_be_visible()
    expect(page.get_by_label("Question")).to_have_value("ticket")
    expect(page.get_by_label("Answer", exact=True)).to_have_value("reply")


def test_from_a_file_to_training_data(person: Person, support: Path) -> None:
    page = person.open("/data")
    expect(page.get_by_text("Make training data out of your files")).to_be_visible()
    assert serious_findings(page) == []
    begin(page, "Support answers", support)
    assert serious_findings(page) == []
    page.get_by_role("button", name="Use these columns").click()
    expect(page.get_by_text("Your columns")).to_be_visible()
    expect(page.get_by_label("First rows of support.csv")).to_contain_text("How can I change thing number 0")

    page.get_by_role("button", name="Next: Task").click()
    page.get_by_label("Instruct tuning").check()
    expect(page.locator("[data-rows='Length']")).to_have_text(str(60 - SHORT))
    assert kept(page) == 60 - SHORT
    assert serious_findings(page) == []

    # What changed is marked, and a reason shows its rows.
    page.get_by_role("group", name="Which rows").get_by_role("button", name="Changed").click()
    row = page.locator("[data-sample]").first
    expect(row.locator("del")).to_contain_text("user0@example.com")
    expect(row.locator("ins")).to_contain_text("[EMAIL]")
    page.get_by_role("button", name=re.compile(f"{SHORT} too short")).click()
    expect(page.locator("[data-sample]").first).to_have_attribute("data-dropped", "too short")
    assert serious_findings(page) == []

    stage(page, "quality")
    slider = step(page, "length").get_by_label("Minimum")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    slider.fill("85")
    expect(page.locator("[data-rows='Left to learn from']")).not_to_have_text(str(60 - SHORT))
    assert "counts" in asked, "thresholds are counted from what was measured"
    moved = kept(page)
    assert 0 < moved < 60 - SHORT
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("86")
    slider.fill("10")
    expect(page.locator("[data-rows='Left to learn from']")).to_have_text(str(60 - SHORT))
    assert serious_findings(page) == []

    stage(page, "convert")
    page.get_by_label("Kept aside to test with").select_option("0.2")
    assert serious_findings(page) == []
    stage(page, "fit")
    expect(page.get_by_test_id("lengths")).to_contain_text("Half of the rows have up to")
    assert serious_findings(page) == []

    page.get_by_role("button", name="Prepare data").click()
    expect(page.get_by_test_id("result")).to_contain_text(f"{60 - SHORT} rows ready to learn from")
    expect(page.get_by_text("Every row is accounted for.")).to_be_visible()
    page.get_by_role("button", name=re.compile(f"{SHORT} too short")).click()
    expect(page.get_by_role("region", name="Dropped rows")).to_contain_text(f"{SHORT} rows: too short")
    assert serious_findings(page) == []
    expect(page.get_by_role("link", name="Train on this")).to_have_attribute("href", "/train?dataset=Support%20answers")

    page.get_by_role("button", name="Rows", exact=True).click()
    page.get_by_label("Find rows by words").fill("thing number 7 ")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(1)
    page.get_by_label("Find rows by words").fill("")
    expect(page.locator("[data-row='0']")).to_be_visible()
    page.get_by_role("button", name="Edit row 1", exact=True).click()
    page.get_by_label("Answer", exact=True).fill("An answer that a person wrote.")
    page.get_by_role("button", name="Save row").click()
    expect(page.locator("[data-row='0']")).to_contain_text("An answer that a person wrote.")
    page.get_by_role("button", name="Row 2 is not relevant: leave it out").click()
    expect(page.locator("[data-row='1']")).to_contain_text("left out")
    expect(page.get_by_text("1 left out by you")).to_be_visible()
    assert serious_findings(page) == []

    page.get_by_role("button", name="Download", exact=True).click()
    assert serious_findings(page) == []
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download train.jsonl").click()
    lines = [json.loads(line) for line in Path(saved.value.path()).read_text("utf-8").splitlines()]
    assert saved.value.suggested_filename == "support-answers.train.jsonl"
    assert lines[0]["messages"][1]["content"] == "An answer that a person wrote."
    assert all("@example.com" not in json.dumps(line) for line in lines)
    with page.expect_download() as exported:
        page.get_by_label("Format", exact=True).select_option("alpaca")
        page.get_by_label("Type of file").select_option("csv")
        page.get_by_role("link", name="Export").click()
    assert Path(exported.value.path()).read_text("utf-8").startswith('"instruction"')


def test_a_recipe_out_and_in_again(person: Person, support: Path, tmp_path: Path) -> None:
    page = person.open("/data")
    begin(page, "First", support)
    page.get_by_role("button", name="Use these columns").click()
    page.get_by_role("button", name="Next: Task").click()
    page.get_by_label("Instruct tuning").check()
    expect(page.get_by_test_id("kept")).to_be_visible()
    page.get_by_role("button", name="More: recipe, name, delete").click()
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="Save the recipe as a file").click()
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(Path(saved.value.path()).read_text("utf-8"))
    assert "path: support.csv" in recipe.read_text()

    page.get_by_role("link", name="Back to the data sets").click()
    page.get_by_role("button", name="New data set").first.click()
    page.get_by_label("Name").fill("Second")
    page.get_by_role("button", name="Create").click()
    page.get_by_test_id("recipe-file").set_input_files(recipe)
    expect(page.locator("[data-source='support.csv']")).to_be_visible()
    stage(page, "clean")
    expect(step(page, "personal_data")).to_be_visible()
    assert kept(page) == 60 - SHORT

    recipe.write_text(recipe.read_text().replace("support.csv", "suport.csv"))
    page.get_by_test_id("recipe-file").set_input_files(recipe)
    expect(page.get_by_role("alert")).to_contain_text("Did you mean 'support.csv'")
    page.get_by_role("button", name="Close", exact=True).click()

    page.get_by_role("button", name="More: recipe, name, delete").click()
    page.get_by_role("menuitem", name="Delete the data set").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("link", name="First")).to_be_visible()
    expect(page.get_by_role("link", name="Second")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_at_every_stage(person: Person, visit: Visit, support: Path, theme: str, width: int) -> None:
    api = person.api
    api.post("/api/data/sources", files={"file": ("support.csv", support.read_bytes())}).raise_for_status()
    recipe = {
        "task": "instruct",
        "sources": [{"path": "support.csv", "mapping": {"question": "ticket", "answer": "reply"}}],
        "steps": ["personal_data", {"length": {"fields": ["answer"], "minimum": 10}}, {"fit": {}}],
        "output": {"path": "out"},
    }
    made = api.post("/api/datasets", json={"name": "Support", "recipe": recipe}).raise_for_status().json()["id"]
    page = visit(person.server.url, theme=theme, width=width, height=800).new_page()
    sign_in(page, person.server, person.name)
    findings = {}
    for name in ("sources", "task", "mix", "clean", "quality", "convert", "fit", "result"):
        page.goto(f"{person.server.url}/data/{made}?stage={name}")
        page.locator(f"[data-stage='{name}'][aria-current]").wait_for()
        if name == "fit":
            # A step whose options are missing is a clear error, not an empty page.
            expect(page.get_by_role("alert").first).to_contain_text("fit")
        findings[name] = serious_findings(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{name} is {overflow} pixels too wide at {width}"
    assert {name: found for name, found in findings.items() if found} == {}


def sign_in(page: Page, server: Running, name: str) -> None:
    """Sign in through the page."""
    page.goto(f"{server.url}/signin")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Your question").wait_for()
