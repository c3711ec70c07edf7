"""The training process: `python -m headwater.training.child RUN_FOLDER [BASE_PATH]`, also under torchrun."""

from __future__ import annotations

import sys
from pathlib import Path

from headwater.core.errors import HeadwaterError
from headwater.training.library_notes import leave_out_unused_kernel
from headwater.training.run_folder import RunFolder, failed


def main(arguments: list[str]) -> int:
    """Run; tell an error in the folder and on the last line of standard error, as JSON."""
    folder = RunFolder(Path(arguments[0]))
    base_path = Path(arguments[1]) if len(arguments) > 1 else None
    leave_out_unused_kernel()
    try:
        from headwater.training.session import run

        run(folder, base_path)
    except HeadwaterError as error:
        return failed(folder, error.message, error.hint)
    except MemoryError:
        return failed(folder, "The memory is not enough", "Lower train.micro_tokens, or set memory.checkpointing: on.")
    except RuntimeError as error:
        if "out of memory" in str(error).lower() or "can't allocate memory" in str(error).lower():
            hint = "Lower train.micro_tokens, set memory.checkpointing: on, or quantise the base. Then resume."
            return failed(folder, f"The device's memory is full: {str(error).splitlines()[0]}", hint)
        failed(folder, f"Training failed: {error}", "The last checkpoint is intact; see the log of the run.")
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
