//! The quotient: every constraint, folded with powers of y and divided by `X^n - 1`, in pieces of n coefficients.
//!
//! A quotient of degree below `(d - 1) n` is known from its values on `d - 1` cosets of the domain. On the coset of `s` the
//! divisor is the constant `s^n - 1`, and the values determine `h mod (X^n - s^n) = sum_j s^(nj) h_j`, from which the pieces
//! `h_j` follow by a Vandermonde system for each coefficient. So one coset is in memory at a time, nothing of size `(d - 1) n`
//! ever is, and a degree that is not one more than a power of two costs no more cosets than it needs.
//!
//! Order of the constraints and their formulas: the proof system's (book/formats.md, section 4).

use ff::{Field, PrimeField};
use halo2_axiom::arithmetic::lagrange_interpolate;
use halo2curves_axiom::bn256::Fr;
use rayon::prelude::*;

use crate::domain::Domain;
use crate::ir::{ColumnKind, Ir, Node};
use crate::lanes::Lanes;
use crate::program::{Builder, Program, Value, ROWS};

/// The constraints of a circuit as a program, made once for a key.
pub struct Quotient {
    program: Program,
    pieces: usize,
}

/// Challenges that the constraints depend on.
pub struct Challenges<'a> {
    pub circuit: &'a [Fr],
    pub beta: Fr,
    pub gamma: Fr,
    pub y: Fr,
}

/// Coefficients of everything that is read.
pub struct Polynomials<'a> {
    pub fixed: &'a [Vec<Fr>],
    pub advice: &'a [Vec<Fr>],
    pub instances: &'a [Vec<Fr>],
    /// Of the permutation: one for each equality column.
    pub sigma: &'a [Vec<Fr>],
    /// The permutation's running products, one for each chunk of columns.
    pub products: &'a [Vec<Fr>],
}

/// The equality columns that one running product covers.
pub fn chunk_length(degree: usize) -> usize {
    degree - 2
}

impl Quotient {
    /// `usable` rows hold the witness, the rows after them are random.
    pub fn new(ir: &Ir, usable: usize) -> Self {
        let mut writer = Writer::new(ir, usable);
        writer.gates();
        writer.permutation();
        let Writer {
            builder, folded, ..
        } = writer;
        Self {
            program: builder.finish(&[folded]),
            pieces: ir.degree - 1,
        }
    }

    /// The pieces of the quotient, `n` coefficients each.
    pub fn pieces<L: Lanes<F = Fr>>(
        &self,
        domain: &Domain<L>,
        polynomials: &Polynomials<'_>,
        challenges: &Challenges<'_>,
    ) -> Vec<Vec<Fr>> {
        let Challenges {
            circuit,
            beta,
            gamma,
            y,
        } = challenges;
        let given: Vec<Fr> = [*beta, *gamma, *y]
            .into_iter()
            .chain(circuit.iter().copied())
            .collect();
        let uniforms = self.program.uniforms(&given);
        let shifts: Vec<Fr> = (1..=self.pieces as u64)
            .map(|i| Fr::MULTIPLICATIVE_GENERATOR.pow_vartime([i]))
            .collect();
        let moduli: Vec<Fr> = shifts
            .iter()
            .map(|s| s.pow_vartime([domain.n as u64]))
            .collect();
        let mut pieces: Vec<Vec<L>> =
            vec![vec![L::splat(Fr::ZERO); domain.n / L::WIDTH]; self.pieces];
        for (i, shift) in shifts.iter().enumerate() {
            let values = self.on_coset(domain, polynomials, &uniforms, *shift);
            // The size belongs to the transform, the rest to the division.
            let scale = inverse(moduli[i] - Fr::ONE) * size_inverse(domain);
            let remainder =
                domain.interpolate_coset(&values, &domain.powers(scale, inverse(*shift)));
            let mut unit = vec![Fr::ZERO; self.pieces];
            unit[i] = Fr::ONE;
            let weights = lagrange_interpolate(&moduli, &unit);
            pieces
                .par_iter_mut()
                .zip(weights)
                .for_each(|(piece, weight)| add_scaled(piece, &remainder, weight));
        }
        pieces.into_par_iter().map(|piece| plain(&piece)).collect()
    }

