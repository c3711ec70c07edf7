"""Encodings: marked, declared, or told by how the text looks."""

from __future__ import annotations

import pytest

from headwater.documents.parsers.encoding import declared_encoding, decode

SAMPLES = {
    "windows-1252": "Die schöne Frau hat einen Kaffee für 15,50 € getrunken – „sehr gut“.",
    "windows-1250": "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "windows-1251": "Съешь же ещё этих мягких французских булок",
    "koi8-r": "Съешь же ещё этих мягких французских булок",
    "windows-1253": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
    "windows-1254": "İstanbul'da güneşli bir gün, çok şükür ağaçlar yeşil",
    "windows-1255": "שלום עולם זה מסמך בדיקה",
    "windows-1256": "مرحبا بالعالم هذه وثيقة اختبار",
    "cp932": "名前,年齢,住所\n佐藤太郎,30,東京\n髙橋淳,35,名古屋",
    "shift_jis": "吾輩は猫である。名前はまだ無い。",
    "euc_jp": "これはテスト文書です。東京は日本の首都です。",
    "gb18030": "这是一个测试文件。北京是中国的首都。",
    "big5": "這是一個測試文件。台北是台灣的首都。",
    "euc_kr": "이것은 테스트 문서입니다. 서울은 한국의 수도입니다.",
    "iso2022_jp": "これはテスト文書です。",
    "utf-8": "naïve – 漢字 – Привет",
    "utf-8-sig": "with a mark",
    "utf-16": "with a mark",
    "utf-32": "with a mark",
    "utf-16-le": "A plain sentence without any mark at its start.",
    "utf-16-be": "A plain sentence without any mark at its start.",
    "mac-roman": "Café naïve déjà vu – “quoted”",
    "cp437": "Über die Größe müssen wir reden",
}


@pytest.mark.parametrize("encoding", SAMPLES)
def test_text_comes_back(encoding: str) -> None:
    text = SAMPLES[encoding]
    assert decode(text.encode(encoding)).text == text


def test_a_declared_encoding_is_believed_where_it_fits() -> None:
    data = "Ő ír".encode("iso-8859-2")
    assert decode(data, "iso-8859-2").text == "Ő ír"
    assert not decode(data, "iso-8859-2").guessed
    assert decode("é".encode(), "windows-1252").text == "é", "valid UTF-8 wins over a wrong declaration"
    assert decode(b"\xe4\xf6", "no-such-charset").text == "äö"


def test_a_few_broken_bytes_do_not_make_utf8_another_encoding() -> None:
    data = ("Ärger über Öl. " * 40).encode() + b"\xff"
    assert decode(data).text.startswith("Ärger über Öl.")


def test_line_ends_become_newlines() -> None:
    assert decode(b"a\r\nb\rc").text == "a\nb\nc"


@pytest.mark.parametrize(
    "head", [b'<?xml version="1.0" encoding="koi8-r"?>', b"<meta charset=koi8-r>", b"text/html; charset=koi8-r"]
)
def test_declarations(head: bytes) -> None:
    assert declared_encoding(head) == "koi8-r"
