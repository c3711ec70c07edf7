from __future__ import annotations

import pytest

from headwater.core.errors import DownloadFailed, Forbidden
from headwater.core.public_addresses import is_public, public_address, resolve


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::"],
)  # fmt: skip
def test_what_is_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_what_is_outside_is_public(address: str) -> None:
    assert is_public(address)


def test_a_name_with_one_internal_address_is_refused() -> None:
    assert public_address("a.example", 443, lambda host, port: ["8.8.8.8", "8.8.4.4"]) == "8.8.8.8"
    for found in (["8.8.8.8", "10.0.0.1"], ["127.0.0.1"], []):
        with pytest.raises(Forbidden, match=r"'a\.example'"):
            public_address("a.example", 443, lambda host, port, found=found: found)


def test_addresses_in_other_spellings_are_seen_through() -> None:
    """The system's own reading of an address is the one that is judged."""
    for host in ("127.1", "0x7f.0.0.1", "2130706433"):
        assert resolve(host, 80) == ["127.0.0.1"]


def test_a_name_nobody_knows_is_said() -> None:
    with pytest.raises(DownloadFailed, match="not known here"):
        resolve("nobody.invalid", 80)