    /// Values of the folded constraints on the coset of `shift`.
    fn on_coset<L: Lanes<F = Fr>>(
        &self,
        domain: &Domain<L>,
        polynomials: &Polynomials<'_>,
        uniforms: &[Fr],
        shift: Fr,
    ) -> Vec<L> {
        let powers = domain.powers(Fr::ONE, shift);
        let all = polynomials.all();
        let columns: Vec<Vec<L>> = self
            .program
            .columns
            .par_iter()
            .map(|index| match all.get(*index) {
                Some(coefficients) => domain.evaluate(coefficients, &powers),
                None if *index == all.len() => {
                    domain.evaluate(&vec![size_inverse(domain); domain.n], &powers)
                }
                None => domain.powers(shift, domain.omega),
            })
            .collect();
        let columns: Vec<&[L]> = columns.iter().map(Vec::as_slice).collect();
        let mut values = powers;
        values
            .par_chunks_mut(ROWS / L::WIDTH)
            .enumerate()
            .for_each_init(
                || self.program.run::<L>(uniforms),
                |run, (i, to)| {
                    let root = &run.rows(&columns, i * ROWS)[0];
                    to.copy_from_slice(&root[..to.len()]);
                },
            );
        values
    }
}

impl<'a> Polynomials<'a> {
    /// In the order of the program's column numbers; the first Lagrange polynomial and `X` follow.
    fn all(&self) -> Vec<&'a [Fr]> {
        let groups = [
            self.fixed,
            self.advice,
            self.instances,
            self.sigma,
            self.products,
        ];
        groups.into_iter().flatten().map(Vec::as_slice).collect()
    }
}

fn inverse(x: Fr) -> Fr {
    Option::from(x.invert()).expect("a coset does not meet the domain")
}

fn size_inverse<L: Lanes<F = Fr>>(domain: &Domain<L>) -> Fr {
    Fr::TWO_INV.pow_vartime([u64::from(domain.n.trailing_zeros())])
}

fn add_scaled<L: Lanes<F = Fr>>(to: &mut [L], from: &[L], weight: Fr) {
    L::run(
        #[inline(always)]
        || {
            let weight = L::constant(weight);
            for (to, from) in to.iter_mut().zip(from) {
                *to = to.add(from.mul_constant(&weight));
            }
        },
    );
}

fn plain<L: Lanes<F = Fr>>(from: &[L]) -> Vec<Fr> {
    let mut out = vec![Fr::ZERO; from.len() * L::WIDTH];
    L::run(
        #[inline(always)]
        || {
            for (from, to) in from.iter().zip(out.chunks_exact_mut(L::WIDTH)) {
                from.store(to);
            }
        },
    );
    out
}

/// Writes the constraints into a program, in the order in which the verifier folds them.
struct Writer<'a> {
    ir: &'a Ir,
    usable: usize,
    builder: Builder,
    folded: Value,
    y: Value,
    /// Column numbers, see [`Polynomials::all`].
    sigma: usize,
    products: usize,
    first: usize,
    identity: usize,
}

impl<'a> Writer<'a> {
    fn new(ir: &'a Ir, usable: usize) -> Self {
        let mut builder = Builder::default();
        let sigma = ir.fixed + ir.advice + ir.instances.len();
        let products = sigma + ir.equality.len();
        let first = products + ir.equality.len().div_ceil(chunk_length(ir.degree));
        Self {
            ir,
            usable,
            folded: builder.constant(Fr::ZERO),
            y: builder.given(2),
            builder,
            sigma,
            products,
            first,
            identity: first + 1,
        }
    }

    fn column(&self, (kind, index): (ColumnKind, usize)) -> usize {
        match kind {
            ColumnKind::Fixed => index,
            ColumnKind::Advice => self.ir.fixed + index,
            ColumnKind::Instance => self.ir.fixed + self.ir.advice + index,
        }
    }

    fn fold(&mut self, constraint: Value) {
        let scaled = self.builder.mul(self.folded, self.y);
        self.folded = self.builder.add(scaled, constraint);
    }

    fn gates(&mut self) {
        let roots: Vec<usize> = self.ir.gates.iter().map(|gate| gate.poly).collect();
        let needed = self.ir.reachable(&roots);
        let mut values: Vec<Value> = vec![self.folded; self.ir.nodes.len()];
        for (position, node) in self.ir.nodes.iter().enumerate().filter(|(i, _)| needed[*i]) {
            values[position] = match *node {
                Node::Const(x) => self.builder.constant(x),
                Node::Challenge(i) => self.builder.given(3 + i),
                Node::Cell(kind, column, rotation) => {
                    self.builder.cell(self.column((kind, column)), rotation)
                }
                Node::Neg(a) => {
                    let zero = self.builder.constant(Fr::ZERO);
                    self.builder.sub(zero, values[a])
                }
                Node::Add(a, b) => match self.ir.nodes[b] {
                    Node::Neg(b) => self.builder.sub(values[a], values[b]),
                    _ => self.builder.add(values[a], values[b]),
                },
                Node::Mul(a, b) => self.builder.mul(values[a], values[b]),
            };
        }
        for root in roots {
            self.fold(values[root]);
        }
    }

