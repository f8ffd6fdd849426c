//! Sums of multiples of fixed points: the commitments.
//!
//! Method: Pippenger's buckets over signed digits. A multiplier of which it or its negative is short is taken as it is; any
//! other is split in two halves by the curve's endomorphism (Gallant, Lambert and Vanstone, 2001). Points of a bucket are
//! added in pairs in affine form, with one inversion for a whole round (Montgomery's trick), eight pairs side by side. The
//! weighted sum over the buckets is taken of rows and columns of a square, so that almost all of it is such additions too.

use ff::{BatchInvert, Field, PrimeField, WithSmallOrderMulGroup};
use group::prime::PrimeCurveAffine;
use group::Group;
use halo2curves_axiom::bn256::{Fq, Fr, G1Affine, G1};
use rayon::prelude::*;

use crate::lanes::Lanes;

/// Points that multipliers refer to by position.
pub struct Bases {
    points: Vec<G1Affine>,
    /// x-coordinates of the points' images under the endomorphism.
    images: Vec<Fq>,
}

/// One multiple: `magnitude` times a point, its image, or the negative of either.
#[derive(Clone, Copy)]
struct Term {
    magnitude: u128,
    /// Position of the point, then a bit for the image and a bit for the negative.
    point: u32,
}

const IMAGE: u32 = 2;
const NEGATIVE: u32 = 1;

/// Points that are added up together: few enough for the cache, enough that the inversion is cheap.
const GROUP: usize = 4096;

impl Bases {
    pub fn new(points: Vec<G1Affine>) -> Self {
        let images = points.iter().map(|p| p.x * Fq::ZETA).collect();
        Self { points, images }
    }

    /// `sum multipliers[i] * points[i]`; at most as many multipliers as points.
    pub fn sum(&self, multipliers: &[Fr]) -> G1 {
        assert!(multipliers.len() <= self.points.len());
        #[cfg(target_arch = "x86_64")]
        if crate::lanes::vectorised() {
            return self.sum_over::<crate::lanes::Ifma<Fq>>(multipliers);
        }
        self.sum_over::<Fq>(multipliers)
    }

    fn sum_over<L: Lanes<F = Fq>>(&self, multipliers: &[Fr]) -> G1 {
        let (short, long) = terms(multipliers);
        let (short, long) = rayon::join(|| self.buckets::<L>(&short), || self.buckets::<L>(&long));
        short + long
    }

    fn buckets<L: Lanes<F = Fq>>(&self, terms: &[Term]) -> G1 {
        let bits = terms
            .iter()
            .map(|t| 128 - t.magnitude.leading_zeros())
            .max()
            .unwrap_or(0);
        if bits == 0 {
            return G1::identity();
        }
        let width = digit_width(terms.len(), bits);
        let digits: Vec<G1> = (0..bits / width + 1)
            .into_par_iter()
            .map(|at| self.digit::<L>(terms, at * width, width))
            .collect();
        digits.into_iter().rev().fold(G1::identity(), |sum, digit| {
            (0..width).fold(sum, |sum, _| sum.double()) + digit
        })
    }

    /// The sum with each magnitude replaced by its signed digit of `width` bits at bit `low`.
    fn digit<L: Lanes<F = Fq>>(&self, terms: &[Term], low: u32, width: u32) -> G1 {
        let digits: Vec<i32> = terms
            .iter()
            .map(|t| digit_at(t.magnitude, low, width))
            .collect();
        let count = (1usize << (width - 1)) + 1;
        let mut ends = vec![0u32; count + 1];
        for digit in &digits {
            ends[digit.unsigned_abs() as usize + 1] += 1;
        }
        // Bucket 0 stays empty.
        ends[1] = 0;
        for i in 0..count {
            ends[i + 1] += ends[i];
        }
        let mut next = ends.clone();
        let mut sorted = vec![0u32; ends[count] as usize];
        for (term, digit) in terms.iter().zip(&digits).filter(|(_, digit)| **digit != 0) {
            let to = &mut next[digit.unsigned_abs() as usize];
            sorted[*to as usize] = term.point ^ u32::from(*digit < 0);
            *to += 1;
        }
        let mut adder = Adder::<L>::default();
        let mut sums = Vec::with_capacity(count);
        let mut bucket = 0;
        while bucket < count {
            // As many buckets as fit; one that does not is taken alone.
            let from = ends[bucket];
            let mut end = bucket + 1;
            while end < count && (ends[end + 1] - from) as usize <= GROUP {
                end += 1;
            }
            let lengths = (bucket..end).map(|b| ends[b + 1] - ends[b]);
            let points = sorted[from as usize..ends[end] as usize]
                .iter()
                .map(|code| self.point(*code));
            adder.reduce(lengths, points, &mut sums);
            bucket = end;
        }
        weighted(&mut adder, &sums)
    }

