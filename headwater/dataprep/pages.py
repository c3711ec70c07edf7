"""The documentation of the steps, made from the steps: a table for commands and pages, and a page each."""

from __future__ import annotations

import inspect
from typing import Any

from headwater.dataprep.registry import STEPS
from headwater.dataprep.step import AnyStep, GlobalStep, RecordStep
from headwater.records.detect import FORMATS, READ_ONLY, format_named


def step_table() -> list[dict[str, Any]]:
    """Return name, title, kind, summary, description and options of every step, in the table's order."""
    return [_entry(name, STEPS[name]) for name in STEPS]


def _entry(name: str, step: type[AnyStep]) -> dict[str, Any]:
    module = inspect.getmodule(step)
    summary = (module.__doc__ or "").strip().splitlines()[0].partition(": ")
    schema = step.options_type.model_json_schema()
    return {
        "name": name, "title": step.title, "kind": _kind(step),
        "summary": summary[2][:1].upper() + summary[2][1:] if summary[1] else summary[0],
        "description": inspect.cleandoc(step.__doc__ or ""), "options": [_option(n, f) for n, f in _fields(step)],
        "schema": schema,
    }  # fmt: skip


def _fields(step: type[AnyStep]) -> list[tuple[str, Any]]:
    return list(step.options_type.model_fields.items())


def _option(name: str, field: Any) -> dict[str, Any]:
    needed = field.is_required()
    default = None if needed else field.get_default(call_default_factory=True)
    shown = "needed" if needed else ("unset" if default is None else _shown(default))
    return {"name": name, "default": shown, "type": _type(field.annotation), "description": field.description or ""}


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value) or '""'


def _type(annotation: Any) -> str:
    text = inspect.formatannotation(annotation).replace("typing.", "").replace("NoneType", "None")
    return text.replace("Literal[", "one of [").replace("headwater.records.record.", "")


def _kind(step: type[AnyStep]) -> str:
    if issubclass(step, GlobalStep):
        return "all rows"
    return "record" if issubclass(step, RecordStep) else "row"


def step_page(entry: dict[str, Any]) -> str:
    """Return the Markdown page of one step."""
    lines = [f"# {entry['name']}", "", entry["summary"], "", entry["description"], ""]
    if entry["options"]:
        lines += ["| option | type | default | meaning |", "|---|---|---|---|"]
        for option in entry["options"]:
            kind = option["type"].replace("|", "or")
            lines.append(f"| `{option['name']}` | {kind} | {option['default']} | {option['description']} |")
    else:
        lines.append("No options.")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def pages() -> dict[str, str]:
    """Return every generated page: `steps/NAME.md`, their index, and the table of formats."""
    table = step_table()
    index = ["# Steps", "", "| step | looks at | what it does |", "|---|---|---|"]
    index += [f"| [`{e['name']}`]({e['name']}.md) | {e['kind']} | {e['summary']} |" for e in table]
    made = {f"steps/{entry['name']}.md": step_page(entry) for entry in table}
    return {"steps/index.md": "\n".join(index) + "\n", **made, "formats.md": format_page()}


def format_page() -> str:
    """Return the Markdown table of formats: what each holds, and which are only read."""
    lines = ["# Formats", "", "| format | name | tasks | keeps | written |", "|---|---|---|---|---|"]
    for name in FORMATS:
        found = format_named(name)
        tasks = ", ".join(sorted(task.value for task in found.tasks))
        written = "no" if name in READ_ONLY else "yes"
        lines.append(
            f"| `{name}` | {found.title} | {tasks} | {', '.join(sorted(found.holds)) or 'texts'} | {written} |"
        )
    return "\n".join(lines) + "\n"