    fn permutation(&mut self) {
        let count = self.first - self.products;
        if count == 0 {
            return;
        }
        let one = self.builder.constant(Fr::ONE);
        let last = -(self.usable as i32);
        let l_first = self.builder.cell(self.first, 0);
        let l_last = self.builder.cell(self.first, last);
        let start = self.builder.cell(self.products, 0);
        let gap = self.builder.sub(one, start);
        let begins = self.builder.mul(gap, l_first);
        self.fold(begins);
        let end = self.builder.cell(self.products + count - 1, 0);
        let square = self.builder.mul(end, end);
        let gap = self.builder.sub(square, end);
        let ends = self.builder.mul(gap, l_last);
        self.fold(ends);
        for i in 1..count {
            let here = self.builder.cell(self.products + i, 0);
            let before = self.builder.cell(self.products + i - 1, self.usable as i32);
            let gap = self.builder.sub(here, before);
            let continues = self.builder.mul(gap, l_first);
            self.fold(continues);
        }
        // One on the usable rows: 1 - l_last - l_blind.
        let mut active = one;
        for row in self.usable..1 << self.ir.k {
            let on = self.builder.cell(self.first, -(row as i32));
            active = self.builder.sub(active, on);
        }
        for i in 0..count {
            let step = self.product_step(i);
            let step = self.builder.mul(step, active);
            self.fold(step);
        }
    }

    /// `Z(wX) prod(p + beta s + gamma) - Z(X) prod(p + delta^j beta X + gamma)` of one running product.
    fn product_step(&mut self, chunk: usize) -> Value {
        let length = chunk_length(self.ir.degree);
        let (beta, gamma) = (self.builder.given(0), self.builder.given(1));
        let mut left = self.builder.cell(self.products + chunk, 1);
        let mut right = self.builder.cell(self.products + chunk, 0);
        let columns = self
            .ir
            .equality
            .iter()
            .enumerate()
            .skip(chunk * length)
            .take(length);
        for (j, column) in columns.collect::<Vec<_>>() {
            let value = self.builder.cell(self.column(*column), 0);
            let value = self.builder.add(value, gamma);
            let sigma = self.builder.cell(self.sigma + j, 0);
            let mapped = self.builder.mul(sigma, beta);
            let mapped = self.builder.add(value, mapped);
            left = self.builder.mul(left, mapped);
            let delta = self.builder.constant(Fr::DELTA.pow_vartime([j as u64]));
            let scale = self.builder.mul(delta, beta);
            let identity = self.builder.cell(self.identity, 0);
            let own = self.builder.mul(identity, scale);
            let own = self.builder.add(value, own);
            right = self.builder.mul(right, own);
        }
        self.builder.sub(left, right)
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::OsRng;

    use super::*;

    /// Two gates, rotations, a challenge, and a permutation of five columns in chunks of two.
    const CIRCUIT: &str = r#"{
        "format": "pentimento-ir", "version": 1, "k": 6, "degree": 4,
        "fixed": ["f0", "f1"], "advice": [{"name": "a0", "phase": 0}, {"name": "a1", "phase": 0}, {"name": "a2", "phase": 0}],
        "instances": [{"name": "p", "rows": 1}], "challenges": ["c"],
        "nodes": [["fixed", 0, 0], ["advice", 0, 1], ["advice", 1, -2], ["mul", 1, 2], ["challenge", 0], ["const", "5"],
            ["mul", 4, 5], ["add", 3, 6], ["neg", 1], ["add", 7, 8], ["mul", 9, 2], ["mul", 0, 10], ["instance", 0, 0],
            ["add", 12, 5], ["mul", 4, 13], ["advice", 2, 0], ["add", 14, 15], ["neg", 16], ["fixed", 1, 1], ["mul", 17, 18],
            ["neg", 4], ["add", 5, 20], ["mul", 19, 21]],
        "gates": [{"id": "one", "poly": 11}, {"id": "two", "poly": 22}],
        "equality": [["advice", 0], ["advice", 1], ["fixed", 1], ["instance", 0], ["advice", 2]], "copies": [], "definitions": []
    }"#;

