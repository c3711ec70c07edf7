"""Preparing, scores, the judge, run folders and checkpoints: the small parts of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from headwater.core.errors import BadInput, Conflict, EngineFailed, NotFound
from headwater.training import checkpoints
from headwater.training.config import JudgeEntry
from headwater.training.devices.launch import command_of, environment_of, name_for, new_run
from headwater.training.judging import Judge, mark_in
from headwater.training.load_config import check_config
from headwater.training.progress import Best, steps_between
from headwater.training.rows.prepare import prepare_data, shown_tokens
from headwater.training.run_folder import RunFolder, list_runs
from headwater.training.scores import text_scores


def config_for(path: Path, **data: Any) -> Any:
    return check_config({"model": {"base": "tiny"}, "data": {"train": [{"path": str(path)}], **data}})


@pytest.fixture
def long_and_short(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    rows = [{"prompt": "Q", "completion": "A" * size} for size in (5, 6, 7, 8, 300)]
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def test_overlong_rows_are_dropped_cut_split_or_an_error(long_and_short: Path, tokenizer: Any) -> None:
    found = {}
    for overlong in ("drop", "truncate", "split"):
        config = config_for(long_and_short, overlong=overlong, max_length=64, valid=0.0)
        found[overlong] = prepare_data(config, tokenizer)
    assert found["drop"].account["dropped"] == {"longer than max_length": 1}
    assert found["drop"].account["dropped_examples"] == {"longer than max_length": ["rows.jsonl:5"]}
    assert len(found["drop"].train) == 4
    assert found["truncate"].train.lengths.max() == 64
    assert found["truncate"].account["dropped"] == {"(cut to max_length)": 1}
    assert len(found["split"].train) > 5
    joined = [row for row in range(len(found["split"].train)) if "#" in found["split"].train.rows[row]]
    text = "".join(tokenizer.decode([int(t) for t in found["split"].train.row(row)[0]]) for row in joined)
    assert "A" * 300 in text
    with pytest.raises(BadInput, match=r"rows\.jsonl:5 has 3\d\d tokens"):
        prepare_data(config_for(long_and_short, overlong="error", max_length=64), tokenizer)


def test_losing_many_rows_is_an_error_that_names_them(long_and_short: Path, tokenizer: Any) -> None:
    with pytest.raises(BadInput, match="60%") as caught:
        prepare_data(config_for(long_and_short, max_length=27, valid=0.0), tokenizer)
    assert "rows.jsonl:3" in caught.value.message


def test_the_shown_tokens_spell_the_row_and_mark_the_answer(long_and_short: Path, tokenizer: Any) -> None:
    prepared = prepare_data(config_for(long_and_short, valid=0.0), tokenizer)
    (row,) = shown_tokens(prepared.train, (0,), tokenizer)
    assert "".join(token["text"] for token in row["tokens"]) == "<bos><human>: Q\n<bot>: AAAAA<eos>\n"
    assert "".join(token["text"] for token in row["tokens"] if token["learned"]) == " AAAAA<eos>"


def test_the_digest_changes_with_any_token_or_mask(long_and_short: Path, tokenizer: Any) -> None:
    digests = {
        prepare_data(config_for(long_and_short, valid=0.0, **change), tokenizer).account["digest"]
        for change in ({}, {"learn_on": "all"}, {"template": "chatml"}, {"overlong": "truncate", "max_length": 100})
    }
    assert len(digests) == 4


def test_scores_equal_sacrebleu_and_hand_counts() -> None:
    import sacrebleu

    answers, expected = ["the cat sat on the mat", "yes"], ["the cat sat on a mat", "no"]
    found = text_scores(answers, expected, ["bleu", "chrf", "rouge", "exact", "perplexity"])
    assert found["chrf"] == pytest.approx(sacrebleu.corpus_chrf(answers, [expected]).score)
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(answers, [expected], use_effective_order=True).score)
    assert found["rouge"] == pytest.approx(100 * (2 * 5 / 12 + 0) / 2)
    assert found["exact"] == 0.0
    assert text_scores([" a  b"], ["a b "], ["exact"]) == {"exact": 1.0}
    assert "perplexity" not in found


def judge(reply: httpx.Response | Exception) -> Judge:
    def answer(request: httpx.Request) -> httpx.Response:
        if isinstance(reply, Exception):
            raise reply
        asked = json.loads(request.content)["messages"][0]["content"]
        assert "the reference" in asked and "the answer" in asked
        return reply

    return Judge(JudgeEntry(url="http://judge/v1/", model="m"), httpx.MockTransport(answer))


def test_the_judge_gives_its_mark_or_an_error_never_a_zero() -> None:
    said = {"choices": [{"message": {"content": "Good. MARK: 7.5"}}]}
    assert judge(httpx.Response(200, json=said))("q", "the reference", "the answer") == 7.5
    for reply in (httpx.Response(500), httpx.Response(200, json={}), httpx.ConnectError("no")):
        with pytest.raises(EngineFailed):
            judge(reply)("q", "the reference", "the answer")
    for text in ("no mark", "MARK: 11", "MARK: -1"):
        with pytest.raises(EngineFailed):
            mark_in(text)


def test_run_folders_keep_apart_tell_and_are_told(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "one")
    (folder.path / "config.yaml").write_text("version: 1\n", "utf-8")
    with pytest.raises(Conflict):
        RunFolder.create(tmp_path, "one")
    for name in ("two", "", "../one", "one/../one"):
        with pytest.raises(NotFound):
            RunFolder.find(tmp_path, name)
    assert [found.name for found in list_runs(tmp_path)] == ["one"]
    assert folder.asked() is None
    folder.ask("stop")
    assert (folder.asked(), folder.asked()) == ("stop", None)
    folder.append("metrics.jsonl", {"step": 1})
    folder.append("metrics.jsonl", {"step": 2})
    with (folder.path / "metrics.jsonl").open("a") as stream:
        stream.write('{"step": 3, "lo')
    assert [line["step"] for line in folder.lines("metrics.jsonl")] == [1, 2]
    folder.cut_metrics(1)
    assert [line["step"] for line in folder.lines("metrics.jsonl")] == [1]
    folder.set_state(state="running", pid=2**22 + 1, step=4)
    assert folder.state()["state"] == "stopped"
    folder.delete()
    assert not folder.path.exists()


def test_a_checkpoint_is_whole_or_not_there(tmp_path: Path) -> None:
    for step in (1, 2, 3, 10):
        (checkpoints.begin(tmp_path) / "weights").write_text(str(step))
        checkpoints.commit(tmp_path, step)
    half = checkpoints.begin(tmp_path)
    (half / "weights").write_text("half")
    assert [checkpoints.step_of(path) for path in checkpoints.whole_checkpoints(tmp_path)] == [1, 2, 3, 10]
    checkpoints.mark_best(tmp_path, 2)
    checkpoints.prune(tmp_path, keep=1)
    assert [checkpoints.step_of(path) for path in checkpoints.whole_checkpoints(tmp_path)] == [2, 10]
    assert checkpoints.best(tmp_path) == tmp_path / "step-2"
    assert checkpoints.latest(tmp_path) == tmp_path / "step-10"
    assert not any((checkpoints.begin(tmp_path)).iterdir())


def test_best_knows_which_way_is_better() -> None:
    lower, higher = Best("perplexity"), Best("bleu")
    assert [lower.take(value, step) for step, value in enumerate((3.0, 4.0, 2.0, 2.0))] == [True, False, True, False]
    assert (lower.value, lower.step, lower.since) == (2.0, 2, 1)
    assert [higher.take(value, 0) for value in (3.0, 4.0, 2.0)] == [True, True, False]


def test_distances_in_steps_or_shares() -> None:
    assert [steps_between(every, 100) for every in (0.25, 1, 40, 0.001)] == [25, 1, 40, 1]


def test_commands_for_one_several_and_far_devices(tmp_path: Path) -> None:
    def command(**parallel: Any) -> list[str]:
        config = check_config(
            {"model": {"base": "tiny"}, "data": {"train": [{"path": "x"}]}, "parallel": {"devices": 1, **parallel}}
        )
        return command_of(config, RunFolder(tmp_path / "r"), Path("/m"))

    assert command()[-4:] == ["-m", "headwater.training.child", str(tmp_path / "r"), "/m"]
    assert "--nproc-per-node=4" in command(devices=4)
    far = command(nodes=2, rendezvous="first:29500")
    assert "--nnodes=2" in far
    assert "--rdzv-endpoint=first:29500" in far
    with pytest.raises(BadInput, match="where the machines meet"):
        command(nodes=2)


def test_a_run_without_a_name_gets_a_free_one(tmp_path: Path) -> None:
    config = check_config({"model": {"base": "tiny"}, "data": {"train": [{"path": "x"}]}})
    assert new_run(config, tmp_path).name == "tiny-1"
    assert name_for(config, tmp_path) == "tiny-2"


def test_a_training_process_is_told_to_ask_nobody_on_the_network() -> None:
    plain = {"model": {"base": "tiny"}, "data": {"train": [{"path": "x"}]}}
    assert environment_of(check_config(plain), 2)["HF_HUB_OFFLINE"] == "1"
    assert environment_of(check_config({**plain, "train": {"threads": 3}}), 2)["OMP_NUM_THREADS"] == "3"
    assert "HF_HUB_OFFLINE" not in environment_of(check_config({**plain, "track": {"to": ["wandb"]}}), 2)


def test_histogram_counts_every_row(long_and_short: Path, tokenizer: Any) -> None:
    account = prepare_data(config_for(long_and_short, valid=0.0), tokenizer).account
    assert sum(bar["rows"] for bar in account["lengths"]) == 5
    assert account["lengths"][-1]["to"] > account["longest"] >= account["lengths"][-1]["from"]
    assert np.isclose(account["lost_share"], 0.0)


def test_the_judge_is_shown_the_key_that_a_variable_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_KEY", "secret")
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Authorization"))
        assert json.loads(request.content)["model"] == "m"
        return httpx.Response(200, json={"choices": [{"message": {"content": "MARK: 1"}}]})

    for variable in ("JUDGE_KEY", None):
        entry = JudgeEntry(url="http://judge/v1", model="m", key_variable=variable)
        Judge(entry, httpx.MockTransport(answer))("q", "e", "a")
    assert seen == ["Bearer secret", None]
