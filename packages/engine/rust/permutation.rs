//! The permutation argument: cycles of cells that must be equal, the columns that describe them, and the running products
//! that prove it. Method: the Halo 2 book, "Permutation argument"; the columns equal those of the proof system's own keys.

use ff::{BatchInvert, Field, PrimeField};
use halo2curves_axiom::bn256::Fr;
use rayon::prelude::*;

use crate::domain::CHUNK;
use crate::ir::Ir;

/// For each equality column, the values `delta^i' omega^j'` of the cell that follows `(i, j)` in its cycle.
pub fn sigma_columns(ir: &Ir, omega: Fr) -> Vec<Vec<Fr>> {
    let n = 1usize << ir.k;
    let next = cycles(ir, n);
    let powers: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |x| Some(*x * omega))
        .take(n)
        .collect();
    let deltas: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |x| Some(*x * Fr::DELTA))
        .take(ir.equality.len())
        .collect();
    next.par_chunks(n)
        .map(|column| {
            column
                .iter()
                .map(|cell| powers[*cell as usize % n] * deltas[*cell as usize / n])
                .collect()
        })
        .collect()
}

/// The successor of each cell, numbered `column * n + row`. Joining two cycles exchanges two successors; the smaller one is
/// relabelled.
fn cycles(ir: &Ir, n: usize) -> Vec<u32> {
    let cells = ir.equality.len() * n;
    let mut next: Vec<u32> = (0..cells as u32).collect();
    let mut label = next.clone();
    let mut size = vec![1u32; cells];
    for [i, row_i, j, row_j] in &ir.copies {
        let (a, b) = (i * n + row_i, j * n + row_j);
        let (mut large, mut small) = (label[a] as usize, label[b] as usize);
        if large == small {
            continue;
        }
        if size[large] < size[small] {
            std::mem::swap(&mut large, &mut small);
        }
        size[large] += size[small];
        let mut at = small;
        loop {
            label[at] = large as u32;
            at = next[at] as usize;
            if at == small {
                break;
            }
        }
        next.swap(a, b);
    }
    next
}

/// Equality columns, their permutation columns, and the challenges.
pub struct Argument<'a> {
    pub columns: Vec<&'a [Fr]>,
    pub sigma: &'a [Vec<Fr>],
    pub beta: Fr,
    pub gamma: Fr,
    pub omega: Fr,
    pub usable: usize,
}

impl Argument<'_> {
    /// The running product of each chunk of `length` columns; each begins where the one before ends. The rows after the
    /// usable ones and the one behind them are left to the caller.
    pub fn products(&self, length: usize) -> Vec<Vec<Fr>> {
        let mut start = Fr::ONE;
        (0..self.columns.len().div_ceil(length))
            .map(|chunk| {
                let from = chunk * length;
                let mut product = self.ratios(from..self.columns.len().min(from + length));
                for value in &mut product {
                    start *= std::mem::replace(value, start);
                }
                // The last ratio lies on the row behind the usable ones.
                start = product[self.usable];
                product
            })
            .collect()
    }

    /// `prod (p + delta^j beta omega^i + gamma) / prod (p + beta sigma + gamma)` on each row, over some columns.
    fn ratios(&self, columns: std::ops::Range<usize>) -> Vec<Fr> {
        let mut out = vec![Fr::ONE; self.columns.first().map_or(0, |c| c.len())];
        out.par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(chunk, out)| {
                let rows = chunk * CHUNK..chunk * CHUNK + out.len();
                for j in columns.clone() {
                    let (value, sigma) =
                        (&self.columns[j][rows.clone()], &self.sigma[j][rows.clone()]);
                    for ((out, value), sigma) in out.iter_mut().zip(value).zip(sigma) {
                        *out *= self.beta * sigma + self.gamma + value;
                    }
                }
                out.iter_mut().batch_invert();
                let start = self.beta * self.omega.pow_vartime([rows.start as u64]);
                for j in columns.clone() {
                    let mut own = start * Fr::DELTA.pow_vartime([j as u64]);
                    for (out, value) in out.iter_mut().zip(&self.columns[j][rows.clone()]) {
                        *out *= own + self.gamma + value;
                        own *= self.omega;
                    }
                }
            });
        out
    }
}
