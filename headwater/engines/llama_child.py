"""The llama.cpp server process: `python -m headwater.engines.llama_child`.

Reads one JSON line (see `LlamaConfig.to_json`), loads the model, prints one JSON line with its
address and serves until its input closes. Its log goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from typing import Any

from headwater.engines.lifeline import end_with_parent, private_stdout
from headwater.engines.openmp import with_openmp

# Host memory for prompts of slots that were taken over; llama.cpp would allow itself 8 GiB.
PROMPT_CACHE_MIB = 256
CHECKPOINTS_PER_SLOT = 4
ONLY_ERRORS = 1


def server_parameters(config: Mapping[str, Any]) -> Any:
    """Translate our configuration into llama.cpp's."""
    from xllamacpp import CommonAdapterLoraInfo, CommonParams

    parameters = CommonParams()
    parameters.model.path = config["model"]
    parameters.model_alias = {config["name"]}
    parameters.api_keys = [config["key"]]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = config["parallel"]
    parameters.n_ctx = config["context_tokens"] * config["parallel"]
    parameters.kv_unified = False
    parameters.fit_params = False  # it would shrink the context unasked
    parameters.cache_ram_mib = PROMPT_CACHE_MIB
    parameters.n_ctx_checkpoints = CHECKPOINTS_PER_SLOT
    parameters.offline = True
    parameters.ui = False
    parameters.endpoint_slots = True
    parameters.verbosity = ONLY_ERRORS
    parameters.cpuparams.n_threads = config["threads"]
    parameters.cpuparams_batch.n_threads = config["prompt_threads"]
    parameters.lora_adapters = [CommonAdapterLoraInfo(path=path, scale=0.0) for path in config["adapters"]]
    return parameters


def main() -> None:
    """Load and serve."""
    # Waiting OpenMP threads must sleep. Spinning ones collapse as soon as other work holds a core
    # (2 threads on 2 busy cores: 4 tokens/s spinning, 28 sleeping; docs/log.md). Read when the library loads.
    os.putenv("OMP_WAIT_POLICY", "passive")
    with_openmp("headwater.engines.llama_child")
    output = os.fdopen(private_stdout(), "w")
    config = json.loads(sys.stdin.buffer.readline())
    end_with_parent()
    try:
        from xllamacpp import Server
    except ImportError as error:
        sys.exit(f"llama.cpp could not be loaded: {error}. It needs libgomp.so.1 (Debian, Ubuntu: package libgomp1).")

    try:
        server = Server(server_parameters(config))
    except RuntimeError as error:
        sys.exit(str(error))  # llama.cpp has logged the cause above
    output.write(json.dumps({"address": server.listening_address}) + "\n")
    output.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
