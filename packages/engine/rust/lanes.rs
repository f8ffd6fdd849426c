//! Field elements side by side in the lanes of a vector register, and the scalar form of the same interface.
//!
//! The kernels (transforms, the quotient, sums of points) are written once over [`Lanes`]. On processors with AVX-512 IFMA a
//! vector holds eight elements as five limbs of 52 bits in Montgomery form with radix 2^260; elsewhere a "vector" is one
//! element of the field library. [`vectorised`] tells which form this machine takes.
//!
//! Method: Gueron and Krasnov, "Accelerating big integer arithmetic using Intel IFMA extensions" (2016). The radix leaves
//! more than six bits above the modulus, so that sums need no reduction before they are multiplied; bounds are stated as
//! multiples of the modulus.

use ff::PrimeField;

/// Elements of one field, [`Lanes::WIDTH`] at a time. Values are below twice the modulus unless said otherwise.
pub trait Lanes: Copy + Send + Sync + 'static {
    type F: PrimeField;
    /// One element, prepared to be multiplied into every lane.
    type Constant: Copy + Send + Sync + 'static;
    const WIDTH: usize;

    fn constant(x: Self::F) -> Self::Constant;
    fn splat(x: Self::F) -> Self;
    /// The first `WIDTH` elements, not reduced: below 16 times the modulus.
    fn load(from: &[Self::F]) -> Self;
    /// Canonical elements.
    fn store(self, to: &mut [Self::F]);
    /// The first `WIDTH` elements, times [`Lanes::scale`]; canonical. Cheaper than `load`.
    fn load_scaled(from: &[Self::F]) -> Self;
    /// The inverse of `load_scaled`.
    fn store_scaled(self, to: &mut [Self::F]);
    fn scale() -> Self::F;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    /// Operands below 64 times the modulus, of which one below twice.
    fn mul(self, other: Self) -> Self;
    fn mul_constant(self, other: &Self::Constant) -> Self;
    /// A sum that is not reduced.
    fn add_loose(self, other: Self) -> Self;
    /// A difference that is not reduced: twice the modulus is added, `other` is below that.
    fn sub_loose(self, other: Self) -> Self;
    /// Lanes `by..` of `self`, then the first lanes of `next`; `by < WIDTH`.
    fn shifted(self, next: Self, by: usize) -> Self;
    /// Exchanges lanes and positions of `WIDTH` vectors.
    fn transpose(block: &mut [Self]);
    /// Runs a kernel over these lanes, compiled for the processor that they need.
    fn run<R>(kernel: impl FnOnce() -> R) -> R;
}

/// One element is a vector of width one.
macro_rules! single {
    ($field:ty) => {
        impl Lanes for $field {
            type F = Self;
            type Constant = Self;
            const WIDTH: usize = 1;

            #[inline(always)]
            fn constant(x: Self) -> Self {
                x
            }
            #[inline(always)]
            fn splat(x: Self) -> Self {
                x
            }
            #[inline(always)]
            fn load(from: &[Self]) -> Self {
                from[0]
            }
            #[inline(always)]
            fn store(self, to: &mut [Self]) {
                to[0] = self;
            }
            #[inline(always)]
            fn load_scaled(from: &[Self]) -> Self {
                from[0]
            }
            #[inline(always)]
            fn store_scaled(self, to: &mut [Self]) {
                to[0] = self;
            }
            #[inline(always)]
            fn scale() -> Self {
                <Self as ff::Field>::ONE
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self + other
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                self - other
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                self * other
            }
            #[inline(always)]
            fn mul_constant(self, other: &Self) -> Self {
                self * other
            }
            #[inline(always)]
            fn add_loose(self, other: Self) -> Self {
                self + other
            }
            #[inline(always)]
            fn sub_loose(self, other: Self) -> Self {
                self - other
            }
            #[inline(always)]
            fn shifted(self, _: Self, _: usize) -> Self {
                self
            }
            #[inline(always)]
            fn transpose(_: &mut [Self]) {}
            #[inline(always)]
            fn run<R>(kernel: impl FnOnce() -> R) -> R {
                kernel()
            }
        }
    };
}

single!(halo2curves_axiom::bn256::Fr);
single!(halo2curves_axiom::bn256::Fq);

