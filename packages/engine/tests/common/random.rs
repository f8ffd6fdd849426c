//! Random circuits with a witness: products of cells over rotations, chunks of equality columns, instances, and phase-1 columns
//! of two kinds, as wide as their parameters say.

use std::sync::Arc;

use pentimento_engine::circuit::{constraint_system, usable_rows};
use pentimento_engine::field::ColumnData;
use pentimento_engine::ir::Ir;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde_json::{json, Value};

#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub seed: u64,
    pub k: u32,
    pub degree: usize,
    /// Running products of the permutation.
    pub chunks: usize,
    pub instance_columns: usize,
    pub phase1: bool,
    /// Cells are read up to so many rows away.
    pub reach: i32,
}

pub struct Random {
    pub ir: Arc<Ir>,
    pub fixed: Vec<ColumnData>,
    pub advice: Vec<Vec<i32>>,
    pub instances: Vec<ColumnData>,
    /// A cell of `advice` that a gate reads.
    pub read: (usize, usize),
}

const INSTANCES: usize = 3;

/// Small enough for products of eight to stay below 2^31.
fn value(rng: &mut StdRng) -> i32 {
    rng.gen_range(1..=9)
}

pub fn random(shape: Shape) -> Random {
    let mut rng = StdRng::seed_from_u64(shape.seed);
    // A product of degree - 1 cells, switched on by a selector, equals the last column.
    let factors: Vec<(usize, i32)> = (1..shape.degree)
        .map(|i| (i % inputs(shape), rng.gen_range(-shape.reach..=shape.reach)))
        .collect();
    let ir =
        Arc::new(Ir::parse(&circuit(shape, &factors, &[]).to_string()).expect("a sound circuit"));
    let usable = usable_rows(&ir, &constraint_system(&ir).expect("a sound circuit"));
    let mut advice: Vec<Vec<i32>> = (0..inputs(shape))
        .map(|_| (0..usable).map(|_| value(&mut rng)).collect())
        .collect();
    let mut instances = vec![vec![0; INSTANCES]; shape.instance_columns];
    let copies = copy_cells(shape, usable, &mut advice, &mut instances, &mut rng);
    let on = |row: usize| (shape.reach as usize..usable - shape.reach as usize).contains(&row);
    let product = |row: usize| {
        factors
            .iter()
            .map(|(c, r)| advice[*c][(row as i32 + r) as usize])
            .product()
    };
    let last: Vec<i32> = (0..usable)
        .map(|row| if on(row) { product(row) } else { 0 })
        .collect();
    let read = (factors[0].0, (usable as i32 / 2 + factors[0].1) as usize);
    advice.push(last);
    let selector = |f: &dyn Fn(usize) -> bool| {
        ColumnData::Ints((0..usable).map(|row| i32::from(f(row))).collect())
    };
    let fixed = vec![
        selector(&on),
        selector(&|row| row + 1 < usable),
        selector(&|row| row == 0),
        selector(&|_| true),
    ];
    Random {
        ir: Arc::new(
            Ir::parse(&circuit(shape, &factors, &copies).to_string()).expect("a sound circuit"),
        ),
        fixed,
        advice,
        instances: instances.into_iter().map(ColumnData::Ints).collect(),
        read,
    }
}

/// Advice columns beside the last: those of the permutation come after the instances.
fn inputs(shape: Shape) -> usize {
    (shape.chunks * (shape.degree - 2))
        .saturating_sub(shape.instance_columns)
        .max(2)
}

fn equality(shape: Shape) -> Vec<Value> {
    if shape.chunks == 0 {
        return Vec::new();
    }
    let instances = (0..shape.instance_columns).map(|i| json!(["instance", i]));
    instances
        .chain((0..inputs(shape)).map(|i| json!(["advice", i])))
        .collect()
}

