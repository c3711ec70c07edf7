"""headwater evaluate: how good search is, on a set with known answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headwater.cli.options import AsJson, DataDir, workspace
from headwater.cli.output import print_json, progress_bar, table

app = typer.Typer(help="Measure quality.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Measure quality."""


@app.command("retrieval")
def retrieval(
    directory: Annotated[Path, typer.Argument(help="corpus.jsonl, queries.jsonl, qrels/test.tsv (BEIR form).")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Report nDCG@10 and recall@10 of keywords, vectors, both, and both re-ranked."""
    from headwater.documents.evaluate import evaluate_retrieval

    with workspace(data_dir) as ws, progress_bar("Evaluating") as report:
        scores = evaluate_retrieval(directory, ws.embedder, ws.reranker, report)
    if as_json:
        print_json(scores)
    else:
        arms = {name: values for name, values in scores.items() if values}
        table(
            ["arm", "nDCG@10", "recall@10"],
            [(n, f"{v['ndcg@10']:.3f}", f"{v['recall@10']:.3f}") for n, v in arms.items()],
        )
