"""After a run in a browser: thresholds over all rows, two runs compared; and rows that a model made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import serious_findings
from tests.browser.conftest import Person, Visit
from tests.browser.test_data import SHORT, sign_in, stage, support

pytestmark = pytest.mark.real
__all__ = ["support"]
RECIPE = {
    "task": "instruct",
    "sources": [{"path": "support.csv", "mapping": {"question": "ticket", "answer": "reply"}}],
    "steps": ["personal_data", {"length": {"fields": ["answer"], "minimum": 10}}, {"quality": {"minimum": 0.1}}],
    "output": {"path": "out"},
}


def finished(person: Person, support: Path) -> str:
    """A data set that was prepared; returns its id."""
    api = person.api
    api.post("/api/data/sources", files={"file": ("support.csv", support.read_bytes())}).raise_for_status()
    made = str(api.post("/api/datasets", json={"name": "Support", "recipe": RECIPE}).raise_for_status().json()["id"])
    api.post(f"/api/datasets/{made}/prepare").raise_for_status()
    with api.stream("GET", "/api/events") as feed:
        for _ in feed.iter_lines():
            if api.get(f"/api/datasets/{made}").json()["state"] in ("ready", "failed"):
                break
    return made


def test_thresholds_over_all_rows_and_two_runs_compared(person: Person, support: Path) -> None:
    made = finished(person, support)
    page = person.open(f"/data/{made}")
    page.get_by_role("button", name="Thresholds").click()
    outcome = page.get_by_test_id("threshold-outcome")
    expect(outcome).to_contain_text(f"{60 - SHORT} rows stay")
    assert serious_findings(page) == []
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url.rsplit('/', 1)[-1]}"))
    slider = page.locator("[data-step='length']").get_by_label("Minimum")
    slider.fill("85")
    expect(outcome).not_to_contain_text(f"{60 - SHORT} rows stay")
    expect(outcome).to_contain_text("(−")
    left = int(re.findall(r"[\d,]+", outcome.inner_text())[0])
    assert 0 < left < 60 - SHORT
    expect(page.locator("[data-rows='Left to learn from']")).to_have_text(str(left))
    assert "POST thresholds" in asked and not {"POST preview", "POST counts"} & set(asked), "nothing is measured again"
    assert serious_findings(page) == []
    page.get_by_role("button", name="Use these thresholds").click()
    expect(page.get_by_text("The thresholds are in the recipe.")).to_be_visible()
    page.get_by_role("button", name="Prepare again").click()
    expect(page.get_by_test_id("result")).to_contain_text(f"{left} rows ready to learn from")
    assert person.api.get(f"/api/datasets/{made}").json()["recipe"]["steps"][1]["length"]["minimum"] == 85

    page.get_by_role("button", name="Compare").click()
    rows = page.locator("[data-compared='Rows that stay']")
    expect(rows).to_contain_text(str(60 - SHORT))
    expect(rows).to_contain_text(f"−{60 - SHORT - left}")
    expect(page.get_by_role("region", name="Options that differ")).to_contain_text("10 → 85")
    expect(page.locator("[data-compared='Length']")).to_contain_text(f"too short: {SHORT} →")
    assert serious_findings(page) == []


def test_rows_made_of_a_collection_become_a_source(person: Person, tmp_path: Path) -> None:
    guide = tmp_path / "river.txt"
    guide.write_text("The Aare rises in the Bernese Alps. It is 288 kilometres long. Its largest lake is Lake Thun.")
    person.add(person.collection("Rivers"), guide)
    made = person.api.post("/api/datasets", json={"name": "Made"}).raise_for_status().json()["id"]
    page = person.open(f"/data/{made}?stage=sources")
    page.get_by_role("button", name="Made by a model").click()
    page.get_by_label("From", exact=True).select_option(label="Collection: Rivers")
    page.get_by_label("Rows at most").fill("5")
    page.get_by_label("Tokens at most").fill("100000")
    assert serious_findings(page) == []
    page.get_by_role("button", name="Make rows").click()
    expect(page.get_by_test_id("source-made")).to_contain_text("1 row made")
    expect(page.get_by_test_id("source-made")).to_contain_text("1 × the quote is not in the passage")
    card = page.locator("[data-source='Questions about Rivers.jsonl']")
    expect(card).to_contain_text("The Aare rises in the Bernese Alps.")
    expect(card).to_contain_text("made by")
    assert serious_findings(page) == []


def test_a_person_reaches_no_internal_address(person: Person) -> None:
    made = person.api.post("/api/datasets", json={"name": "Far"}).raise_for_status().json()["id"]
    page = person.open(f"/data/{made}?stage=sources")
    page.get_by_role("button", name="From an address").click()
    expect(page.get_by_role("button", name="From a data base")).to_have_count(0)
    page.get_by_label("Address of a file").fill(f"{person.server.url}/api/users")
    assert serious_findings(page) == []
    page.get_by_role("button", name="Fetch", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("own network")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_after_a_run(person: Person, visit: Visit, support: Path, theme: str, width: int) -> None:
    made = finished(person, support)
    page = visit(person.server.url, theme=theme, width=width, height=844).new_page()
    sign_in(page, person.server, person.name)
    page.goto(f"{person.server.url}/data/{made}")
    findings = {}
    for tab in ("Thresholds", "Compare"):
        page.get_by_role("button", name=tab, exact=True).click()
        page.get_by_test_id("threshold-outcome" if tab == "Thresholds" else "result").wait_for()
        findings[tab] = serious_findings(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{tab} is {overflow} pixels too wide at {width}"
    stage(page, "sources")
    for way in ("From an address", "Made by a model"):
        page.get_by_role("button", name=way).click()
        findings[way] = serious_findings(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{way} is {overflow} pixels too wide at {width}"
    assert {name: found for name, found in findings.items() if found} == {}
