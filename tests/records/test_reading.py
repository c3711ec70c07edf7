from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zipfile
from pathlib import Path

import polars as pl
import pytest

from headwater.core.errors import BadInput, UnreadableDocument
from headwater.records.readers import array
from headwater.records.reading import SourceSettings, open_source, read_records
from headwater.records.record import Record, Task
from headwater.records.rows import BadRow, ReadLimits

ROWS = [{"question": f"What is {n}?", "answer": f"It is {n}."} for n in range(12)]


def lines(rows: list[object]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def good(path: Path, settings: SourceSettings | None = None) -> list[Record]:
    found = list(read_records(path, settings))
    assert not [row for row in found if isinstance(row, BadRow)]
    return [row for row in found if isinstance(row, Record)]


def bad(path: Path, settings: SourceSettings | None = None) -> list[BadRow]:
    return [row for row in read_records(path, settings) if isinstance(row, BadRow)]


def write(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def containers(tmp_path: Path) -> list[Path]:
    frame = pl.DataFrame(ROWS)
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ipc(tmp_path / "a.arrow")
    frame.write_csv(tmp_path / "a.csv")
    frame.write_csv(tmp_path / "semicolon.csv", separator=";")
    frame.write_csv(tmp_path / "a.tsv", separator="\t")
    write(tmp_path, "a.jsonl", lines(list(ROWS)))
    write(tmp_path, "crlf.jsonl", lines(list(ROWS)).replace(b"\n", b"\r\n"))
    write(tmp_path, "mark.jsonl", b"\xef\xbb\xbf" + lines(list(ROWS)))
    write(tmp_path, "utf16.csv", (tmp_path / "a.csv").read_text("utf-8").encode("utf-16"))
    write(tmp_path, "a.json", json.dumps(ROWS, indent=2).encode())
    write(tmp_path, "data.json", json.dumps({"data": ROWS}).encode())
    write(tmp_path, "lines.json", lines(list(ROWS)))
    write(tmp_path, "a.jsonl.gz", gzip.compress(lines(list(ROWS))))
    write(tmp_path, "a.json.xz", lzma.compress(json.dumps(ROWS).encode()))
    write(tmp_path, "a.csv.bz2", bz2.compress((tmp_path / "a.csv").read_bytes()))
    return sorted(path for path in tmp_path.iterdir() if path.is_file())


def test_every_container_gives_the_same_records(tmp_path: Path) -> None:
    for path in containers(tmp_path):
        found = good(path)
        assert [r.prompt for r in found] == [row["question"] for row in ROWS], path.name
        assert [r.answer for r in found] == [row["answer"] for row in ROWS], path.name
        assert [r.source.row for r in found] == list(range(1, 13)), path.name
        assert all(r.task is Task.QUESTION_ANSWERING for r in found)
        assert len({r.id for r in found}) == 12


def workbook(path: Path, rows: list[list[object]]) -> None:
    """Write the smallest .xlsx that holds these rows as inline texts and numbers."""
    spaces = "http://schemas.openxmlformats.org"
    main, rel = f"{spaces}/spreadsheetml/2006/main", f"{spaces}/officeDocument/2006/relationships"
    package = f"{spaces}/package/2006"

    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    body = "".join(f"<row>{''.join(cell(value) for value in row)}</row>" for row in rows)
    sheet_type = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{sheet_type}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{sheet_type}.worksheet+xml"/></Types>',
        )
        link = (
            f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{rel}/{{}}" Target="{{}}"/></Relationships>'
        )
        archive.writestr("_rels/.rels", link.format("officeDocument", "xl/workbook.xml"))
        archive.writestr("xl/_rels/workbook.xml.rels", link.format("worksheet", "worksheets/sheet1.xml"))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{rel}">'
            '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
        )


def test_a_workbook_is_read(tmp_path: Path) -> None:
    values: list[list[object]] = [["question", "answer", "score"], *[[r["question"], r["answer"], 3] for r in ROWS]]
    workbook(tmp_path / "a.xlsx", values)
    found = good(tmp_path / "a.xlsx")
    assert [r.prompt for r in found] == [row["question"] for row in ROWS]
    assert found[0].meta["score"] == 3
    (tmp_path / "broken.xlsx").write_bytes(b"PK no workbook")
    with pytest.raises(UnreadableDocument):
        good(tmp_path / "broken.xlsx")