    #[inline(always)]
    fn point(&self, code: u32) -> G1Affine {
        let at = (code >> 2) as usize;
        let point = &self.points[at];
        G1Affine {
            x: if code & IMAGE == 0 {
                point.x
            } else {
                self.images[at]
            },
            y: if code & NEGATIVE == 0 {
                point.y
            } else {
                -point.y
            },
        }
    }
}

/// `sum b * sums[b]`, by the sums of the rows and of the columns of a square.
fn weighted<L: Lanes<F = Fq>>(adder: &mut Adder<L>, sums: &[G1Affine]) -> G1 {
    let side = 1usize << (usize::BITS - (sums.len() - 1).leading_zeros()).div_ceil(2);
    let rows = sums.len().div_ceil(side);
    let (mut by_row, mut by_column) = (Vec::with_capacity(rows), Vec::with_capacity(side));
    adder.reduce(
        sums.chunks(side).map(|row| row.len() as u32),
        sums.iter().copied(),
        &mut by_row,
    );
    let column = |i: usize| sums.iter().skip(i).step_by(side);
    adder.reduce(
        (0..side).map(|i| column(i).len() as u32),
        (0..side).flat_map(column).copied(),
        &mut by_column,
    );
    let scaled = (0..side.trailing_zeros()).fold(running(&by_row), |sum, _| sum.double());
    scaled + running(&by_column)
}

/// `sum i * points[i]`.
fn running(points: &[G1Affine]) -> G1 {
    let (mut sum, mut total) = (G1::identity(), G1::identity());
    for point in points.iter().skip(1).rev() {
        sum += point;
        total += sum;
    }
    total
}

/// Short and long multipliers; the long ones in two halves each.
fn terms(multipliers: &[Fr]) -> (Vec<Term>, Vec<Term>) {
    let parts: Vec<(Vec<Term>, Vec<Term>)> = multipliers
        .par_chunks(GROUP)
        .enumerate()
        .map(|(chunk, multipliers)| {
            let (mut short, mut long) = (Vec::new(), Vec::new());
            for (i, multiplier) in multipliers
                .iter()
                .enumerate()
                .filter(|(_, m)| **m != Fr::ZERO)
            {
                let point = ((chunk * GROUP + i) as u32) << 2;
                let term = |(magnitude, negative): (u128, bool), image: u32| Term {
                    magnitude,
                    point: point | image | u32::from(negative),
                };
                match short_form(multiplier) {
                    Some(form) => short.push(term(form, 0)),
                    None => {
                        let [own, image] = halves(multiplier);
                        long.extend([term(own, 0), term(image, IMAGE)]);
                    }
                }
            }
            (short, long)
        })
        .collect();
    let (short, long): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    (short.concat(), long.concat())
}

fn words(x: &Fr) -> [u64; 4] {
    let bytes = x.to_repr();
    std::array::from_fn(|i| u64::from_le_bytes(std::array::from_fn(|j| bytes[8 * i + j])))
}

/// Magnitude and sign, when the magnitude is short.
fn short_form(x: &Fr) -> Option<(u128, bool)> {
    let own = words(x);
    if own[1..] == [0; 3] {
        return Some((u128::from(own[0]), false));
    }
    // The negative of a short one begins like the order.
    if own[3] != ORDER_TOP {
        return None;
    }
    let negated = words(&-x);
    (negated[1..] == [0; 3]).then_some((u128::from(negated[0]), true))
}

const ORDER_TOP: u64 = 0x3064_4e72_e131_a029;

