"""The generated part of `book/quality.md`: one table and one sheet for each model that has a report in `book/quality/`."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .catalogue import COLUMNS, CONTENT, RECONSTRUCTION, STYLE, Entry

MARKED = re.compile(r"(<!-- reports -->\n).*?(<!-- /reports -->)", re.DOTALL)


def write_book(book: Path) -> None:
    """Replace what is between the markers of `quality.md`, from the JSON reports beside it in `quality/`."""
    reports = [json.loads(path.read_text()) for path in sorted((book / "quality").glob("*.json"))]
    text = "\n".join(section(report) for report in reports)
    path = book / "quality.md"
    path.write_text(MARKED.sub(lambda found: f"{found[1]}{text}\n{found[2]}", path.read_text()))


def section(report: dict) -> str:
    """Heading, sheet and tables of one model."""
    names = list(report["columns"])
    lines = [
        f"### {report['model']}",
        "",
        f"![Rows: fixed photos; columns: {', '.join(report['sheet'])}](quality/{report['model']}.png)",
        "",
        f"Columns of the sheet: {', '.join(report['sheet'])}.",
        "",
        f"| | {' | '.join(COLUMNS[name] for name in names)} |",
        "|---" * (len(names) + 1) + "|",
        *(row(entry, [report["columns"][name][entry.key] for name in names]) for entry in (*STYLE, *CONTENT)),
        "",
        f"| reconstruction | {' | '.join(f'{network}, {which}' for which, part in report['reconstruction'].items() for network in part)} |",
        "|---" * (sum(map(len, report["reconstruction"].values())) + 1) + "|",
        *(
            row(entry, [figures[entry.key] for part in report["reconstruction"].values() for figures in part.values()])
            for entry in RECONSTRUCTION
        ),
        "",
        *(f"{note}\n" for note in report["notes"]),
    ]
    return "\n".join(lines)


def row(entry: Entry, values: list[float | None]) -> str:
    """One line of a table."""
    return f"| {entry.title} | {' | '.join(entry.text(value) for value in values)} |"
