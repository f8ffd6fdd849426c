//! Polynomials over the domain of the n-th roots of unity: between values, coefficients and values over a coset.
//!
//! Method: Cooley and Tukey's transform. With vectors of eight, three layers run across distant elements, a transposition
//! makes the lanes independent, and the other layers see each lane as a transform of its own; two layers run in one pass.

use ff::{Field, PrimeField};
use halo2curves_axiom::bn256::Fr;
use rayon::prelude::*;

use crate::lanes::Lanes;

/// Tables for size 2^k.
pub struct Domain<L: Lanes> {
    pub n: usize,
    pub omega: Fr,
    forward: Transform<L>,
    inverse: Transform<L>,
    one: L::Constant,
    size_inverse: L::Constant,
}

impl<L: Lanes<F = Fr>> Domain<L> {
    /// Needs at least `WIDTH^2` elements.
    pub fn new(k: u32) -> Self {
        let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |w, _| w.square());
        let omega_inverse = (k..Fr::S).fold(Fr::ROOT_OF_UNITY_INV, |w, _| w.square());
        Self {
            n: 1 << k,
            omega,
            forward: Transform::new(k, omega),
            inverse: Transform::new(k, omega_inverse),
            one: L::constant(Fr::ONE),
            size_inverse: L::constant(Fr::TWO_INV.pow_vartime([u64::from(k)])),
        }
    }

    /// Coefficients of the polynomial with these values on the domain; in place.
    pub fn interpolate(&self, values: &mut [Fr]) {
        L::run(
            #[inline(always)]
            || {
                let out = self.inverse.run(
                    #[inline(always)]
                    |at| L::load(&values[at..]).mul_constant(&self.size_inverse),
                );
                for (value, to) in out.into_iter().zip(values.chunks_exact_mut(L::WIDTH)) {
                    value.store(to);
                }
            },
        )
    }

    /// Values on the coset of `shift`, whose powers are given.
    pub fn evaluate(&self, coefficients: &[Fr], powers: &[L]) -> Vec<L> {
        L::run(
            #[inline(always)]
            || {
                let mut out = self.forward.run(
                    #[inline(always)]
                    |at| L::load(&coefficients[at..]).mul(powers[at / L::WIDTH]),
                );
                for value in &mut out {
                    *value = value.mul_constant(&self.one);
                }
                out
            },
        )
    }

    /// Coefficients, times `n`, from values on a coset; `powers` are those of the inverse of its shift.
    pub fn interpolate_coset(&self, values: &[L], powers: &[L]) -> Vec<L> {
        L::run(
            #[inline(always)]
            || {
                let mut out = self.inverse.run(
                    #[inline(always)]
                    |at| values[at / L::WIDTH],
                );
                for (value, power) in out.iter_mut().zip(powers) {
                    *value = value.mul(*power);
                }
                out
            },
        )
    }

    /// `first * base^i` for `i` in `0..n`.
    pub fn powers(&self, first: Fr, base: Fr) -> Vec<L> {
        let size = CHUNK / L::WIDTH;
        let mut out = vec![L::splat(Fr::ZERO); self.n / L::WIDTH];
        out.par_chunks_mut(size).enumerate().for_each(|(i, chunk)| {
            let start = first * base.pow_vartime([(i * CHUNK) as u64]);
            let head: Vec<Fr> = std::iter::successors(Some(start), |x| Some(*x * base))
                .take(L::WIDTH)
                .collect();
            let step = L::constant(base.pow_vartime([L::WIDTH as u64]));
            L::run(
                #[inline(always)]
                || {
                    let mut value = L::load(&head).mul_constant(&self.one);
                    for to in chunk {
                        *to = value;
                        value = value.mul_constant(&step);
                    }
                },
            );
        });
        out
    }
}

/// Elements per task where a loop over the domain is split.
pub const CHUNK: usize = 4096;

