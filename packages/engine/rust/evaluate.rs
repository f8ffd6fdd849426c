//! Values of expressions over whole columns: each shared node once, in chunks of rows, in parallel.

use halo2curves_axiom::bn256::Fr;
use rayon::prelude::*;

use crate::ir::{cell, ColumnKind, Ir, Node};

/// Rows per task: small enough to stay in cache, large enough to amortise the walk over the nodes.
const CHUNK: usize = 512;

/// Everything an expression can refer to. Columns read as zero beyond their end.
pub struct Table<'a> {
    pub fixed: &'a [Vec<Fr>],
    /// Empty for a column that is not known yet.
    pub advice: &'a [&'a [Fr]],
    pub instances: &'a [Vec<Fr>],
    pub challenges: &'a [Fr],
}

enum Values {
    Same(Fr),
    Rows(Vec<Fr>),
}

impl Values {
    fn map(&self, f: impl Fn(Fr) -> Fr) -> Self {
        match self {
            Self::Same(x) => Self::Same(f(*x)),
            Self::Rows(v) => Self::Rows(v.iter().map(|x| f(*x)).collect()),
        }
    }

    fn zip(&self, other: &Self, f: impl Fn(Fr, Fr) -> Fr) -> Self {
        match (self, other) {
            (Self::Same(x), y) => y.map(|y| f(*x, y)),
            (x, Self::Same(y)) => x.map(|x| f(x, *y)),
            (Self::Rows(x), Self::Rows(y)) => {
                Self::Rows(x.iter().zip(y).map(|(x, y)| f(*x, *y)).collect())
            }
        }
    }
}

/// The values of each of `roots` on rows `0..rows`.
pub fn evaluate(ir: &Ir, table: &Table, roots: &[usize], rows: usize) -> Vec<Vec<Fr>> {
    let marked = ir.reachable(roots);
    let order: Vec<usize> = (0..ir.nodes.len()).filter(|i| marked[*i]).collect();
    let mut slot = vec![0usize; ir.nodes.len()];
    for (position, node) in order.iter().enumerate() {
        slot[*node] = position;
    }
    let chunks: Vec<Vec<Vec<Fr>>> = (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let from = chunk * CHUNK;
            let len = CHUNK.min(rows - from);
            let mut values: Vec<Values> = Vec::with_capacity(order.len());
            for node in &order {
                let value = match &ir.nodes[*node] {
                    Node::Const(c) => Values::Same(*c),
                    Node::Challenge(i) => Values::Same(table.challenges[*i]),
                    Node::Cell(kind, column, rotation) => {
                        let column: &[Fr] = match kind {
                            ColumnKind::Fixed => &table.fixed[*column],
                            ColumnKind::Advice => table.advice[*column],
                            ColumnKind::Instance => &table.instances[*column],
                        };
                        let first = from as i64 + i64::from(*rotation);
                        Values::Rows(
                            (first..first + len as i64)
                                .map(|row| cell(column, row))
                                .collect(),
                        )
                    }
                    Node::Neg(a) => values[slot[*a]].map(|x| -x),
                    Node::Add(a, b) => values[slot[*a]].zip(&values[slot[*b]], |x, y| x + y),
                    Node::Mul(a, b) => values[slot[*a]].zip(&values[slot[*b]], |x, y| x * y),
                };
                values.push(value);
            }
            roots
                .iter()
                .map(|root| match &values[slot[*root]] {
                    Values::Same(x) => vec![*x; len],
                    Values::Rows(v) => v.clone(),
                })
                .collect()
        })
        .collect();
    let mut out = vec![Vec::with_capacity(rows); roots.len()];
    for chunk in chunks {
        for (column, part) in out.iter_mut().zip(chunk) {
            column.extend(part);
        }
    }
    out
}
