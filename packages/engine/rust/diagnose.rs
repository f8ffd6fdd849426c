//! Why a witness was refused: the first gate or copy that does not hold.

use ff::Field;
use halo2curves_axiom::bn256::Fr;
use rand::rngs::OsRng;

use crate::definitions::complete;
use crate::evaluate::{evaluate, Table};
use crate::ir::{cell, ColumnKind, Ir};

/// One sentence on the first violation, found under fresh challenges.
pub fn diagnose(
    ir: &Ir,
    fixed: &[Vec<Fr>],
    phase0: &[Vec<Fr>],
    instances: &[Vec<Fr>],
    usable: usize,
) -> String {
    let challenges: Vec<Fr> = (0..ir.challenges).map(|_| Fr::random(OsRng)).collect();
    let later = match complete(ir, fixed, phase0, instances, &challenges, usable) {
        Ok(later) => later,
        Err(error) => return error.message,
    };
    let advice: Vec<&[Fr]> = phase0.iter().chain(&later).map(Vec::as_slice).collect();
    let table = Table {
        fixed,
        advice: &advice,
        instances,
        challenges: &challenges,
    };
    for gate in &ir.gates {
        let values = &evaluate(ir, &table, &[gate.poly], usable)[0];
        if let Some(row) = values.iter().position(|v| *v != Fr::ZERO) {
            return format!("Gate {} does not hold in row {row}.", gate.id);
        }
    }
    let value = |position: usize, row: usize| {
        let (kind, column) = ir.equality[position];
        match kind {
            ColumnKind::Fixed => cell(&fixed[column], row as i64),
            ColumnKind::Advice => cell(advice[column], row as i64),
            ColumnKind::Instance => cell(&instances[column], row as i64),
        }
    };
    for [i, row_i, j, row_j] in &ir.copies {
        if value(*i, *row_i) != value(*j, *row_j) {
            let name = |position: usize| {
                let (kind, column) = ir.equality[position];
                format!("{kind:?} column {column}").to_lowercase()
            };
            return format!(
                "The copy between {} row {row_i} and {} row {row_j} does not hold.",
                name(*i),
                name(*j)
            );
        }
    }
    "Every gate and copy holds on the usable rows: a gate is not switched off on the rows after them.".into()
}