/// One direction of the transform.
struct Transform<L: Lanes> {
    /// Number of vectors.
    rows: usize,
    /// Powers of a primitive root of order `WIDTH`.
    across: Vec<L::Constant>,
    /// For each block of `WIDTH` vectors, the factors of all but the first output of its transform across them.
    between: Vec<L>,
    /// For each layer of length `len`, its `len` factors from position `len` on.
    along: Vec<L::Constant>,
}

impl<L: Lanes<F = Fr>> Transform<L> {
    fn new(k: u32, omega: Fr) -> Self {
        let (width, rows) = (L::WIDTH, (1usize << k) / L::WIDTH);
        assert!(rows >= width, "the domain is too small for these vectors");
        let powers = |base: Fr, count: usize| -> Vec<Fr> {
            std::iter::successors(Some(Fr::ONE), |x| Some(*x * base))
                .take(count)
                .collect()
        };
        let across = powers(omega.pow_vartime([rows as u64]), width)
            .into_iter()
            .map(L::constant)
            .collect();
        let of_rows = powers(omega, rows);
        let mut between = Vec::with_capacity(rows / width * (width - 1));
        let mut factor = vec![Fr::ONE; width];
        for block in of_rows.chunks_exact(width) {
            factor.fill(Fr::ONE);
            for _ in 1..width {
                factor.iter_mut().zip(block).for_each(|(f, w)| *f *= w);
                between.push(L::run(
                    #[inline(always)]
                    || L::load(&factor).mul_constant(&L::constant(Fr::ONE)),
                ));
            }
        }
        let root = omega.pow_vartime([width as u64]);
        let mut along = vec![L::constant(Fr::ONE); rows.max(2)];
        let all = powers(root, rows / 2);
        let mut length = 1;
        while length < rows {
            let stride = rows / (2 * length);
            for i in 0..length {
                along[length + i] = L::constant(all[i * stride]);
            }
            length *= 2;
        }
        Self {
            rows,
            across,
            between,
            along,
        }
    }

    /// The transform of the elements that `load` gives, from its argument on; they are below twice the modulus. The outputs
    /// are below 64 times the modulus.
    #[inline(always)]
    fn run(&self, load: impl Fn(usize) -> L) -> Vec<L> {
        let mut out = vec![L::splat(Fr::ZERO); self.rows];
        self.first(&mut out, load);
        let layers = self.rows.trailing_zeros();
        let mut length = 1;
        if layers % 2 == 1 {
            for pair in out.chunks_exact_mut(2) {
                (pair[0], pair[1]) = (pair[0].add(pair[1]), pair[0].sub(pair[1]));
            }
            length = 2;
        } else if layers > 0 {
            let quarter = &self.along[3];
            for four in out.chunks_exact_mut(4) {
                let (a, b) = (four[0].add(four[1]), four[0].sub(four[1]));
                let (c, d) = (
                    four[2].add(four[3]),
                    four[2].sub(four[3]).mul_constant(quarter),
                );
                (four[0], four[1]) = (a.add(c), b.add(d));
                (four[2], four[3]) = (a.sub(c), b.sub(d));
            }
            length = 4;
        }
        while length < self.rows {
            self.two_layers(&mut out, length);
            length *= 4;
        }
        out
    }

    /// The layers across vectors; leaves the vectors in bit-reversed order.
    #[inline(always)]
    fn first(&self, out: &mut [L], load: impl Fn(usize) -> L) {
        let (width, rows) = (L::WIDTH, self.rows);
        let reversed = |i: usize| {
            if rows == 1 {
                0
            } else {
                i.reverse_bits() >> (usize::BITS - rows.trailing_zeros())
            }
        };
        if width == 1 {
            for i in 0..rows {
                out[reversed(i)] = load(i);
            }
            return;
        }
        for block in 0..rows / width {
            let mut v = [load(width * block); 8];
            for (j, v) in v.iter_mut().enumerate().skip(1) {
                *v = load(rows * j + width * block);
            }
            self.eight(&mut v);
            let factors = &self.between[block * 7..];
            for (j, factor) in factors[..7].iter().enumerate() {
                v[j + 1] = v[j + 1].mul(*factor);
            }
            L::transpose(&mut v);
            for (i, vector) in v.into_iter().enumerate() {
                out[reversed(width * block + i)] = vector;
            }
        }
    }

