//! A small circuit with one of everything: a range check by fractions, recurrences with loads of every kind, a
//! mapped column, a permutation over two chunks, instances, and a fixed column that nothing reads.

use pentimento_engine::field::ColumnData;
use serde_json::{json, Value};

pub const K: u32 = 6;
pub const USABLE: usize = (1 << K) - 6;

pub struct Sample {
    pub ir: Value,
    pub fixed: Vec<ColumnData>,
    pub advice: Vec<ColumnData>,
    pub instances: Vec<ColumnData>,
}

/// Appends nodes and gives their positions.
struct Nodes(Vec<Value>);

impl Nodes {
    fn push(&mut self, node: Value) -> usize {
        self.0.push(node);
        self.0.len() - 1
    }
    fn fixed(&mut self, column: usize) -> usize {
        self.push(json!(["fixed", column, 0]))
    }
    fn advice(&mut self, column: usize, rotation: i32) -> usize {
        self.push(json!(["advice", column, rotation]))
    }
    fn add(&mut self, a: usize, b: usize) -> usize {
        self.push(json!(["add", a, b]))
    }
    fn sub(&mut self, a: usize, b: usize) -> usize {
        let b = self.push(json!(["neg", b]));
        self.add(a, b)
    }
    fn mul(&mut self, a: usize, b: usize) -> usize {
        self.push(json!(["mul", a, b]))
    }
}

fn column(f: impl Fn(usize) -> i32) -> Vec<i32> {
    (0..USABLE).map(f).collect()
}

pub fn sample() -> Sample {
    let x = column(|i| (i as i32 * 7 + 3) % 16);
    let mut multiplicity = vec![0; 16];
    for value in &x {
        multiplicity[*value as usize] += 1;
    }
    let fixed = [
        column(|_| 1),
        column(|i| i32::from(i < USABLE - 1)),
        column(|i| i32::from(i == 0)),
        column(|i| i32::from(i == USABLE - 1)),
        column(|i| i32::from(i < USABLE - 1 && ![10, 19, 29].contains(&i))),
        column(|i| if i < 16 { i as i32 } else { 0 }),
        column(|i| i as i32 * 37 % 255 - 127),
        Vec::new(),
    ];

    let mut n = Nodes(Vec::new());
    let one = n.push(json!(["const", "1"]));
    let b = n.push(json!(["challenge", 0]));
    let [usable, scan, first, last, active, table, weight] =
        [0, 1, 2, 3, 4, 5, 6].map(|i| n.fixed(i));
    let [value, count, part, sum, acc, mapped] = [0, 1, 2, 3, 4, 5].map(|i| n.advice(i, 0));
    let den = n.add(b, value);
    let table_den = n.add(b, table);
    let minus_count = n.push(json!(["neg", count]));

    // part = 1/(b + value) - count/(b + table)
    let product = n.mul(part, den);
    let product = n.mul(product, table_den);
    let crossed = n.mul(count, den);
    let product = n.sub(product, table_den);
    let product = n.add(product, crossed);
    let range = n.mul(usable, product);

    let next = n.advice(3, 1);
    let step = n.sub(next, sum);
    let step = n.sub(step, part);
    let step = n.mul(scan, step);
    let start = n.mul(first, sum);
    let total = n.add(sum, part);
    let end = n.mul(last, total);

    let term = n.mul(value, weight);
    let next = n.advice(4, 1);
    let scaled = n.mul(b, acc);
    let rhs = n.add(scaled, term);
    let folded = n.sub(next, rhs);
    let folded = n.mul(active, folded);
    let fold_start = n.mul(first, acc);

    let mapping = n.add(scaled, value);
    let difference = n.sub(mapped, mapping);
    let map = n.mul(usable, difference);

    let gates = [
        ("range", range),
        ("sum/step", step),
        ("sum/start", start),
        ("sum/end", end),
        ("fold/step", folded),
        ("fold/start", fold_start),
        ("map", map),
    ];
    let gates: Vec<Value> = gates
        .iter()
        .map(|(id, poly)| json!({ "id": id, "poly": poly }))
        .collect();
    let advice: Vec<Value> = ["value", "count", "part", "sum", "acc", "mapped"]
        .iter()
        .enumerate()
        .map(|(i, name)| json!({ "name": name, "phase": i32::from(i > 1) }))
        .collect();
    let ir = json!({
        "format": "pentimento-ir", "version": 1, "k": K, "degree": 4,
        "fixed": ["usable", "scan", "first", "last", "active", "table", "weight", "unused"],
        "advice": advice,
        "instances": [{ "name": "public", "rows": 2 }],
        "challenges": ["b"],
        "nodes": n.0,
        "gates": gates,
        "equality": [["instance", 0], ["advice", 0], ["advice", 4]],
        "copies": [[0, 0, 1, 0], [0, 1, 1, 5], [2, 10, 2, 20], [1, 5, 2, 30]],
        "definitions": [
            { "kind": "fraction", "column": 2, "terms": [[one, den], [minus_count, table_den]] },
            { "kind": "recurrence", "column": 3, "active": scan, "mul": one, "add": part, "loads": [[0, "const", "0"]] },
            { "kind": "recurrence", "column": 4, "active": active, "mul": b, "add": term,
              "loads": [[0, "const", "0"], [20, 4, 10], [30, 0, 5]] },
            { "kind": "map", "column": 5, "expr": mapping },
        ],
    });
    let instances = vec![ColumnData::Ints(vec![x[0], x[5]])];
    Sample {
        ir,
        fixed: fixed.into_iter().map(ColumnData::Ints).collect(),
        advice: vec![ColumnData::Ints(x), ColumnData::Ints(multiplicity)],
        instances,
    }
}
