"""Put a trained starter adapter into the package: `python recipes/starter/pack.py RUN_FOLDER`.

The matrices are kept in 16 bits (half the size; the greedy answers stay the same), with template, card and manifest.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

TARGET = Path(__file__).resolve().parents[2] / "headwater" / "models" / "builtin" / "starter"
MANIFEST = """name: starter
task: chat
title: Headwater starter (adapter of Gemma 3 270M)
licence: Gemma Terms of Use
licence_url: https://ai.google.dev/gemma/terms
base: gemma-270m
notes: >-
  A small chat model made with recipes/starter from open data (Open Assistant, dolly, self-instruct, gsm8k, XQuAD,
  Wikipedia). It chats, answers from a passage with the passage's words and quotes the sentence, and says when the
  passage does not hold the answer. It makes mistakes.
"""
NOTICE = """## Terms

The adapter is a derivative of Gemma and is passed on under the Gemma Terms of Use (ai.google.dev/gemma/terms), whose
use restrictions hold for it. Learned from: Open Assistant conversations (LAION-AI and contributors, Apache-2.0);
dolly (Databricks, CC BY-SA 3.0) and hh-rlhf (Anthropic, MIT); self-instruct seed tasks 101-175 (Yizhong Wang and
contributors, Apache-2.0); gsm8k (OpenAI, MIT); XQuAD, articles 1-36 (Google DeepMind, CC BY-SA 4.0, after SQuAD and
Wikipedia); English Wikipedia (its authors, CC BY-SA 3.0); rows about the model itself, written for Headwater
(Apache-2.0).
"""
# benchmarks/starter/circles.py tries others.
SAMPLING = {"dry_multiplier": 1.5, "dry_base": 1.75, "dry_allowed_length": 3, "dry_penalty_last_n": 512}
LARGEST_BYTES = 20_000_000


def main() -> None:
    """Write builtin/starter/ from the run's result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="the run's folder")
    parser.add_argument("--target", type=Path, default=TARGET)
    given = parser.parse_args()
    adapter = given.run / "adapter"
    given.target.mkdir(parents=True, exist_ok=True)
    weights = load_file(adapter / "adapter_model.safetensors")
    save_file(
        {name: weight.to(torch.float16) for name, weight in weights.items()}, given.target / "adapter_model.safetensors"
    )
    config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    config["target_modules"] = sorted(config["target_modules"])
    config["base_model_name_or_path"] = "gemma-270m"  # not the folder of the machine it was made on
    (given.target / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    shutil.copy(adapter / "template.jinja", given.target / "template.jinja")
    described = json.loads((adapter / "headwater.json").read_text("utf-8")) | {
        "base": "gemma-270m",
        "run": "starter",
        "sampling": SAMPLING,
    }
    (given.target / "headwater.json").write_text(json.dumps(described, indent=1) + "\n", "utf-8")
    card = (adapter / "README.md").read_text("utf-8").partition("\n")[2]
    (given.target / "README.md").write_text(f"# starter\n{card.rstrip()}\n\n{NOTICE}", "utf-8")
    (given.target / "manifest.yaml").write_text(MANIFEST, "utf-8")
    size = sum(path.stat().st_size for path in given.target.iterdir())
    print(json.dumps({"folder": str(given.target), "bytes": size}))
    if size > LARGEST_BYTES:
        raise SystemExit(f"{size:,} bytes are more than {LARGEST_BYTES:,}: lower the rank")


if __name__ == "__main__":
    main()
