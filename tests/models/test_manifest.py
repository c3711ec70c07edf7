"""Manifests: read, written, refused."""

from __future__ import annotations

import json

import pytest

from headwater.core.errors import BadInput
from headwater.models.manifest import HubSource, LocalSource, PackageSource, manifest_from, read_manifest
from headwater.models.starter import builtin_manifests

LEAST = {
    "name": "m", "task": "chat", "title": "M", "licence": "MIT", "licence_url": "u", "format": "gguf",
    "files": [{"path": "model.gguf"}],
}  # fmt: skip


@pytest.mark.parametrize("name", ["minilm", "gemma-270m"])
def test_builtin_manifests_survive_being_written(name):
    manifest = builtin_manifests()[name]
    assert manifest.name == name
    assert manifest_from(json.loads(manifest.to_json()), name) == manifest
    assert all(len(file.sha256 or "") == 64 and file.size for file in manifest.files)


def test_every_member_of_a_builtin_source_is_a_file_of_its_model():
    for manifest in builtin_manifests().values():
        for source in manifest.sources:
            assert isinstance(source, PackageSource)
            taken = {member.file for wheel in source.wheels for member in wheel.members}
            assert taken == {file.path for file in manifest.files}


def test_sources_are_told_apart_by_their_kind():
    sources = [
        {"kind": "local", "path": "/x"},
        {"kind": "hub", "repository": "a/b", "revision": "c", "files": {"x.gguf": "model.gguf"}},
        {"kind": "package", "wheels": []},
    ]
    manifest = manifest_from({**LEAST, "sources": sources}, "here")
    assert [type(source) for source in manifest.sources] == [LocalSource, HubSource, PackageSource]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"task": "sing"}, "task"),
        ({"colour": "red"}, "colour"),
        ({"files": [{"sha256": "x"}]}, "files.0.path"),
        ({"sources": [{"kind": "ftp"}]}, "sources.0"),
    ],
)
def test_a_wrong_manifest_names_its_origin_and_field(change, named):
    with pytest.raises(BadInput, match=rf"here is not a model manifest: .*{named}"):
        manifest_from({**LEAST, **change}, "here")


def test_a_manifest_that_is_not_json(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text("{")
    with pytest.raises(BadInput, match=r"manifest\.json is not JSON"):
        read_manifest(path)


def test_only_gemma_asks_for_acceptance():
    manifests = builtin_manifests()
    assert manifests["gemma-270m"].needs_acceptance
    assert manifests["gemma-270m"].licence_text
    assert manifests["gemma-270m"].licence_url.startswith("https://")
    assert not manifests["minilm"].needs_acceptance