def test_members_of_a_zip_keep_their_names(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("one.jsonl", lines(list(ROWS[:2])))
        archive.writestr("deep/two.json", json.dumps(ROWS[2:5]))
        archive.writestr("__MACOSX/x.jsonl", b"rubbish")
        archive.writestr("readme.pdf", b"rubbish")
    found = good(tmp_path / "two.zip")
    assert [r.source.file for r in found] == ["two.zip/one.jsonl"] * 2 + ["two.zip/deep/two.json"] * 3


def test_small_chunks_give_the_same_rows(tmp_path: Path) -> None:
    limits = ReadLimits(chunk_rows=3, chunk_bytes=50)
    for path in containers(tmp_path):
        assert good(path, SourceSettings(limits=limits)) == good(path), path.name


BAD_LINES = {
    "bad JSON": b'{"question": "a", "answer": ',
    "wrong type: a row": b"[1, 2]",
    "wrong type: answer": b'{"question": "a", "answer": {"x": 1}}',
    "missing answer": b'{"question": "a", "answer": null}',
    "not UTF-8": b'{"question": "a", "answer": "\xff\xfe"}',
    "NUL": b'{"question": "a", "answer": "b\\u0000"}',
    "lone surrogate": b'{"question": "a", "answer": "b\\ud800"}',
    "row of": b'{"question": "a", "answer": "' + b"x" * 3000 + b'"}',
    "nested too deep": b"[" * 100_000 + b"]" * 100_000,
}


@pytest.mark.parametrize("reason", BAD_LINES)
def test_a_bad_line_costs_itself_alone(tmp_path: Path, reason: str) -> None:
    all_lines = lines(list(ROWS)).splitlines(keepends=True)
    all_lines.insert(5, BAD_LINES[reason] + b"\n")
    path = write(tmp_path, "a.jsonl", b"".join(all_lines))
    limits = ReadLimits(row_bytes=2000 if reason == "row of" else 1_000_000)
    found = list(read_records(path, SourceSettings(limits=limits)))
    broken = [row for row in found if isinstance(row, BadRow)]
    assert [row.number for row in broken] == [6]
    assert reason in broken[0].reason
    broken[0].excerpt.encode("utf-8")
    assert [r.source.row for r in found if isinstance(r, Record)] == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13]


def test_an_escaped_pair_of_surrogates_is_a_letter(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", b'{"question": "a", "answer": "\\ud83d\\ude00"}\n')
    assert good(path)[0].answer == "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (b'{"question": "a" "answer": "b"}', "bad JSON"),
        (b'{"question": "a", "answer": nope}', "bad JSON"),
        (b'{"question": "a", "answer": "\\ud800"}', "lone surrogate"),
        (b'{"question": "a", "answer": "\xff"}', "not UTF-8"),
        (b'{"question": "a", "answer": "' + b"x" * 5000 + b'"}', "limit"),
        (b"7", "wrong type"),
    ],
)
def test_a_bad_element_of_an_array_costs_itself_alone(tmp_path: Path, element: bytes, reason: str) -> None:
    parts = [json.dumps(row).encode() for row in ROWS]
    parts.insert(4, element)
    path = write(tmp_path, "a.json", b"[" + b",\n ".join(parts) + b"]")
    found = list(read_records(path, SourceSettings(format="question_answer", limits=ReadLimits(row_bytes=4000))))
    broken = [row for row in found if isinstance(row, BadRow)]
    assert [row.number for row in broken] == [5], broken
    assert reason in broken[0].reason
    assert len(found) == 13


def test_an_array_that_is_cut_off_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", json.dumps(ROWS).encode()[:-5])
    assert "bad JSON" in bad(path)[-1].reason


def test_an_array_larger_than_the_buffer(tmp_path: Path) -> None:
    rows = [{"question": f"q{n}", "answer": "é" * 40_000} for n in range(60)]
    path = write(tmp_path, "a.json", json.dumps(rows, ensure_ascii=False).encode())
    assert [r.prompt for r in good(path)] == [f"q{n}" for n in range(60)]


