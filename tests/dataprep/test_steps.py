"""The table of steps."""

from __future__ import annotations

from pathlib import Path

from headwater.dataprep.registry import STEPS


def test_every_step_of_the_table_is_there_and_is_tested() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    for name in STEPS:
        kind = STEPS[name]
        assert kind.name == name and kind.title and kind.__doc__
        assert all(field.description for field in kind.options_type.model_fields.values()), name
        assert f'"{name}"' in source, f"no test runs {name}"