    /// A transform of size eight on vectors.
    #[inline(always)]
    fn eight(&self, v: &mut [L; 8]) {
        for half in [4, 2, 1] {
            for start in (0..8).step_by(2 * half) {
                for i in 0..half {
                    let (a, b) = (v[start + i], v[start + i + half]);
                    v[start + i] = a.add(b);
                    let difference = a.sub(b);
                    v[start + i + half] = if i == 0 {
                        difference
                    } else {
                        difference.mul_constant(&self.across[i * 4 / half])
                    };
                }
            }
        }
        v.swap(1, 4);
        v.swap(3, 6);
    }

    /// Layers of `length` and `2 * length`; every second operand is a product, so sums stay loose.
    #[inline(always)]
    fn two_layers(&self, out: &mut [L], length: usize) {
        let (one, two) = (
            &self.along[length..2 * length],
            &self.along[2 * length..4 * length],
        );
        for block in out.chunks_exact_mut(4 * length) {
            let (low, high) = block.split_at_mut(2 * length);
            let (a, b) = low.split_at_mut(length);
            let (c, d) = high.split_at_mut(length);
            for i in 0..length {
                let (wb, wd) = (b[i].mul_constant(&one[i]), d[i].mul_constant(&one[i]));
                let (p, q) = (a[i].add_loose(wb), a[i].sub_loose(wb));
                let (r, s) = (c[i].add_loose(wd), c[i].sub_loose(wd));
                let (wr, ws) = (r.mul_constant(&two[i]), s.mul_constant(&two[length + i]));
                (a[i], b[i]) = (p.add_loose(wr), q.add_loose(ws));
                (c[i], d[i]) = (p.sub_loose(wr), q.sub_loose(ws));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::OsRng;

    use super::*;

    /// Against sums over all terms.
    fn transforms_match<L: Lanes<F = Fr>>(k: u32) {
        let domain = Domain::<L>::new(k);
        let coefficients: Vec<Fr> = (0..domain.n).map(|_| Fr::random(OsRng)).collect();
        let at = |x: Fr| {
            coefficients
                .iter()
                .rev()
                .fold(Fr::ZERO, |sum, c| sum * x + c)
        };
        let mut values: Vec<Fr> = (0..domain.n)
            .map(|i| at(domain.omega.pow_vartime([i as u64])))
            .collect();
        domain.interpolate(&mut values);
        assert_eq!(values, coefficients, "k {k}");

        let shift = Fr::MULTIPLICATIVE_GENERATOR;
        let over = domain.evaluate(&coefficients, &domain.powers(Fr::ONE, shift));
        let mut plain = vec![Fr::ZERO; domain.n];
        for (value, to) in over.iter().zip(plain.chunks_exact_mut(L::WIDTH)) {
            L::run(
                #[inline(always)]
                || value.store(to),
            );
        }
        for (i, value) in plain.iter().enumerate() {
            assert_eq!(
                *value,
                at(shift * domain.omega.pow_vartime([i as u64])),
                "k {k}, point {i}"
            );
        }

        let inverse = Option::<Fr>::from(shift.invert()).unwrap();
        let first = Fr::TWO_INV.pow_vartime([u64::from(k)]);
        let back = domain.interpolate_coset(&over, &domain.powers(first, inverse));
        for (value, to) in back.iter().zip(plain.chunks_exact_mut(L::WIDTH)) {
            L::run(
                #[inline(always)]
                || value.store(to),
            );
        }
        assert_eq!(plain, coefficients, "k {k}");
    }

    #[test]
    fn single_elements() {
        (1..9).for_each(transforms_match::<Fr>);
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn vectors() {
        if crate::lanes::vectorised() {
            (6..11).for_each(transforms_match::<crate::lanes::Ifma<Fr>>);
        } else {
            println!("no AVX-512 IFMA: the vector kernels are not tested on this machine");
        }
    }
}