@pytest.mark.parametrize("length", [2_000, 30_000, 30_001])
def test_an_overlong_element_of_an_array_is_stepped_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(array, "PIECE_BYTES", 1000)
    long = {"question": "long", "answer": '\\"],}' * (length // 5) + "x" * (length % 5)}
    path = write(tmp_path, "a.json", json.dumps([ROWS[0], long, ROWS[1]]).encode())
    settings = SourceSettings(format="question_answer", limits=ReadLimits(row_bytes=1500))
    first, bad, last = read_records(path, settings)
    assert isinstance(bad, BadRow)
    assert bad.number == 2
    assert bad.reason.startswith(f"row of {len(json.dumps(long)):,} characters")
    assert bad.excerpt.startswith('{"question": "long"')
    assert [r.prompt for r in (first, last) if isinstance(r, Record)] == [ROWS[0]["question"], ROWS[1]["question"]]


def test_a_csv_row_with_other_columns_is_bad(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b'question,answer\na,b\nc\nd,e,f\n\ng,"h\ni"\n')
    found = list(read_records(path))
    assert [row.number for row in found if isinstance(row, BadRow)] == [2, 3]
    assert [r.answer for r in found if isinstance(r, Record)] == ["b", "h\ni"]


def test_a_csv_keeps_the_words_that_others_read_as_missing(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"question,answer\na,NA\nb,None\nc,null\n")
    assert [r.answer for r in good(path)] == ["NA", "None", "null"]


def test_a_cut_file_is_an_error_not_a_shorter_set(tmp_path: Path) -> None:
    whole = gzip.compress(lines([{"question": str(n) * 50, "answer": str(n * 7919)} for n in range(3000)]))
    with pytest.raises(UnreadableDocument):
        list(read_records(write(tmp_path, "a.jsonl.gz", whole[:-200])))
    pl.DataFrame(ROWS).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(UnreadableDocument):
        list(read_records(write(tmp_path, "c.parquet", (tmp_path / "b.parquet").read_bytes()[:-40])))


def test_unknown_columns_ask_for_a_mapping_and_it_works(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"frage,antwort,note\na,b,3\n")
    with pytest.raises(BadInput, match="frage"):
        open_source(path, SourceSettings())
    with pytest.raises(BadInput, match="Did you mean 'antwort'"):
        open_source(path, SourceSettings(mapping={"question": "frage", "answer": "antwort1"}))
    with pytest.raises(BadInput, match="Did you mean 'answer'"):
        open_source(path, SourceSettings(mapping={"anser": "antwort"}))
    mapped = SourceSettings(mapping={"question": "frage", "answer": "antwort", "score": "note"})
    record = good(path, mapped)[0]
    assert (record.prompt, record.answer, record.score) == ("a", "b", 3.0)


def test_samples_and_other_candidates_are_shown(tmp_path: Path) -> None:
    source = open_source(write(tmp_path, "a.jsonl", lines(list(ROWS))), SourceSettings())
    assert source.detection is not None
    assert source.detection.format == "question_answer"
    assert len(source.samples) == 5


@pytest.mark.parametrize(("unit", "count"), [("line", 4), ("paragraph", 2), ("file", 1)])
def test_units_of_a_text_file(tmp_path: Path, unit: str, count: int) -> None:
    path = write(tmp_path, "a.txt", b"one\ntwo\n\n\nthree\nfour\n")
    found = good(path, SourceSettings(limits=ReadLimits(text_unit=unit)))
    assert len(found) == count
    assert "".join(r.answer for r in found).split() == ["onetwothreefour"] or found[0].answer


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No file"):
        open_source(tmp_path / "none.jsonl", SourceSettings())


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "format_name", "count"),
    [
        ("gsm8k/train.jsonl.xz", "question_answer", 7473),
        ("xquad/xquad.en.json", "squad", 1190),
        ("formats/fastchat/dummy_conversation.json", "sharegpt", 500),
        ("formats/llamafactory/dpo_en_demo.json.xz", "sharegpt_preference", 300),
        ("formats/llamafactory/kto_en_demo.json", "kto", 300),
        ("formats/h2ogpt/h2ogpt-personality.json", "h2ogpt", 128),
        ("formats/torchtune/hh_rlhf_tiny.json", "dpo", 1),
        ("formats/h2o_wizardlm/wizardlm.508e.json", "prompt_completion", 8),
    ],
)
def test_real_files(shared_data: Path, name: str, format_name: str, count: int) -> None:
    source = open_source(shared_data / name, SourceSettings())
    assert source.detection is not None
    assert source.detection.format == format_name
    assert len(good(shared_data / name)) == count


@pytest.mark.shared_data
def test_ranked_trees_give_the_known_number_of_pairs(shared_data: Path) -> None:
    path = shared_data / "oasst/en_100_tree.jsonl"
    found = list(read_records(path, SourceSettings(format="oasst_pairs")))
    pairs = [r for r in found if isinstance(r, Record)]
    assert len(pairs) == 754
    assert all(r.chosen != r.rejected for r in pairs)