/// Gives the cells of random groups one value each, and lists the copies that say so.
fn copy_cells(
    shape: Shape,
    usable: usize,
    advice: &mut [Vec<i32>],
    instances: &mut [Vec<i32>],
    rng: &mut StdRng,
) -> Vec<[usize; 4]> {
    if shape.chunks == 0 {
        return Vec::new();
    }
    let public = instances.len();
    let mut cells: Vec<(usize, usize)> = (0..public)
        .flat_map(|i| (0..INSTANCES).map(move |row| (i, row)))
        .collect();
    let free = (0..advice.len()).flat_map(|c| (0..usable).map(move |row| (public + c, row)));
    cells.extend(free.collect::<Vec<_>>().choose_multiple(rng, 40).copied());
    cells.shuffle(rng);
    let mut copies = Vec::new();
    for group in cells.chunks(5) {
        let common = value(rng);
        for (column, row) in group {
            match column.checked_sub(public) {
                None => instances[*column][*row] = common,
                Some(column) => advice[column][*row] = common,
            }
        }
        copies.extend(group.windows(2).map(|w| [w[0].0, w[0].1, w[1].0, w[1].1]));
    }
    copies
}

fn circuit(shape: Shape, factors: &[(usize, i32)], copies: &[[usize; 4]]) -> Value {
    let mut nodes: Vec<Value> = Vec::new();
    let mut push = |node: Value| {
        nodes.push(node);
        nodes.len() - 1
    };
    let count = inputs(shape);
    let mut product = push(json!(["advice", factors[0].0, factors[0].1]));
    for (column, rotation) in &factors[1..] {
        let cell = push(json!(["advice", column, rotation]));
        product = push(json!(["mul", product, cell]));
    }
    let negated = push(json!(["neg", product]));
    let last = push(json!(["advice", count, 0]));
    let difference = push(json!(["add", last, negated]));
    let [on, scan, first, all] = [0, 1, 2, 3].map(|i| push(json!(["fixed", i, 0])));
    let mut gates = vec![json!({ "id": "product", "poly": push(json!(["mul", on, difference])) })];
    let mut definitions = Vec::new();
    let mut advice: Vec<Value> = (0..=count)
        .map(|i| json!({ "name": format!("a{i}"), "phase": 0 }))
        .collect();
    if shape.phase1 {
        let challenge = push(json!(["challenge", 0]));
        let [a, b] = [0, 1].map(|i| push(json!(["advice", i, 0])));
        let scaled = push(json!(["mul", challenge, a]));
        let mapping = push(json!(["add", scaled, b]));
        let negated = push(json!(["neg", mapping]));
        let mapped = push(json!(["advice", count + 1, 0]));
        let difference = push(json!(["add", mapped, negated]));
        gates.push(json!({ "id": "map", "poly": push(json!(["mul", all, difference])) }));
        let [sum, next] = [0, 1].map(|r| push(json!(["advice", count + 2, r])));
        let scaled = push(json!(["mul", challenge, sum]));
        let step = push(json!(["add", scaled, mapped]));
        let negated = push(json!(["neg", step]));
        let difference = push(json!(["add", next, negated]));
        gates.push(json!({ "id": "step", "poly": push(json!(["mul", scan, difference])) }));
        gates.push(json!({ "id": "start", "poly": push(json!(["mul", first, sum])) }));
        definitions.push(json!({ "kind": "map", "column": count + 1, "expr": mapping }));
        definitions.push(json!({ "kind": "recurrence", "column": count + 2, "active": scan, "mul": challenge, "add": mapped, "loads": [[0, "const", "0"]] }));
        advice.extend(["m", "s"].map(|name| json!({ "name": name, "phase": 1 })));
    }
    let instances: Vec<Value> = (0..shape.instance_columns)
        .map(|i| json!({ "name": format!("p{i}"), "rows": INSTANCES }))
        .collect();
    json!({
        "format": "pentimento-ir", "version": 1, "k": shape.k, "degree": shape.degree,
        "fixed": ["on", "scan", "first", "all"], "advice": advice, "instances": instances,
        "challenges": if shape.phase1 { vec!["c"] } else { vec![] },
        "nodes": nodes, "gates": gates, "equality": equality(shape), "copies": copies, "definitions": definitions,
    })
}
