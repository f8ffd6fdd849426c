//! SHPLONK: one pair of commitments opens every polynomial at every point. Method: Boneh, Drake, Fisch and Gabizon, "Efficient
//! polynomial commitment schemes for multiple points and polynomials" (2020), section 4.2, in the order of challenges and
//! with the normalisation of the proof system's verifier.
//!
//! Polynomials with the same set of points are combined once; both commitments are made from these sums.

use ff::Field;
use halo2_axiom::arithmetic::{evaluate_vanishing_polynomial, kate_division, lagrange_interpolate};
use halo2curves_axiom::bn256::Fr;
use rayon::prelude::*;

use crate::domain::CHUNK;
use crate::lanes::Lanes;

/// A polynomial that is opened at one point; the same polynomial may be opened at several.
pub struct Query<'a> {
    pub polynomial: &'a [Fr],
    pub point: Fr,
    pub value: Fr,
}

/// Polynomials that are opened at the same points, in the order in which these sets first appear.
pub struct Opening {
    sets: Vec<Set>,
    /// All points of all sets.
    points: Vec<Fr>,
}

struct Set {
    points: Vec<Fr>,
    /// `sum y^j P_j`, and its values at the points.
    sum: Vec<Fr>,
    values: Vec<Fr>,
}

struct Opened<'a> {
    polynomial: &'a [Fr],
    points: Vec<Fr>,
    values: Vec<Fr>,
}

impl Opening {
    pub fn new<L: Lanes<F = Fr>>(queries: &[Query<'_>], y: Fr) -> Self {
        let mut points = Vec::new();
        let mut groups: Vec<Vec<Opened<'_>>> = Vec::new();
        for opened in by_polynomial(queries) {
            for point in &opened.points {
                if !points.contains(point) {
                    points.push(*point);
                }
            }
            match groups
                .iter_mut()
                .find(|group| same_set(&group[0].points, &opened.points))
            {
                Some(group) => group.push(opened),
                None => groups.push(vec![opened]),
            }
        }
        let sets = groups
            .iter()
            .map(|group| Set::combine::<L>(group, y))
            .collect();
        Self { sets, points }
    }

    /// `sum v^i (F_i - R_i) / Z_i`, where `R_i` takes the values of `F_i` at its points and `Z_i` vanishes there.
    pub fn quotient(&self, v: Fr) -> Vec<Fr> {
        let quotients: Vec<Vec<Fr>> = self.sets.par_iter().map(Set::quotient).collect();
        let mut out = vec![Fr::ZERO; self.sets.first().map_or(0, |set| set.sum.len())];
        for quotient in quotients.iter().rev() {
            // A quotient is shorter by its number of points.
            out.par_chunks_mut(CHUNK).enumerate().for_each(|(i, out)| {
                let rest = quotient.get(i * CHUNK..).unwrap_or(&[]);
                for (at, out) in out.iter_mut().enumerate() {
                    *out = *out * v + rest.get(at).copied().unwrap_or(Fr::ZERO);
                }
            });
        }
        out
    }

    /// `(sum v^i z_i (F_i - R_i(u)) - z H) / (z_0 (X - u))`, where `H` is the quotient, `z` vanishes on all points and `z_i` on
    /// those that are not of set `i`, at `u`. The sets are used up.
    pub fn linearisation(mut self, quotient: &[Fr], v: Fr, u: Fr) -> Vec<Fr> {
        let all = evaluate_vanishing_polynomial(&self.points, u);
        let others: Vec<Fr> = self
            .sets
            .iter()
            .map(|set| all * inverse(evaluate_vanishing_polynomial(&set.points, u)))
            .collect();
        let normal = others.first().map_or(Fr::ONE, |z| inverse(*z));
        let mut out = vec![Fr::ZERO; quotient.len()];
        let mut weight = normal;
        for (set, other) in self.sets.drain(..).zip(others) {
            let scale = weight * other;
            add_scaled(&mut out, &set.sum, scale);
            out[0] -= scale * value_at(&set.remainder(), u);
            weight *= v;
        }
        add_scaled(&mut out, quotient, -(normal * all));
        kate_division(&out, u)
    }
}

fn by_polynomial<'a>(queries: &[Query<'a>]) -> Vec<Opened<'a>> {
    let mut out: Vec<Opened<'a>> = Vec::new();
    for query in queries {
        let same = |opened: &&mut Opened<'_>| std::ptr::eq(opened.polynomial, query.polynomial);
        match out.iter_mut().find(same) {
            Some(opened) => {
                opened.points.push(query.point);
                opened.values.push(query.value);
            }
            None => out.push(Opened {
                polynomial: query.polynomial,
                points: vec![query.point],
                values: vec![query.value],
            }),
        }
    }
    out
}