/// Numbers `a` and `b` of about half the length with `x = a + b zeta`, where `zeta` acts as the endomorphism. The constants
/// are those of the curve library, after gnark-crypto's `ecc/utils.go`.
fn halves(x: &Fr) -> [(u128, bool); 2] {
    const GAMMA_1: [u64; 2] = [0xd91d_232e_c7e0_b3d7, 2];
    const GAMMA_2: [u64; 3] = [0x5398_fd03_00ff_6565, 0x4cce_f014_a773_d2d2, 2];
    const B_1: [u64; 1] = [0x89d3_2568_94d2_13e3];
    const B_2: [u64; 2] = [0x0be4_e154_1221_250b, 0x6f4d_8248_eeb8_59fd];
    let own = words(x);
    let first = product(&product(&own, &GAMMA_2)[4..], &B_1);
    let second = product(&product(&own, &GAMMA_1)[4..], &B_2);
    let element = |words: [u64; 8]| Fr::from_raw([words[0], words[1], words[2], words[3]]);
    let b = element(second) - element(first);
    [signed(&(x + b * Fr::ZETA)), signed(&-b)]
}

/// The product of numbers in words, up to eight.
fn product(a: &[u64], b: &[u64]) -> [u64; 8] {
    let mut out = [0u64; 8];
    for (i, x) in a.iter().enumerate() {
        let mut carry = 0u128;
        for (j, y) in b.iter().enumerate().filter(|(j, _)| i + j < 8) {
            let sum = u128::from(*x) * u128::from(*y) + u128::from(out[i + j]) + carry;
            out[i + j] = sum as u64;
            carry = sum >> 64;
        }
        if i + b.len() < 8 {
            out[i + b.len()] = carry as u64;
        }
    }
    out
}

/// Magnitude and sign of an element that is, or whose negative is, below 2^128.
fn signed(x: &Fr) -> (u128, bool) {
    let own = words(x);
    let (words, negative) = if own[2..] == [0; 2] {
        (own, false)
    } else {
        (words(&-x), true)
    };
    debug_assert!(words[2..] == [0; 2]);
    (u128::from(words[0]) | u128::from(words[1]) << 64, negative)
}

/// Width at which the additions are fewest: one for each term and about three for each bucket, for each digit.
fn digit_width(terms: usize, bits: u32) -> u32 {
    let cost =
        |width: u32| (u64::from(bits / width) + 1) * (terms as u64 + (3 << (width - 1)) + 64);
    (2..=16).min_by_key(|width| cost(*width)).unwrap_or(2)
}

/// Booth's digit: bits `low - 1 .. low + width` of the magnitude decide one digit in `-2^(width-1)..=2^(width-1)`.
fn digit_at(magnitude: u128, low: u32, width: u32) -> i32 {
    let window = if low == 0 {
        magnitude << 1
    } else {
        magnitude.checked_shr(low - 1).unwrap_or(0)
    };
    let window = (window as u32) & ((1 << (width + 1)) - 1);
    let rounded = ((window + 1) >> 1) as i32;
    if window >> width == 0 {
        rounded
    } else {
        rounded - (1 << width)
    }
}

/// Adds up runs of points; its buffers are used again.
struct Adder<L> {
    points: Vec<G1Affine>,
    results: Vec<G1Affine>,
    lengths: Vec<u32>,
    differences: Vec<L>,
    products: Vec<L>,
    /// Results of exceptional pairs.
    exceptions: Vec<(u32, G1Affine)>,
}

impl<L> Default for Adder<L> {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            results: Vec::new(),
            lengths: Vec::new(),
            differences: Vec::new(),
            products: Vec::new(),
            exceptions: Vec::new(),
        }
    }
}

/// The sum of two points that the formula for different points does not cover. No point of the curve has y = 0; the identity
/// is stored as (0, 0).
#[cold]
fn exceptional(a: &G1Affine, b: &G1Affine) -> G1Affine {
    if a.y == Fq::ZERO {
        *b
    } else if b.y == Fq::ZERO {
        *a
    } else {
        (a.to_curve() + b).into()
    }
}

impl<L: Lanes<F = Fq>> Adder<L> {
    /// Appends the sum of each run of `points` to `sums`.
    fn reduce(
        &mut self,
        lengths: impl Iterator<Item = u32>,
        points: impl Iterator<Item = G1Affine>,
        sums: &mut Vec<G1Affine>,
    ) {
        self.lengths.clear();
        self.lengths.extend(lengths);
        self.points.clear();
        self.points.extend(points);
        while self.lengths.iter().any(|length| *length > 1) {
            self.round();
        }
        let mut points = self.points.iter();
        sums.extend(self.lengths.iter().map(|length| match length {
            0 => G1Affine::identity(),
            _ => points.next().copied().unwrap_or_default(),
        }));
    }

