"""Mail: readable headers and text; attachments as documents of their own; a page a message."""

# ruff: noqa: E501 - markup is easier to read on one line
from __future__ import annotations

from email.message import EmailMessage


def letter(subject: str = "Fähre um neun", text: str = "See you at the pier.") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "Ada <ada@example.org>", "bob@example.org"
    message["Date"] = "Mon, 02 Jan 2023 10:00:00 +0000"
    message.set_content(text)
    return message


def test_headers_are_decoded_and_attachments_are_members(read) -> None:
    message = letter()
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="../../täble.csv")
    message.add_attachment(b"a,b\n3,4\n", maintype="text", subtype="csv", filename="../../täble.csv")
    found = read("a.eml", message.as_bytes())
    assert found.pages[0].text.startswith(
        "Subject: Fähre um neun\nFrom: Ada <ada@example.org>\nTo: bob@example.org\nDate: Mon"
    )
    assert found.pages[0].text.endswith("See you at the pier.")
    assert [(m.name, m.extraction.pages[0].text) for m in found.members] == [
        ("täble.csv", "a,b\n1,2"),
        ("2 täble.csv", "a,b\n3,4"),
    ]


def test_plain_text_wins_over_html_and_html_is_read_where_it_is_alone(read) -> None:
    both = letter()
    both.add_alternative("<p>See you at the <b>pier</b>.</p>", subtype="html")
    assert read("a.eml", both.as_bytes()).pages[0].text.count("See you at the pier.") == 1
    alone = letter()
    alone.set_content("<html><body><p>Only <b>HTML</b></p><script>x</script></body></html>", subtype="html")
    assert read("a.eml", alone.as_bytes()).pages[0].text.endswith("Only HTML")


def test_a_forwarded_message_is_a_member_with_its_own_attachments(read) -> None:
    inner = letter("Inner", "inner text")
    inner.add_attachment(b"deep", maintype="application", subtype="octet-stream", filename="deep.txt")
    outer = letter("Outer")
    outer.add_attachment(inner)
    member = read("a.eml", outer.as_bytes()).members[0]
    assert member.name == "Inner.eml"
    assert "inner text" in member.extraction.pages[0].text
    assert member.extraction.members[0].extraction.pages[0].text == "deep"


def test_each_message_of_a_mailbox_is_a_page(read) -> None:
    second = letter("Second", "A line\n\nFrom here on it is text, not a boundary 2023.\n>From quoted 2023")
    second.add_attachment(b"inside", maintype="text", subtype="plain", filename="note.txt")
    box = b"".join(
        b"From ada@example.org Mon Jan  2 10:00:00 2023\n" + m.as_bytes() + b"\n\n" for m in (letter("First"), second)
    )
    found = read("mail.mbox", box)
    assert [(p.number, p.label) for p in found.pages] == [(1, "First"), (2, "Second")]
    assert "From here on it is text" in found.pages[1].text
    assert [(m.name, m.extraction.pages[0].text) for m in found.members] == [("message 2/note.txt", "inside")]


def test_headers_that_break_the_rules_are_still_read(read) -> None:
    raw = b"From: \xe4\xf6 <x@example.org>\nTo: =?utf-8?q?broken\nSubject: caf\xc3\xa9 =?nonsense?q?x?=\nDate: whenever\n\nbody"
    text = read("a.eml", raw).pages[0].text
    assert "café" in text
    assert text.endswith("body")


def test_an_attachment_that_cannot_be_read_fails_alone(read) -> None:
    message = letter()
    message.add_attachment(
        b"\x00\x01\x02\x03" * 50, maintype="application", subtype="octet-stream", filename="blob.bin"
    )
    message.add_attachment(b"fine", maintype="text", subtype="plain", filename="fine.txt")
    found = read("a.eml", message.as_bytes())
    assert "cannot be read" in (found.members[0].error or "")
    assert found.members[1].error is None