    /// Everything that the naive evaluation reads: columns in the order of [`Polynomials::all`].
    struct Naive<'a> {
        ir: &'a Ir,
        columns: &'a [Vec<Fr>],
        circuit: Fr,
        usable: usize,
    }

    impl Naive<'_> {
        fn cell(&self, column: usize, row: i64) -> Fr {
            let values = &self.columns[column];
            values[row.rem_euclid(values.len() as i64) as usize]
        }

        fn node(&self, node: usize, row: i64) -> Fr {
            match self.ir.nodes[node] {
                Node::Const(x) => x,
                Node::Challenge(_) => self.circuit,
                Node::Cell(kind, column, rotation) => {
                    self.cell(self.place(kind, column), row + i64::from(rotation))
                }
                Node::Neg(a) => -self.node(a, row),
                Node::Add(a, b) => self.node(a, row) + self.node(b, row),
                Node::Mul(a, b) => self.node(a, row) * self.node(b, row),
            }
        }

        fn place(&self, kind: ColumnKind, column: usize) -> usize {
            match kind {
                ColumnKind::Fixed => column,
                ColumnKind::Advice => 2 + column,
                ColumnKind::Instance => 5 + column,
            }
        }

        /// The constraints of a row, in order; sigma are columns 6..11, the products 11..14, then the first Lagrange polynomial and `X`.
        fn constraints(&self, row: i64, beta: Fr, gamma: Fr) -> Vec<Fr> {
            let mut out: Vec<Fr> = self
                .ir
                .gates
                .iter()
                .map(|gate| self.node(gate.poly, row))
                .collect();
            let product = |i: usize, row: i64| self.cell(11 + i, row);
            let lagrange = |i: usize| self.cell(14, row - i as i64);
            out.push((Fr::ONE - product(0, row)) * lagrange(0));
            out.push((product(2, row).square() - product(2, row)) * lagrange(self.usable));
            for i in 1..3 {
                out.push(
                    (product(i, row) - product(i - 1, row + self.usable as i64)) * lagrange(0),
                );
            }
            let active = (self.usable..64).fold(Fr::ONE, |sum, i| sum - lagrange(i));
            for i in 0..3 {
                let (mut left, mut right) = (product(i, row + 1), product(i, row));
                for j in 2 * i..(2 * i + 2).min(5) {
                    let (kind, column) = self.ir.equality[j];
                    let value = self.cell(self.place(kind, column), row) + gamma;
                    left *= value + beta * self.cell(6 + j, row);
                    right *= value + beta * Fr::DELTA.pow_vartime([j as u64]) * self.cell(15, row);
                }
                out.push((left - right) * active);
            }
            out
        }
    }

    fn program_is_the_constraints<L: Lanes<F = Fr>>() {
        let ir = Ir::parse(CIRCUIT).unwrap();
        let usable = 64 - 6;
        let quotient = Quotient::new(&ir, usable);
        let columns: Vec<Vec<Fr>> = (0..16)
            .map(|_| (0..64).map(|_| Fr::random(OsRng)).collect())
            .collect();
        let [beta, gamma, y, circuit] = [(); 4].map(|()| Fr::random(OsRng));
        let naive = Naive {
            ir: &ir,
            columns: &columns,
            circuit,
            usable,
        };
        let one = L::constant(Fr::ONE);
        let lanes: Vec<Vec<L>> = quotient
            .program
            .columns
            .iter()
            .map(|c| {
                columns[*c]
                    .chunks(L::WIDTH)
                    .map(|v| L::run(|| L::load(v).mul_constant(&one)))
                    .collect()
            })
            .collect();
        let lanes: Vec<&[L]> = lanes.iter().map(Vec::as_slice).collect();
        let uniforms = quotient.program.uniforms(&[beta, gamma, y, circuit]);
        let mut run = quotient.program.run::<L>(&uniforms);
        let values = plain(&run.rows(&lanes, 0)[0]);
        for (row, value) in values.iter().enumerate() {
            let expected = naive
                .constraints(row as i64, beta, gamma)
                .into_iter()
                .fold(Fr::ZERO, |sum, c| sum * y + c);
            assert_eq!(*value, expected, "row {row}");
        }
    }

    #[test]
    fn program_is_the_constraints_on_single_elements() {
        program_is_the_constraints::<Fr>();
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn program_is_the_constraints_on_vectors() {
        if crate::lanes::vectorised() {
            program_is_the_constraints::<crate::lanes::Ifma<Fr>>();
        } else {
            println!("no AVX-512 IFMA: the vector kernels are not tested on this machine");
        }
    }
}