    /// Halves every run: pairs become their sums, a point left over stays.
    fn round(&mut self) {
        let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(self.points.len() / 2);
        self.results.clear();
        let mut from = 0;
        for length in &mut self.lengths {
            for at in (from..from + (*length & !1)).step_by(2) {
                pairs.push((at, self.results.len() as u32));
                self.results.push(G1Affine::default());
            }
            if *length % 2 == 1 {
                self.results
                    .push(self.points[(from + *length - 1) as usize]);
            }
            from += *length;
            *length = length.div_ceil(2);
        }
        L::run(
            #[inline(always)]
            || self.add_pairs(&pairs),
        );
        for (to, sum) in self.exceptions.drain(..) {
            self.results[to as usize] = sum;
        }
        std::mem::swap(&mut self.points, &mut self.results);
    }

    /// Sums of the points at each first position and the one after, written to the second; wrong for exceptional pairs.
    #[inline(always)]
    fn add_pairs(&mut self, pairs: &[(u32, u32)]) {
        self.differences.clear();
        self.products.clear();
        let mut product = L::splat(Fq::ONE);
        for group in pairs.chunks(L::WIDTH) {
            let Pairs { ax, bx, .. } = Pairs::of(&self.points, group, |to, sum| {
                self.exceptions.push((to, sum))
            });
            let difference = L::load_scaled(&bx[..L::WIDTH]).sub(L::load_scaled(&ax[..L::WIDTH]));
            self.differences.push(difference);
            self.products.push(product);
            product = product.mul(difference);
        }
        let mut inverses = [Fq::ONE; 8];
        product.store(&mut inverses[..L::WIDTH]);
        inverses.iter_mut().batch_invert();
        let mut inverse = L::load(&inverses[..L::WIDTH]).mul_constant(&L::constant(Fq::ONE));
        let scale = L::constant(L::scale());
        for (i, group) in pairs.chunks(L::WIDTH).enumerate().rev() {
            let Pairs { ax, ay, bx, by } = Pairs::of(&self.points, group, |_, _| ());
            let (ax, ay) = (
                L::load_scaled(&ax[..L::WIDTH]),
                L::load_scaled(&ay[..L::WIDTH]),
            );
            let (bx, by) = (
                L::load_scaled(&bx[..L::WIDTH]),
                L::load_scaled(&by[..L::WIDTH]),
            );
            let slope = by.sub(ay).mul(inverse.mul(self.products[i]));
            inverse = inverse.mul(self.differences[i]);
            let square = slope.mul(slope.mul_constant(&scale));
            let x = square.sub(ax).sub(bx);
            let y = slope.mul(ax.sub(x)).sub(ay);
            let (mut xs, mut ys) = ([Fq::ZERO; 8], [Fq::ZERO; 8]);
            x.store_scaled(&mut xs[..L::WIDTH]);
            y.store_scaled(&mut ys[..L::WIDTH]);
            for (j, (_, to)) in group.iter().enumerate() {
                self.results[*to as usize] = G1Affine { x: xs[j], y: ys[j] };
            }
        }
    }
}

/// Coordinates of up to eight pairs; where a pair is exceptional or missing, of a pair that harms nobody.
struct Pairs {
    ax: [Fq; 8],
    ay: [Fq; 8],
    bx: [Fq; 8],
    by: [Fq; 8],
}

