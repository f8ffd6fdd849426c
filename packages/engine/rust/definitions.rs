//! Witness of the phase-1 columns, computed inside the prover call once the challenges are known.

use ff::{BatchInvert, Field};
use halo2curves_axiom::bn256::Fr;
use rayon::prelude::*;

use crate::error::{EngineError, ErrorKind, Result};
use crate::evaluate::{evaluate, Table};
use crate::ir::{Definition, Ir, Source};

/// Elements per inversion: one inversion costs about a hundred multiplications.
const INVERSION_CHUNK: usize = 2048;

/// The phase-1 columns by their definitions, `usable` rows each.
pub fn complete(
    ir: &Ir,
    fixed: &[Vec<Fr>],
    phase0: &[Vec<Fr>],
    instances: &[Vec<Fr>],
    challenges: &[Fr],
    usable: usize,
) -> Result<Vec<Vec<Fr>>> {
    let mut later: Vec<Vec<Fr>> = vec![Vec::new(); ir.advice - ir.phase0];
    for definition in &ir.definitions {
        let advice: Vec<&[Fr]> = phase0.iter().chain(&later).map(Vec::as_slice).collect();
        let table = Table {
            fixed,
            advice: &advice,
            instances,
            challenges,
        };
        let values = evaluate(ir, &table, &definition.roots(), usable);
        let column = match definition {
            Definition::Recurrence { column, loads, .. } => {
                let [active, mul, add] = &values[..] else {
                    unreachable!("a recurrence has three expressions")
                };
                recurrence(*column, loads, active, mul, add, &advice)
            }
            Definition::Fraction { column, .. } => fraction(*column, values)?,
            Definition::Map { .. } => values.into_iter().next().unwrap_or_default(),
        };
        later[definition.column() - ir.phase0] = column;
    }
    Ok(later)
}

fn recurrence(
    column: usize,
    loads: &[(usize, Source)],
    active: &[Fr],
    mul: &[Fr],
    add: &[Fr],
    advice: &[&[Fr]],
) -> Vec<Fr> {
    let mut out: Vec<Fr> = Vec::with_capacity(active.len());
    let mut loads = loads.iter().peekable();
    for row in 0..active.len() {
        let value = match loads.next_if(|(at, _)| *at == row) {
            Some((_, Source::Const(value))) => *value,
            Some((_, Source::Cell { column: from, row })) if *from == column => out[*row],
            Some((_, Source::Cell { column: from, row })) => advice[*from][*row],
            None if row > 0 && active[row - 1] != Fr::ZERO => {
                mul[row - 1] * out[row - 1] + add[row - 1]
            }
            None => Fr::ZERO,
        };
        out.push(value);
    }
    out
}

/// `values` alternates numerators and denominators.
fn fraction(column: usize, mut values: Vec<Vec<Fr>>) -> Result<Vec<Fr>> {
    let rows = values.first().map_or(0, Vec::len);
    let mut out = vec![Fr::ZERO; rows];
    for (term, pair) in values.chunks_exact_mut(2).enumerate() {
        let [num, den] = pair else {
            unreachable!("chunks of two")
        };
        if let Some(row) = den.par_iter().position_first(|d| *d == Fr::ZERO) {
            return Err(EngineError::new(
                ErrorKind::ZeroDenominator,
                format!("Term {term} of the fraction in advice column {column} has a zero denominator in row {row}."),
            ));
        }
        den.par_chunks_mut(INVERSION_CHUNK).for_each(|chunk| {
            chunk.iter_mut().batch_invert();
        });
        out.par_iter_mut()
            .zip(num.par_iter().zip(den.par_iter()))
            .for_each(|(out, (num, inverse))| *out += *num * inverse);
    }
    Ok(out)
}
