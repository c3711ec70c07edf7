"""From the set-up link to the first cited answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import serious_findings
from tests.browser.conftest import PASSWORD, Running, Visit

pytestmark = pytest.mark.real


def test_set_up_then_ask_the_sample(fresh_server: Running, visit: Visit) -> None:
    assert fresh_server.setup_link is not None
    page = visit(fresh_server.url).new_page()
    page.goto(fresh_server.url)
    expect(page.get_by_label("Set-up token")).to_be_visible()

    page.goto(fresh_server.setup_link)
    expect(page.get_by_label("Set-up token")).to_have_count(0)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill("another one")
    expect(page.get_by_text("The two are not the same.")).to_be_visible()
    page.get_by_label("Password again").fill(PASSWORD)
    button = page.get_by_role("button", name="Create the account")
    expect(button).to_be_disabled()
    page.get_by_label("I understand and accept this").check()
    assert serious_findings(page) == []
    button.click()

    page.get_by_role("button", name="Go on").click()
    assert serious_findings(page) == []
    page.get_by_role("button", name="Ask the sample").click()
    page.get_by_role("button", name="Does anything leave my machine?").wait_for()
    page.locator("[aria-label='Files added']").get_by_text("Searchable").first.wait_for()
    page.get_by_role("button", name="Does anything leave my machine?").click()
    page.locator("[data-citation]").first.click()
    expect(page.locator("[data-highlight=active]").first).to_be_visible()


def test_a_wrong_token_is_refused_in_words(fresh_server: Running, visit: Visit) -> None:
    page = visit(fresh_server.url).new_page()
    page.goto(f"{fresh_server.url}/setup?token=guessed")
    page.get_by_label("Name").fill("mallory")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_label("I understand and accept this").check()
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("alert")).to_contain_text("set-up link is not valid")
    expect(page).to_have_url(f"{fresh_server.url}/setup?token=guessed")


def test_the_disclaimer_is_shown_once(server: Running, visit: Visit) -> None:
    with server.client() as boss:
        boss.post("/api/login", json={"name": "owner", "password": PASSWORD}).raise_for_status()
        boss.post("/api/users", json={"name": "newcomer", "password": PASSWORD}).raise_for_status()
    page = visit(server.url).new_page()
    page.goto(f"{server.url}/models")
    page.get_by_label("Name").fill("newcomer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    dialog = page.get_by_role("dialog", name="Before you start")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="I understand and accept").click()
    expect(dialog).to_have_count(0)
    # Signing in led to the page that was asked for.
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()
    expect(dialog).to_have_count(0)