#[cfg(not(target_arch = "x86_64"))]
pub fn vectorised() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
pub use ifma::{vectorised, Ifma};

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod ifma {
    //! Every intrinsic here needs AVX-512 F and IFMA. Vectors are only made by kernels that run behind [`vectorised`].

    use std::arch::x86_64::*;
    use std::marker::PhantomData;
    use std::sync::OnceLock;

    use ff::PrimeField;
    use halo2curves_axiom::bn256::{Fq, Fr};

    use super::Lanes;

    /// Whether this machine runs the vector kernels.
    pub fn vectorised() -> bool {
        static KNOWN: OnceLock<bool> = OnceLock::new();
        *KNOWN.get_or_init(|| {
            is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma")
        })
    }

    const BITS: u32 = 52;
    const MASK: u64 = (1 << BITS) - 1;
    type Limbs = [u64; 5];

    /// A field whose elements are stored as four words in Montgomery form with radix 2^256.
    pub trait Words: PrimeField {
        const P: [u64; 4];
    }

    impl Words for Fr {
        const P: [u64; 4] = [
            0x43e1_f593_f000_0001,
            0x2833_e848_79b9_7091,
            0xb850_45b6_8181_585d,
            0x3064_4e72_e131_a029,
        ];
    }

    impl Words for Fq {
        const P: [u64; 4] = [
            0x3c20_8c16_d87c_fd47,
            0x9781_6a91_6871_ca8d,
            0xb850_45b6_8181_585d,
            0x3064_4e72_e131_a029,
        ];
    }

    const fn limbs(words: [u64; 4]) -> Limbs {
        let [a, b, c, d] = words;
        [
            a & MASK,
            (a >> 52 | b << 12) & MASK,
            (b >> 40 | c << 24) & MASK,
            (c >> 28 | d << 36) & MASK,
            d >> 16,
        ]
    }

    const fn doubled(x: Limbs) -> Limbs {
        let mut out = [0; 5];
        let (mut i, mut carry) = (0, 0);
        while i < 5 {
            let sum = 2 * x[i] + carry;
            out[i] = sum & MASK;
            carry = sum >> BITS;
            i += 1;
        }
        out
    }

    /// `-1/p` modulo 2^52, by Newton's iteration.
    const fn negated_inverse(p: u64) -> u64 {
        let mut inverse = 1u64;
        let mut i = 0;
        while i < 6 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(inverse)));
            i += 1;
        }
        inverse.wrapping_neg() & MASK
    }

    /// `2^256 mod p` as plain limbs: the factor that takes radix 2^260 back to 2^256.
    const fn radix_back(p: [u64; 4]) -> Limbs {
        // 2^256 = 5p + rest for both moduli.
        let mut rest = [0u64; 4];
        let mut times = 0;
        while times < 5 {
            let (mut i, mut borrow) = (0, 0u64);
            while i < 4 {
                let (a, first) = rest[i].overflowing_sub(p[i]);
                let (a, second) = a.overflowing_sub(borrow);
                rest[i] = a;
                borrow = (first | second) as u64;
                i += 1;
            }
            times += 1;
        }
        limbs(rest)
    }

    struct Modulus<F>(PhantomData<F>);

    impl<F: Words> Modulus<F> {
        const ONCE: Limbs = limbs(F::P);
        const TWICE: Limbs = doubled(Self::ONCE);
        const FACTOR: u64 = negated_inverse(F::P[0]);
        const BACK: Limbs = radix_back(F::P);
    }

    /// Eight elements; limb `i` of all of them in vector `i`.
    #[derive(Clone, Copy)]
    #[repr(align(64))]
    pub struct Ifma<F>([__m512i; 5], PhantomData<F>);

    #[inline(always)]
    fn all(x: u64) -> __m512i {
        // SAFETY: see the module.
        unsafe { _mm512_set1_epi64(x as i64) }
    }

    #[inline(always)]
    fn broadcast(x: &Limbs) -> [__m512i; 5] {
        [all(x[0]), all(x[1]), all(x[2]), all(x[3]), all(x[4])]
    }

    /// Brings limbs 0..4 into 52 bits; limbs may be negative, the value may not.
    #[inline(always)]
    fn carried(mut x: [__m512i; 5]) -> [__m512i; 5] {
        // SAFETY: see the module.
        unsafe {
            for i in 0..4 {
                x[i + 1] = _mm512_add_epi64(x[i + 1], _mm512_srai_epi64::<BITS>(x[i]));
                x[i] = _mm512_and_si512(x[i], all(MASK));
            }
        }
        x
    }

    /// Adds `amount` where the top limb is negative.
    #[inline(always)]
    fn lifted(mut x: [__m512i; 5], amount: &Limbs) -> [__m512i; 5] {
        // SAFETY: see the module.
        unsafe {
            let below = negative(x[4]);
            for i in 0..5 {
                x[i] = _mm512_mask_add_epi64(x[i], below, x[i], all(amount[i]));
            }
        }
        carried(x)
    }

    /// The lanes below zero.
    #[inline(always)]
    unsafe fn negative(x: __m512i) -> __mmask8 {
        _mm512_cmplt_epi64_mask(x, _mm512_setzero_si512())
    }

    #[inline(always)]
    fn each(
        a: [__m512i; 5],
        b: [__m512i; 5],
        f: impl Fn(__m512i, __m512i) -> __m512i,
    ) -> [__m512i; 5] {
        [
            f(a[0], b[0]),
            f(a[1], b[1]),
            f(a[2], b[2]),
            f(a[3], b[3]),
            f(a[4], b[4]),
        ]
    }

    #[inline(always)]
    fn plus(a: [__m512i; 5], b: [__m512i; 5]) -> [__m512i; 5] {
        // SAFETY: see the module.
        each(
            a,
            b,
            #[inline(always)]
            |a, b| unsafe { _mm512_add_epi64(a, b) },
        )
    }

    #[inline(always)]
    fn minus(a: [__m512i; 5], b: [__m512i; 5]) -> [__m512i; 5] {
        // SAFETY: see the module.
        each(
            a,
            b,
            #[inline(always)]
            |a, b| unsafe { _mm512_sub_epi64(a, b) },
        )
    }

    /// Montgomery product, one limb of `b` after the other.
    #[inline(always)]
    fn product<F: Words>(a: [__m512i; 5], b: [__m512i; 5]) -> [__m512i; 5] {
        // SAFETY: see the module.
        unsafe {
            let zero = _mm512_setzero_si512();
            let p = broadcast(&Modulus::<F>::ONCE);
            let factor = all(Modulus::<F>::FACTOR);
            let mut t = [zero; 6];
            for b in b {
                t[0] = _mm512_madd52lo_epu64(t[0], a[0], b);
                let m = _mm512_madd52lo_epu64(zero, t[0], factor);
                t[0] = _mm512_madd52lo_epu64(t[0], m, p[0]);
                for i in 1..5 {
                    t[i] = _mm512_madd52lo_epu64(t[i], a[i], b);
                    t[i] = _mm512_madd52lo_epu64(t[i], m, p[i]);
                }
                t[1] = _mm512_add_epi64(t[1], _mm512_srli_epi64::<BITS>(t[0]));
                for i in 0..5 {
                    t[i + 1] = _mm512_madd52hi_epu64(t[i + 1], a[i], b);
                    t[i + 1] = _mm512_madd52hi_epu64(t[i + 1], m, p[i]);
                }
                t = [t[1], t[2], t[3], t[4], t[5], zero];
            }
            carried([t[0], t[1], t[2], t[3], t[4]])
        }
    }

    /// The memory of eight elements.
    #[inline(always)]
    fn words<F>(from: &[F]) -> *const i64 {
        assert!(from.len() >= 8 && size_of::<F>() == 32);
        from.as_ptr().cast()
    }

    #[inline(always)]
    unsafe fn joined<const RIGHT: u32, const LEFT: u32>(low: __m512i, high: __m512i) -> __m512i {
        _mm512_or_si512(
            _mm512_srli_epi64::<RIGHT>(low),
            _mm512_slli_epi64::<LEFT>(high),
        )
    }

    #[inline(always)]
    unsafe fn masked(low: [__m512i; 4], top: __m512i) -> [__m512i; 5] {
        let mut out = [top; 5];
        for i in 0..4 {
            out[i] = _mm512_and_si512(low[i], all(MASK));
        }
        out
    }

    /// Word `i` of eight elements of four words each, in vector `i`.
    #[inline(always)]
    unsafe fn gather(from: *const i64) -> [__m512i; 4] {
        let low = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
        let high = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
        let (a, b) = (_mm512_loadu_epi64(from), _mm512_loadu_epi64(from.add(8)));
        let (c, d) = (
            _mm512_loadu_epi64(from.add(16)),
            _mm512_loadu_epi64(from.add(24)),
        );
        let (ab, cd) = (
            _mm512_permutex2var_epi64(a, low, b),
            _mm512_permutex2var_epi64(c, low, d),
        );
        let (ef, gh) = (
            _mm512_permutex2var_epi64(a, high, b),
            _mm512_permutex2var_epi64(c, high, d),
        );
        [
            _mm512_shuffle_i64x2::<0x44>(ab, cd),
            _mm512_shuffle_i64x2::<0xee>(ab, cd),
            _mm512_shuffle_i64x2::<0x44>(ef, gh),
            _mm512_shuffle_i64x2::<0xee>(ef, gh),
        ]
    }

    /// The inverse of [`gather`].
    #[inline(always)]
    unsafe fn scatter(words: [__m512i; 4], to: *mut i64) {
        let low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
        let high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
        // Words 0 and 1, and 2 and 3, of each element side by side.
        let pairs = [
            (
                _mm512_permutex2var_epi64(words[0], low, words[1]),
                _mm512_permutex2var_epi64(words[2], low, words[3]),
            ),
            (
                _mm512_permutex2var_epi64(words[0], high, words[1]),
                _mm512_permutex2var_epi64(words[2], high, words[3]),
            ),
        ];
        let first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
        let second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
        for (i, (a, b)) in pairs.into_iter().enumerate() {
            _mm512_storeu_epi64(to.add(16 * i), _mm512_permutex2var_epi64(a, first, b));
            _mm512_storeu_epi64(to.add(16 * i + 8), _mm512_permutex2var_epi64(a, second, b));
        }
    }

    impl<F: Words> Lanes for Ifma<F> {
        type F = F;
        type Constant = Limbs;
        const WIDTH: usize = 8;

        fn constant(x: F) -> Limbs {
            // The element times 2^260, reduced: 2^256 is in the stored form, the rest by doubling.
            let shifted = x.double().double().double().double();
            // SAFETY: an element is four words and nothing else.
            let words = unsafe {
                assert!(size_of::<F>() == 32);
                std::mem::transmute_copy::<F, [u64; 4]>(&shifted)
            };
            limbs(words)
        }

        #[inline(always)]
        fn splat(x: F) -> Self {
            Self(broadcast(&Self::constant(x)), PhantomData)
        }

        #[inline(always)]
        fn load(from: &[F]) -> Self {
            // SAFETY: see the module.
            unsafe {
                let [a, b, c, d] = gather(words(from));
                // Times 2^4, from radix 2^256 to 2^260.
                let low = [
                    _mm512_slli_epi64::<4>(a),
                    joined::<48, 16>(a, b),
                    joined::<36, 28>(b, c),
                    joined::<24, 40>(c, d),
                ];
                Self(masked(low, _mm512_srli_epi64::<12>(d)), PhantomData)
            }
        }

        #[inline(always)]
        fn store(self, to: &mut [F]) {
            Self(
                product::<F>(self.0, broadcast(&Modulus::<F>::BACK)),
                PhantomData,
            )
            .store_scaled(to);
        }

        #[inline(always)]
        fn load_scaled(from: &[F]) -> Self {
            // SAFETY: see the module.
            unsafe {
                let [a, b, c, d] = gather(words(from));
                let low = [
                    a,
                    joined::<52, 12>(a, b),
                    joined::<40, 24>(b, c),
                    joined::<28, 36>(c, d),
                ];
                Self(masked(low, _mm512_srli_epi64::<16>(d)), PhantomData)
            }
        }

        #[inline(always)]
        fn store_scaled(self, to: &mut [F]) {
            let p = &Modulus::<F>::ONCE;
            let [a, b, c, d, e] = lifted(carried(minus(self.0, broadcast(p))), p);
            assert!(to.len() >= 8 && size_of::<F>() == 32);
            // SAFETY: eight elements of four words lie there, and the values are canonical; for the intrinsics see the module.
            unsafe {
                let words = [
                    _mm512_or_si512(a, _mm512_slli_epi64::<52>(b)),
                    joined::<12, 40>(b, c),
                    joined::<24, 28>(c, d),
                    joined::<36, 16>(d, e),
                ];
                scatter(words, to.as_mut_ptr().cast());
            }
        }

        fn scale() -> F {
            // Four words as they are mean a radix of 2^256, the lanes one of 2^260.
            F::TWO_INV.pow_vartime([4])
        }

        #[inline(always)]
        fn add(self, other: Self) -> Self {
            let twice = &Modulus::<F>::TWICE;
            Self(
                lifted(
                    carried(minus(plus(self.0, other.0), broadcast(twice))),
                    twice,
                ),
                PhantomData,
            )
        }

        #[inline(always)]
        fn sub(self, other: Self) -> Self {
            Self(
                lifted(carried(minus(self.0, other.0)), &Modulus::<F>::TWICE),
                PhantomData,
            )
        }

        #[inline(always)]
        fn mul(self, other: Self) -> Self {
            Self(product::<F>(self.0, other.0), PhantomData)
        }

        #[inline(always)]
        fn mul_constant(self, other: &Limbs) -> Self {
            Self(product::<F>(self.0, broadcast(other)), PhantomData)
        }

        #[inline(always)]
        fn add_loose(self, other: Self) -> Self {
            Self(carried(plus(self.0, other.0)), PhantomData)
        }

        #[inline(always)]
        fn sub_loose(self, other: Self) -> Self {
            let sum = plus(self.0, broadcast(&Modulus::<F>::TWICE));
            Self(carried(minus(sum, other.0)), PhantomData)
        }

        #[inline(always)]
        fn shifted(self, next: Self, by: usize) -> Self {
            // SAFETY: see the module.
            unsafe {
                let index =
                    _mm512_add_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), all(by as u64));
                Self(
                    each(
                        self.0,
                        next.0,
                        #[inline(always)]
                        |a, b| _mm512_permutex2var_epi64(a, index, b),
                    ),
                    PhantomData,
                )
            }
        }

        #[inline(always)]
        fn transpose(block: &mut [Self]) {
            assert!(block.len() == 8);
            for limb in 0..5 {
                let mut rows = [block[0].0[limb]; 8];
                for i in 1..8 {
                    rows[i] = block[i].0[limb];
                }
                // SAFETY: see the module.
                unsafe { transpose_words(&mut rows) };
                for i in 0..8 {
                    block[i].0[limb] = rows[i];
                }
            }
        }

        fn run<R>(kernel: impl FnOnce() -> R) -> R {
            assert!(vectorised());
            // SAFETY: the processor has the extensions.
            unsafe { compiled(kernel) }
        }
    }

    #[target_feature(enable = "avx512f,avx512ifma")]
    fn compiled<R>(kernel: impl FnOnce() -> R) -> R {
        kernel()
    }

    /// Exchanges rows and columns: pairs of rows first, then quarters, then halves.
    #[inline(always)]
    unsafe fn transpose_words(r: &mut [__m512i; 8]) {
        let low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
        let high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
        for i in [0, 2, 4, 6] {
            (r[i], r[i + 1]) = (
                _mm512_unpacklo_epi64(r[i], r[i + 1]),
                _mm512_unpackhi_epi64(r[i], r[i + 1]),
            );
        }
        for i in [0, 1, 4, 5] {
            let (x, y) = (r[i], r[i + 2]);
            (r[i], r[i + 2]) = (
                _mm512_permutex2var_epi64(x, low, y),
                _mm512_permutex2var_epi64(x, high, y),
            );
        }
        for i in 0..4 {
            let (x, y) = (r[i], r[i + 4]);
            (r[i], r[i + 4]) = (
                _mm512_shuffle_i64x2::<0x44>(x, y),
                _mm512_shuffle_i64x2::<0xee>(x, y),
            );
        }
    }
}