fn same_set(a: &[Fr], b: &[Fr]) -> bool {
    a.len() == b.len() && a.iter().all(|x| b.contains(x))
}

impl Set {
    fn combine<L: Lanes<F = Fr>>(group: &[Opened<'_>], y: Fr) -> Self {
        let points = group[0].points.clone();
        let mut values = vec![Fr::ZERO; points.len()];
        for opened in group.iter().rev() {
            for (value, point) in values.iter_mut().zip(&points) {
                let own = opened.points.iter().position(|p| p == point);
                *value = *value * y + own.map_or(Fr::ZERO, |at| opened.values[at]);
            }
        }
        let mut sum = vec![Fr::ZERO; group[0].polynomial.len()];
        sum.par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(chunk, out)| {
                L::run(
                    #[inline(always)]
                    || {
                        let (y, one, zero) =
                            (L::constant(y), L::constant(Fr::ONE), L::splat(Fr::ZERO));
                        for (i, out) in out.chunks_exact_mut(L::WIDTH).enumerate() {
                            let at = chunk * CHUNK + i * L::WIDTH;
                            let mut sum = zero;
                            for opened in group.iter().rev() {
                                // Loaded values are below 16 times the modulus, products below twice.
                                sum = L::load(&opened.polynomial[at..])
                                    .add_loose(sum.mul_constant(&y));
                            }
                            sum.mul_constant(&one).store(out);
                        }
                    },
                );
            });
        Self {
            points,
            sum,
            values,
        }
    }

    /// The polynomial of least degree with these values.
    fn remainder(&self) -> Vec<Fr> {
        lagrange_interpolate(&self.points, &self.values)
    }

    fn quotient(&self) -> Vec<Fr> {
        let mut out = self.sum.clone();
        for (out, rest) in out.iter_mut().zip(self.remainder()) {
            *out -= rest;
        }
        self.points
            .iter()
            .fold(out, |out, point| kate_division(&out, *point))
    }
}

fn add_scaled(to: &mut [Fr], from: &[Fr], scale: Fr) {
    to.par_chunks_mut(CHUNK)
        .zip(from.par_chunks(CHUNK))
        .for_each(|(to, from)| {
            for (to, from) in to.iter_mut().zip(from) {
                *to += scale * from;
            }
        });
}

fn value_at(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients
        .iter()
        .rev()
        .fold(Fr::ZERO, |sum, c| sum * x + c)
}

fn inverse(x: Fr) -> Fr {
    Option::from(x.invert()).expect("a random point is no point of the queries")
}

/// The value at `x`; lanes run side by side through every eighth coefficient.
pub fn evaluate<L: Lanes<F = Fr>>(coefficients: &[Fr], x: Fr) -> Fr {
    let mut lanes = vec![Fr::ZERO; L::WIDTH];
    L::run(
        #[inline(always)]
        || {
            let step = L::constant(x.pow_vartime([L::WIDTH as u64]));
            let mut sum = L::splat(Fr::ZERO);
            for chunk in coefficients.chunks_exact(L::WIDTH).rev() {
                // Bounds as above; the product is below twice the modulus again.
                sum = L::load(chunk).add_loose(sum.mul_constant(&step));
            }
            sum.mul_constant(&L::constant(Fr::ONE)).store(&mut lanes);
        },
    );
    value_at(&lanes, x)
}
