#!/usr/bin/env python3
"""A second opinion on a circuit: reads the serialised IR and a witness, and evaluates every constraint on every row.

It follows book/formats.md, section 3, and nothing else: it shares no code with the circuit builder, the mock prover or the engine, and uses the
standard library alone. The challenges are the hash of everything that a prover fixes before they are drawn, so a witness cannot be fitted to them.
The rows beyond the usable ones hold noise, as in a real proof: a gate that is not switched off there fails.

    python3 recheck.py FOLDER     with ir.json, fixed.json, advice.json (phase 0) and instances.json (lists of decimal strings, one per column)

Prints one line of JSON: {"ok", "constraints", "copies", "rows", "cells", "failures": [{"id", "row"}]}; exit status 0 when satisfied, else 1.
"""

import hashlib
import json
import sys
from pathlib import Path

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
MAX_FAILURES = 20


class Trace:
    """All columns of a circuit on its 2^k rows, and the values of its expressions."""

    def __init__(self, ir, fixed, advice, instances):
        self.ir = ir
        self.rows = 1 << ir["k"]
        self.usable = self.rows - blinding_factors(ir) - 1
        later = [[]] * (len(ir["advice"]) - len(advice))
        self.columns = {"fixed": self.padded(fixed), "advice": self.padded(advice + later), "instance": self.padded(instances)}
        self.challenges = draw_challenges(ir, fixed, advice, instances)
        for definition in ir["definitions"]:
            self.define(definition)

    def padded(self, columns):
        """Columns of field elements with zeros up to the last row."""
        return [[int(value) % R for value in column] + [0] * (self.rows - len(column)) for column in columns]

    def values(self, nodes, rows):
        """For each row the values of `nodes`, in their order."""
        program = subexpressions(self.ir, nodes)
        known = {}
        for row in rows:
            for node in program:
                known[node] = self.step(self.ir["nodes"][node], known, row)
            yield row, [known[node] for node in nodes]

    def step(self, node, known, row):
        """Value of one node on a row, from those of its children."""
        kind, a, b = node[0], node[1], node[-1]
        if kind == "mul":
            return known[a] * known[b] % R
        if kind == "add":
            return (known[a] + known[b]) % R
        if kind == "neg":
            return -known[a] % R
        if kind == "const":
            return int(a)
        if kind == "challenge":
            return self.challenges[a]
        return self.columns[kind][a][(row + b) % self.rows]

    def define(self, definition):
        """Fill a phase-1 column from its definition on the usable rows."""
        target = self.columns["advice"][definition["column"]]
        rows = range(self.usable)
        if definition["kind"] == "map":
            for row, (value,) in self.values([definition["expr"]], rows):
                target[row] = value
        elif definition["kind"] == "fraction":
            flat = [node for term in definition["terms"] for node in term]
            for row, parts in self.values(flat, rows):
                target[row] = sum(num * pow(den, -1, R) for num, den in zip(parts[::2], parts[1::2])) % R
        else:
            self.recur(definition, target)

    def recur(self, definition, target):
        """`c[i+1] = mul*c[i] + add` where active, else 0; loads take precedence."""
        sources = {row: source for row, *source in definition["loads"]}

        def load(row):
            kind, place = sources[row]
            target[row] = int(place) % R if kind == "const" else self.columns["advice"][kind][place]

        if 0 in sources:
            load(0)
        nodes = [definition["active"], definition["mul"], definition["add"]]
        for row, (active, factor, addend) in self.values(nodes, range(self.usable - 1)):
            target[row + 1] = (factor * target[row] + addend) % R if active else 0
            if row + 1 in sources:
                load(row + 1)

    def blind(self):
        """Noise on the rows that a prover fills at random."""
        for index, column in enumerate(self.columns["advice"]):
            for row in range(self.usable, self.rows):
                column[row] = int.from_bytes(hashlib.sha512(f"{index} {row}".encode()).digest(), "big") % R


def subexpressions(ir, roots):
    """Every node below `roots`, children first (in the IR children precede their parents)."""
    seen, stack = set(), list(roots)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        kind, *arguments = ir["nodes"][node]
        if kind in ("neg", "add", "mul"):
            stack.extend(arguments)
    return sorted(seen)


def blinding_factors(ir):
    """halo2's rule: two more than the largest number of rotations of an advice column, which counts as at least three."""
    rotations = [set() for _ in ir["advice"]]
    for node in subexpressions(ir, [gate["poly"] for gate in ir["gates"]]):
        kind, *arguments = ir["nodes"][node]
        if kind == "advice":
            rotations[arguments[0]].add(arguments[1])
    for kind, column in ir["equality"]:
        if kind == "advice":
            rotations[column].add(0)
    return max([3] + [len(found) for found in rotations]) + 2


def draw_challenges(ir, fixed, advice, instances):
    """Field elements from the hash of circuit and phase-0 witness."""
    digest = hashlib.sha256(json.dumps([ir, fixed, advice, instances]).encode()).digest()
    return [int.from_bytes(hashlib.sha512(digest + bytes([i])).digest(), "big") % R for i in range(len(ir["challenges"]))]


def failures(trace):
    """Every gate on every row, then every copy."""
    gates = trace.ir["gates"]
    for row, values in trace.values([gate["poly"] for gate in gates], range(trace.rows)):
        for gate, value in zip(gates, values):
            if value:
                yield {"id": gate["id"], "row": row}
    for left, left_row, right, right_row in trace.ir["copies"]:
        (kind, column), (other_kind, other) = trace.ir["equality"][left], trace.ir["equality"][right]
        if trace.columns[kind][column][left_row] != trace.columns[other_kind][other][right_row]:
            name = trace.ir["advice"][other]["name"] if other_kind == "advice" else f"{other_kind}{other}"
            yield {"id": f"copy/{name}", "row": right_row}


def main(folder):
    """Check the dump in `folder`."""
    ir, fixed, advice, instances = (json.loads((Path(folder) / f"{name}.json").read_text()) for name in ("ir", "fixed", "advice", "instances"))
    trace = Trace(ir, fixed, advice, instances)
    trace.blind()
    found = [failure for failure, _ in zip(failures(trace), range(MAX_FAILURES))]
    report = {"ok": not found, "constraints": len(ir["gates"]), "copies": len(ir["copies"]), "rows": trace.usable}
    print(json.dumps({**report, "cells": trace.usable * len(ir["advice"]), "failures": found}))
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