impl Pairs {
    #[inline(always)]
    fn of(
        points: &[G1Affine],
        group: &[(u32, u32)],
        mut exception: impl FnMut(u32, G1Affine),
    ) -> Self {
        let mut out = Self {
            ax: [Fq::ZERO; 8],
            ay: [Fq::ZERO; 8],
            bx: [Fq::ONE; 8],
            by: [Fq::ONE; 8],
        };
        for (j, (from, to)) in group.iter().enumerate() {
            let (a, b) = (&points[*from as usize], &points[*from as usize + 1]);
            if a.x == b.x || a.y == Fq::ZERO || b.y == Fq::ZERO {
                exception(*to, exceptional(a, b));
            } else {
                (out.ax[j], out.ay[j], out.bx[j], out.by[j]) = (a.x, a.y, b.x, b.y);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use group::Curve;
    use halo2curves_axiom::msm::msm_best;
    use rand::rngs::OsRng;
    use rand::Rng;

    use super::*;

    fn points(count: usize) -> Vec<G1Affine> {
        (0..count).map(|_| G1::random(OsRng).to_affine()).collect()
    }

    fn agree(name: &str, multipliers: &[Fr], points: &[G1Affine]) {
        let expected = msm_best(multipliers, &points[..multipliers.len()]);
        let bases = Bases::new(points.to_vec());
        assert_eq!(
            bases.sum_over::<Fq>(multipliers),
            expected,
            "{name}, single"
        );
        assert_eq!(bases.sum(multipliers), expected, "{name}");
    }

    #[test]
    fn sums_are_those_of_the_library() {
        let points = points(700);
        let small = |bound: i64| -> Vec<Fr> {
            let one = |_| {
                let v = rand::thread_rng().gen_range(-bound..=bound);
                if v < 0 {
                    -Fr::from(v.unsigned_abs())
                } else {
                    Fr::from(v as u64)
                }
            };
            (0..700).map(one).collect()
        };
        let full: Vec<Fr> = (0..700).map(|_| Fr::random(OsRng)).collect();
        let mut mixed = small(127);
        mixed[5] = full[0];
        mixed[699] = full[1];
        mixed[17] = -Fr::ONE;
        for (name, multipliers) in [
            ("none", vec![]),
            ("one", vec![full[3]]),
            ("zeros", vec![Fr::ZERO; 700]),
            ("ones", vec![Fr::ONE; 700]),
            ("minus ones", vec![-Fr::ONE; 700]),
            ("bits", small(1)),
            ("bytes", small(127)),
            ("words", small(1 << 40)),
            (
                "around 2^64",
                (0..700)
                    .map(|i| Fr::from(u64::MAX) + Fr::from(i % 3))
                    .collect(),
            ),
            ("full", full),
            ("mixed", mixed),
        ] {
            agree(name, &multipliers, &points);
        }
    }

    #[test]
    fn equal_opposite_and_missing_points_are_added() {
        let [p, q] = [G1::random(OsRng).to_affine(), G1::random(OsRng).to_affine()];
        let multipliers: Vec<Fr> = (0..64)
            .map(|i| {
                if i % 2 == 0 {
                    Fr::from(5)
                } else {
                    Fr::random(OsRng)
                }
            })
            .collect();
        agree("equal", &multipliers, &[p; 64]);
        agree("equal ones", &[Fr::ONE; 64], &[p; 64]);
        let opposite: Vec<G1Affine> = (0..64).map(|i| if i % 3 == 0 { -p } else { p }).collect();
        agree("opposite", &[Fr::from(3); 64], &opposite);
        let mut some = vec![p; 64];
        some[7] = q;
        some[11] = -q;
        agree("mixed", &[Fr::ONE; 64], &some);
        let cancelling: Vec<G1Affine> = (0..64).map(|i| if i % 2 == 0 { p } else { -p }).collect();
        let bases = Bases::new(cancelling);
        assert_eq!(bases.sum(&[Fr::from(9); 64]), G1::identity());
    }

    #[test]
    fn halves_make_the_whole() {
        let edges = [
            Fr::ZERO,
            Fr::ONE,
            -Fr::ONE,
            Fr::ZETA,
            -Fr::ZETA,
            Fr::from(2).invert().unwrap(),
        ];
        for x in edges.into_iter().chain((0..200).map(|_| Fr::random(OsRng))) {
            let [own, image] = halves(&x).map(|(magnitude, negative)| {
                let value = Fr::from_u128(magnitude);
                if negative {
                    -value
                } else {
                    value
                }
            });
            assert_eq!(own + image * Fr::ZETA, x);
        }
    }

    #[test]
    fn digits_make_the_magnitude() {
        for width in 2..=16 {
            for magnitude in [
                0,
                1,
                2,
                77,
                u128::from(u64::MAX),
                u128::MAX >> 1,
                rand::thread_rng().gen::<u128>() >> 1,
            ] {
                let bits = 128 - magnitude.leading_zeros();
                let sum = (0..=bits / width).fold(Fr::ZERO, |sum, at| {
                    let digit = digit_at(magnitude, at * width, width);
                    let value = Fr::from(u64::from(digit.unsigned_abs()))
                        * Fr::from(2).pow_vartime([u64::from(at * width)]);
                    if digit < 0 {
                        sum - value
                    } else {
                        sum + value
                    }
                });
                assert_eq!(sum, Fr::from_u128(magnitude), "width {width}");
            }
        }
    }
}
