"""Every page, wide and narrow, light and dark: no serious accessibility finding, nothing asked elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import serious_findings
from tests.browser.conftest import PASSWORD, Person, Running, Visit

pytestmark = pytest.mark.real

PAGES = {
    "/chat": "Your question",
    "/documents": "Documents",
    "/data": "Data sets",
    "/models": "Models",
    "/jobs": "Jobs",
    "/settings/appearance": "Appearance",
    "/settings/account": "Account",
    "/settings/keys": "API keys",
    "/settings/privacy": "Privacy",
    "/settings/users": "Users",
    "/settings/server": "Server",
}
MOST_KILOBYTES = 150
MOST_REQUESTS = 15


def enter(page: Page, server: Running) -> None:
    """Sign in through the page."""
    page.goto(f"{server.url}/signin")
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Your question").wait_for()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(server: Running, visit: Visit, theme: str, width: int) -> None:
    page = visit(server.url, theme=theme, width=width, height=900 if width > 900 else 844).new_page()
    page.goto(f"{server.url}/signin")
    page.get_by_role("button", name="Sign in").wait_for()
    findings = {"/signin": serious_findings(page)}
    enter(page, server)
    for path, label in PAGES.items():
        page.goto(server.url + path)
        page.get_by_role("region", name=label).or_(page.get_by_label(label)).first.wait_for()
        assert page.locator("html").get_attribute("data-theme") == theme
        findings[path] = serious_findings(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{path} is {overflow} pixels too wide at {width}"
    assert {path: found for path, found in findings.items() if found} == {}


def test_first_load(server: Running, visit: Visit) -> None:
    context = visit(server.url)
    page = context.new_page()
    enter(page, server)
    cold = visit(server.url)
    cold.add_cookies(context.cookies())  # type: ignore[arg-type]
    page = cold.new_page()
    network = cold.new_cdp_session(page)
    network.send("Network.enable")
    asked: list[str] = []
    received: list[float] = []
    network.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(f"{server.url}/chat")
    page.get_by_label("Your question").wait_for()
    page.wait_for_timeout(1000)
    measured = {"kilobytes": round(sum(received) / 1000, 1), "requests": len(asked)}
    print(json.dumps(measured))
    assert measured["kilobytes"] <= MOST_KILOBYTES, asked
    assert measured["requests"] <= MOST_REQUESTS, asked


def test_keyboard_alone(person: Person, guide: Path) -> None:
    person.add(person.collection("Handbook"), guide)
    page = person.open("/chat")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("gd is text here, not a shortcut")
    expect(page).to_have_url(f"{person.server.url}/chat")
    page.keyboard.press("Control+a")
    page.keyboard.type("Does anything leave my machine?")
    page.keyboard.press("Enter")
    page.locator("[data-citation]").first.wait_for()
    page.locator("[data-citation]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-highlight=active]").first).to_be_visible()
    page.keyboard.press("Escape")  # the hover card, where it is shown
    page.keyboard.press("Escape")
    expect(page.locator("[data-highlight]")).to_have_count(0)

    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("guide")
    expect(page.get_by_role("option", name="guide.pdf")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="guide.pdf", level=1)).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()
    expect(page).to_have_title("Models · Headwater")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()


def test_the_theme_is_kept_and_shown_before_the_first_paint(person: Person) -> None:
    page = person.open("/settings/appearance")
    page.get_by_role("radio", name=re.compile("^Dark")).check()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto(person.server.url + "/chat", wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("h1")).to_have_count(0)


def test_a_key_is_shown_once_works_and_is_revoked(person: Person) -> None:
    page = person.open("/settings/keys")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("What is it for?").fill("notebook")
    page.keyboard.press("Enter")
    secret = page.get_by_test_id("secret").inner_text()
    with person.server.client() as program:
        program.headers["Authorization"] = f"Bearer {secret}"
        assert program.get("/api/collections").status_code == 200
        page.get_by_role("button", name="I have kept it").click()
        expect(page.get_by_text("notebook")).to_be_visible()
        assert secret not in page.content()
        page.get_by_role("button", name="Revoke").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("No keys yet")).to_be_visible()
        assert program.get("/api/collections").status_code == 401


def test_a_server_that_is_away_is_said_and_nothing_typed_is_lost(person: Person) -> None:
    page = person.open("/chat")
    page.route("**/assets/Markdown-*.js", lambda route: route.abort())  # fetched ahead as one types
    page.get_by_label("Your question").fill("kept words")
    person.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Headwater does not answer.")
    expect(page.get_by_label("Your question")).to_have_value("kept words")
    person.context.set_offline(False)
    page.reload()
    expect(page.get_by_label("Your question")).to_have_value("kept words")


def test_a_part_of_the_app_that_did_not_come_is_said_and_fetched_again(person: Person) -> None:
    page = person.open("/chat")
    page.route("**/assets/Palette-*.js", lambda route: route.abort())
    page.keyboard.press("Control+k")
    expect(page.get_by_role("heading", name="This page failed")).to_be_visible()
    expect(page.get_by_text("A part of it did not come")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Your question")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
