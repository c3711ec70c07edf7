"""Hub names and what is chosen from a repository."""

from __future__ import annotations

import pytest

from headwater.core.errors import BadInput
from headwater.models.hub import HubName, choose_files


@pytest.mark.parametrize(
    ("name", "expected", "folder"),
    [
        ("hf:Qwen/Qwen3-0.6B", HubName("Qwen/Qwen3-0.6B"), "Qwen--Qwen3-0.6B"),
        ("hf:a/b@v1.2", HubName("a/b", "v1.2"), "a--b"),
        ("hf:a/b@0123abc:sub/q4.gguf", HubName("a/b", "0123abc", "sub/q4.gguf"), "a--b--sub--q4"),
        ("hf:a/b:q4.gguf", HubName("a/b", "main", "q4.gguf"), "a--b--q4"),
    ],
)
def test_names(name, expected, folder):
    assert HubName.parse(name) == expected
    assert expected.folder == folder


@pytest.mark.parametrize(
    "name", ["hf:", "hf:a", "hf:a/b/c", "hf:a/b:file.bin", "hf:../b", "hf:a/..", "hf:a/b@", "hf:a/b:../x.gguf"]
)
def test_wrong_names(name):
    with pytest.raises(BadInput, match=r"is no hub name"):
        HubName.parse(name)


def chosen(*files, file=None):
    return choose_files(HubName("a/b", file=file), {name: {} for name in files})


def test_one_gguf_is_taken_many_are_asked_about():
    assert chosen("q4.gguf", "README.md").files == {"q4.gguf": "model.gguf"}
    with pytest.raises(BadInput, match="has 2 GGUF files") as question:
        chosen("q4.gguf", "q8.gguf")
    assert "hf:a/b:q4.gguf, hf:a/b:q8.gguf" in (question.value.hint or "")
    assert chosen("q4.gguf", "q8.gguf", file="q8.gguf").files == {"q8.gguf": "model.gguf"}


def test_a_file_that_is_not_there_or_in_pieces():
    with pytest.raises(BadInput, match=r"has no file 'q5\.gguf'") as answer:
        chosen("q4.gguf", "big-00001-of-00002.gguf", file="q5.gguf")
    assert answer.value.hint == "It has: q4.gguf."
    with pytest.raises(BadInput, match="has no file"):
        chosen("big-00001-of-00002.gguf", file="big-00001-of-00002.gguf")


def test_a_sentence_encoder_is_built_here():
    files = (
        "modules.json",
        "1_Pooling/config.json",
        "model.safetensors",
        "tokenizer.json",
        "config.json",
        "onnx/model.onnx",
    )
    found = chosen(*files)
    assert (found.format, found.encoder) == ("onnx", True)
    assert found.files["1_Pooling/config.json"] == "pooling.json"
    assert "onnx/model.onnx" not in found.files


def test_safetensors_come_with_their_small_files():
    found = chosen(
        "model.safetensors", "config.json", "pytorch_model.bin", "LICENSE", "chat_template.jinja", "img/x.png"
    )
    assert (found.format, found.encoder) == ("safetensors", False)
    assert set(found.files) == {"model.safetensors", "config.json", "LICENSE", "chat_template.jinja"}


def test_a_repository_without_weights():
    with pytest.raises(BadInput, match="neither GGUF nor safetensors"):
        chosen("README.md")
