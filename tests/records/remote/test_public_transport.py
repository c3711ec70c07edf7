from __future__ import annotations

import httpx
import pytest

from headwater.core.errors import Forbidden
from headwater.records.remote.web import PublicTransport

NAMES = {"out.example": ["93.184.215.14"], "in.example": ["10.0.0.7"]}


def client(sent: list[httpx.Request]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if request.url.path == "/away":
            return httpx.Response(302, headers={"Location": "https://in.example/secret"})
        return httpx.Response(200, text="rows")

    transport = PublicTransport(httpx.MockTransport(answer), lambda host, port: NAMES.get(host, [host]))
    return httpx.Client(transport=transport, follow_redirects=True)


def test_the_judged_address_is_asked_under_its_name() -> None:
    sent: list[httpx.Request] = []
    assert client(sent).get("https://out.example/rows.jsonl").text == "rows"
    assert sent[0].url.host == "93.184.215.14" and sent[0].headers["Host"] == "out.example"
    assert sent[0].extensions["sni_hostname"] == "out.example"


def test_a_redirect_leads_no_way_inside() -> None:
    sent: list[httpx.Request] = []
    with pytest.raises(Forbidden, match=r"in\.example"):
        client(sent).get("https://out.example/away")
    assert len(sent) == 1


@pytest.mark.parametrize("address", ["http://in.example/", "http://127.0.0.1/", "http://[::1]/"])
def test_internal_addresses_are_never_asked(address: str) -> None:
    sent: list[httpx.Request] = []
    with pytest.raises(Forbidden):
        client(sent).get(address)
    assert sent == []
