"""The report as one self-contained HTML page: readable on a phone, in light and dark."""

from __future__ import annotations

import base64
from html import escape

from .catalogue import COLUMNS, CONTENT, RECONSTRUCTION, STYLE, Entry

STYLESHEET = """
:root { color-scheme: light dark; --ink: #1c1b19; --soft: #6d6a64; --paper: #fbfaf7; --line: #e2ded6; --mark: #b0432b; --box: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece9e2; --soft: #a09b91; --paper: #171614; --line: #34312c; --mark: #ef8f74; --box: #1f1d1a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
p { max-width: 44rem; margin: .4rem 0; } small, .soft { color: var(--soft); }
code { font-size: .8em; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .6rem; margin: 1.2rem 0; }
.card { background: var(--box); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.card b { display: block; font-size: 1.45rem; font-variant-numeric: tabular-nums; } .card span { color: var(--soft); font-size: .82rem; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; background: var(--box); }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .45rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
tr:last-child > * { border-bottom: 0; }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--box); font-weight: 600; white-space: normal; min-width: 9rem; }
th small { display: block; font-weight: 400; white-space: normal; } thead th { vertical-align: bottom; }
td.anchor { color: var(--soft); } td.dial { color: var(--mark); font-weight: 600; }
img { display: block; width: 100%; min-width: 22rem; max-width: 34rem; image-rendering: pixelated; background: #fff; padding: 4px 0 0 4px; }
.heads { display: grid; min-width: 22rem; max-width: 34rem; font-size: .72rem; text-align: center; color: var(--soft); padding: .3rem 0; }
"""
BETTER = {"low": "lower is better", "high": "higher is better", "floor": "best near the real pictures"}
ANCHORS = ("floor", "naive")
CARDS = ("patchSwd", "classifierAccuracy", "layoutRecall10", "independentRecall10", "distinctOutputs")


def page(report: dict, png: bytes) -> str:
    """The HTML text of a report."""
    model = escape(report["model"])
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quality of {model}</title><style>{STYLESHEET}</style></head><body>
<h1>Quality of {model}</h1>
<p class="soft">Preset {escape(report["preset"])}, collection {escape(report["collection"])}, {report["photos"]} photos that nothing was trained
or fitted on. Model <code>{escape(report["commitment"])}</code></p>
{cards(report)}
<p>No figure stands alone: real pictures follow no photo, naive pixelation follows every photo and has no style, and a model that paints
one good picture for everybody has style without content. Read the five together, then look at the pictures.</p>
<h2>Pictures</h2>{pictures(report, png)}
<h2>Style</h2>{table(STYLE, report["columns"])}
<h2>Following the photo</h2>{table(CONTENT, report["columns"])}
<h2>Reconstruction of real pictures</h2>
<p class="soft">Real pictures encoded and decoded in a single pass; held out means {escape(report["heldOutKind"])} that training never showed.</p>
{reconstruction(report["reconstruction"])}
<h2>Notes</h2>{"".join(f"<p>{escape(note)}</p>" for note in report["notes"])}
</body></html>
"""


def cards(report: dict) -> str:
    """The five figures that belong together, of the model's best way of painting."""
    name = report["shown"]
    entries = {entry.key: entry for entry in (*STYLE, *CONTENT)}
    boxes = [
        f'<div class="card"><b>{escape(entries[key].text(report["columns"][name][key]))}</b><span>{escape(entries[key].title)}, '
        f"{escape(COLUMNS[name].split(', ')[-1])}</span></div>"
        for key in CARDS
    ]
    return f'<div class="cards">{"".join(boxes)}</div>'


def pictures(report: dict, png: bytes) -> str:
    """The sheet with the names of its columns."""
    names = report["sheet"]
    heads = "".join(f"<span>{escape(name)}</span>" for name in names)
    source = base64.b64encode(png).decode()
    return (
        f'<div class="wide"><div class="heads" style="grid-template-columns:repeat({len(names)},1fr)">{heads}</div>'
        f'<img alt="Fixed photos, each as {escape(", ".join(names))}" src="data:image/png;base64,{source}"></div>'
    )


def table(entries: tuple[Entry, ...], columns: dict[str, dict]) -> str:
    """One row per measure, one column per way of painting."""
    heads = "".join(f"<th>{escape(COLUMNS[name])}</th>" for name in columns)
    rows = "".join(
        f"<tr><th>{escape(entry.title)}<small>{escape(entry.meaning)}; {BETTER[entry.better]}</small></th>"
        + "".join(f'<td class="{kind(name)}">{escape(entry.text(figures[entry.key]))}</td>' for name, figures in columns.items())
        + "</tr>"
        for entry in entries
    )
    return f'<div class="wide"><table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def kind(column: str) -> str:
    """The CSS class of a column."""
    return "anchor" if column in ANCHORS else "dial" if column in ("on-brand", "faithful") else ""


def reconstruction(sets: dict[str, dict[str, dict]]) -> str:
    """Float and int8, on seen and on held-out pictures."""
    heads = "".join(f"<th>{escape(network)}, {escape(which)}</th>" for which, networks in sets.items() for network in networks)
    rows = "".join(
        f"<tr><th>{escape(entry.title)}<small>{escape(entry.meaning)}; {BETTER[entry.better]}</small></th>"
        + "".join(
            f"<td>{escape(entry.text(figures[entry.key]))}</td>" for networks in sets.values() for figures in networks.values()
        )
        + "</tr>"
        for entry in RECONSTRUCTION
    )
    return f'<div class="wide"><table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
