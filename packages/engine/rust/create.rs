//! The protocol: what a proof holds, in the order of the transcript (book/formats.md, section 4). Proofs are those of the proof
//! system's own prover; its verifier accepts them. That the witness holds is not checked here.
//!
//! Zero knowledge: the rows after the usable ones of every advice column, and of every running product those behind its end,
//! are random, more of them than values of the column are revealed; a random polynomial hides the quotient's opening.

use std::io;

use ff::Field;
use group::Curve;
use halo2_axiom::plonk::VerifyingKey;
use halo2_axiom::poly::Rotation;
use halo2_axiom::transcript::{EncodedChallenge, Transcript, TranscriptWrite};
use halo2curves_axiom::bn256::{Fr, G1Affine, G1};
use rand::rngs::OsRng;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;

use crate::definitions;
use crate::domain::{Domain, CHUNK};
use crate::error::{EngineError, ErrorKind, Result};
use crate::ir::ColumnKind;
use crate::lanes::Lanes;
use crate::msm::Bases;
use crate::opening::{evaluate, Opening, Query};
use crate::permutation::Argument;
use crate::progress::Progress;
use crate::proving_key::ProvingKey;
use crate::quotient::{chunk_length, Challenges, Polynomials};
use crate::transcript::{EvmTranscript, IDENTITY_POINT};

/// Phase-0 advice columns of `usable` rows, and instance columns.
pub struct Witness<'a> {
    pub advice: &'a [Vec<Fr>],
    pub instances: &'a [Vec<Fr>],
}

/// Makes a proof.
pub fn create<L: Lanes<F = Fr>>(
    key: &ProvingKey,
    domain: &Domain<L>,
    witness: &Witness<'_>,
    progress: &Progress,
) -> Result<Vec<u8>> {
    let mut run = Run {
        key,
        domain,
        progress,
        n: domain.n,
        transcript: EvmTranscript::new(Vec::new()),
    };
    let vk = &key.vk;
    run.absorb(vk.transcript_repr())?;
    for value in witness.instances.iter().flatten() {
        run.absorb(*value)?;
    }
    let (advice, circuit) = run.advice(witness)?;
    // The challenge of lookup arguments, of which there are none.
    run.challenge();
    let (beta, gamma) = (run.challenge(), run.challenge());
    progress.enter("permutation");
    let products = run.products(&advice, witness.instances, beta, gamma)?;
    let random = random_polynomial(domain.n);
    run.commit(&key.monomial, std::slice::from_ref(&random))?;
    let y = run.challenge();

    progress.enter("quotient");
    let advice = run.coefficients(advice);
    let products = run.coefficients(products);
    let instances = run.coefficients(witness.instances.to_vec());
    let polynomials = Polynomials {
        fixed: &key.fixed,
        advice: &advice,
        instances: &instances,
        sigma: &key.sigma,
        products: &products,
    };
    let challenges = Challenges {
        circuit: &circuit,
        beta,
        gamma,
        y,
    };
    let pieces = key.quotient.pieces(domain, &polynomials, &challenges);
    run.commit(&key.monomial, &pieces)?;
    drop(instances);

    progress.enter("opening");
    run.open(
        pieces,
        &Opened {
            advice: &advice,
            products: &products,
            random: &random,
        },
    )?;
    Ok(run.transcript.stream)
}

struct Run<'a, L: Lanes> {
    key: &'a ProvingKey,
    domain: &'a Domain<L>,
    progress: &'a Progress,
    n: usize,
    transcript: EvmTranscript<'a, Vec<u8>>,
}

/// The polynomials of this proof that are opened, beside the quotient.
#[derive(Clone, Copy)]
struct Opened<'a> {
    advice: &'a [Vec<Fr>],
    products: &'a [Vec<Fr>],
    random: &'a [Fr],
}

fn failed(error: &io::Error) -> EngineError {
    if error.to_string() == IDENTITY_POINT {
        EngineError::new(
            ErrorKind::IdentityPoint,
            "A commitment of the proof is the identity point, which verifiers refuse: a polynomial of the circuit is zero.",
        )
    } else {
        EngineError::new(ErrorKind::Internal, format!("Proving failed: {error}."))
    }
}

impl<L: Lanes<F = Fr>> Run<'_, L> {
    fn absorb(&mut self, scalar: Fr) -> Result<()> {
        self.transcript
            .common_scalar(scalar)
            .map_err(|e| failed(&e))
    }

    fn write(&mut self, scalar: Fr) -> Result<()> {
        self.transcript.write_scalar(scalar).map_err(|e| failed(&e))
    }

    fn challenge(&mut self) -> Fr {
        self.transcript.squeeze_challenge().get_scalar()
    }

    fn commit(&mut self, bases: &Bases, columns: &[Vec<Fr>]) -> Result<()> {
        for point in commitments(bases, columns) {
            self.transcript.write_point(point).map_err(|e| failed(&e))?;
        }
        Ok(())
    }

    /// All advice columns, and the circuit's challenges.
    fn advice(&mut self, witness: &Witness<'_>) -> Result<(Vec<Vec<Fr>>, Vec<Fr>)> {
        let (ir, usable) = (&self.key.ir, self.key.usable);
        let mut advice: Vec<Vec<Fr>> = witness
            .advice
            .iter()
            .map(|column| blinded(column, self.n))
            .collect();
        self.commit(&self.key.lagrange, &advice)?;
        let challenges: Vec<Fr> = (0..ir.challenges).map(|_| self.challenge()).collect();
        if !ir.definitions.is_empty() {
            self.progress.enter("definitions");
            let fixed = self.key.fixed_values()?;
            let later = definitions::complete(
                ir,
                &fixed,
                witness.advice,
                witness.instances,
                &challenges,
                usable,
            )?;
            drop(fixed);
            self.progress.enter("commit");
            let later: Vec<Vec<Fr>> = later.iter().map(|column| blinded(column, self.n)).collect();
            self.commit(&self.key.lagrange, &later)?;
            advice.extend(later);
        }
        Ok((advice, challenges))
    }

    /// The running products of the permutation, committed.
    fn products(
        &mut self,
        advice: &[Vec<Fr>],
        instances: &[Vec<Fr>],
        beta: Fr,
        gamma: Fr,
    ) -> Result<Vec<Vec<Fr>>> {
        let (key, n) = (self.key, self.n);
        let mut others = Vec::new();
        for (kind, index) in &key.ir.equality {
            others.push(match kind {
                ColumnKind::Advice => Vec::new(),
                ColumnKind::Fixed => padded(key.fixed_column(*index)?, n),
                ColumnKind::Instance => padded(instances[*index].clone(), n),
            });
        }
        let columns =
            key.ir
                .equality
                .iter()
                .zip(&others)
                .map(|((kind, index), other)| match kind {
                    ColumnKind::Advice => advice[*index].as_slice(),
                    _ => other.as_slice(),
                });
        let argument = Argument {
            columns: columns.collect(),
            sigma: &key.sigma_values,
            beta,
            gamma,
            omega: self.domain.omega,
            usable: key.usable,
        };
        let mut products = argument.products(chunk_length(key.ir.degree));
        for product in &mut products {
            product[key.usable + 1..].fill_with(|| Fr::random(OsRng));
        }
        self.commit(&key.lagrange, &products)?;
        Ok(products)
    }

    fn coefficients(&self, columns: Vec<Vec<Fr>>) -> Vec<Vec<Fr>> {
        coefficients(self.domain, columns)
    }

    fn open(&mut self, pieces: Vec<Vec<Fr>>, opened: &Opened<'_>) -> Result<()> {
        let x = self.challenge();
        let quotient = fold(&pieces, x.pow_vartime([self.n as u64]));
        drop(pieces);
        let plan = plan(self.key, opened, &quotient);
        let points: Vec<Fr> = plan
            .iter()
            .map(|(_, rotation)| rotated(&self.key.vk, x, *rotation))
            .collect();
        let values: Vec<Fr> = plan
            .par_iter()
            .zip(&points)
            .map(|((polynomial, _), point)| evaluate::<L>(polynomial, *point))
            .collect();
        let queries: Vec<Query<'_>> = plan
            .iter()
            .zip(points.iter().zip(&values))
            .map(|((polynomial, _), (point, value))| Query {
                polynomial,
                point: *point,
                value: *value,
            })
            .collect();
        self.write_values(&values)?;
        let y = self.challenge();
        let opening = Opening::new::<L>(&queries, y);
        let v = self.challenge();
        let quotient = opening.quotient(v);
        self.commit(&self.key.monomial, std::slice::from_ref(&quotient))?;
        let u = self.challenge();
        let linearisation = opening.linearisation(&quotient, v, u);
        self.commit(&self.key.monomial, std::slice::from_ref(&linearisation))
    }

    /// Writes the values of the plan in the order of the transcript, which differs.
    fn write_values(&mut self, values: &[Fr]) -> Result<()> {
        let cs = self.key.vk.cs();
        let (advice, fixed) = (cs.advice_queries().len(), cs.fixed_queries().len());
        let sigma = self.key.sigma.len();
        let sets = sigma.div_ceil(chunk_length(self.key.ir.degree));
        let (of_advice, rest) = values.split_at(advice);
        let (of_products, rest) = rest.split_at(2 * sets);
        let (of_ends, rest) = rest.split_at(sets.saturating_sub(1));
        let (of_fixed, rest) = rest.split_at(fixed);
        let (of_sigma, rest) = rest.split_at(sigma);
        // The quotient's value follows from the others.
        let random = &rest[1..];
        let mut order: Vec<Fr> = [of_advice, of_fixed, random, of_sigma].concat();
        for (i, pair) in of_products.chunks_exact(2).enumerate() {
            order.extend(pair);
            // The ends were listed from the last to the first.
            order.extend(of_ends.iter().rev().nth(i));
        }
        order.into_iter().try_for_each(|value| self.write(value))
    }
}

/// What is opened at which rotation of `x`, in the order of the verifier's queries.
fn plan<'a>(key: &'a ProvingKey, opened: &Opened<'a>, quotient: &'a [Fr]) -> Vec<(&'a [Fr], i32)> {
    let (
        cs,
        Opened {
            advice,
            products,
            random,
        },
    ) = (key.vk.cs(), *opened);
    let mut plan: Vec<(&[Fr], i32)> = Vec::new();
    plan.extend(
        cs.advice_queries()
            .iter()
            .map(|(column, at)| (advice[column.index()].as_slice(), at.0)),
    );
    plan.extend(
        products
            .iter()
            .flat_map(|product| [(product.as_slice(), 0), (product.as_slice(), 1)]),
    );
    let last = -(cs.blinding_factors() as i32 + 1);
    plan.extend(
        products
            .iter()
            .rev()
            .skip(1)
            .map(|product| (product.as_slice(), last)),
    );
    plan.extend(
        cs.fixed_queries()
            .iter()
            .map(|(column, at)| (key.fixed[column.index()].as_slice(), at.0)),
    );
    plan.extend(key.sigma.iter().map(|sigma| (sigma.as_slice(), 0)));
    plan.extend([(quotient, 0), (random, 0)]);
    plan
}

/// Commitments to columns or polynomials.
pub fn commitments(bases: &Bases, columns: &[Vec<Fr>]) -> Vec<G1Affine> {
    let sums: Vec<G1> = columns.par_iter().map(|column| bases.sum(column)).collect();
    let mut out = vec![G1Affine::default(); sums.len()];
    G1::batch_normalize(&sums, &mut out);
    out
}

/// Coefficients of the polynomials with these values, zero behind their end.
pub fn coefficients<L: Lanes<F = Fr>>(domain: &Domain<L>, columns: Vec<Vec<Fr>>) -> Vec<Vec<Fr>> {
    columns
        .into_par_iter()
        .map(|column| {
            let mut column = padded(column, domain.n);
            domain.interpolate(&mut column);
            column
        })
        .collect()
}

pub fn padded(mut column: Vec<Fr>, n: usize) -> Vec<Fr> {
    column.resize(n, Fr::ZERO);
    column
}

/// The column with random rows after its own.
fn blinded(column: &[Fr], n: usize) -> Vec<Fr> {
    let mut out = Vec::with_capacity(n);
    out.extend_from_slice(column);
    out.resize_with(n, || Fr::random(OsRng));
    out
}

fn random_polynomial(n: usize) -> Vec<Fr> {
    let mut out = vec![Fr::ZERO; n];
    out.par_chunks_mut(CHUNK).for_each(|chunk| {
        let mut seed = [0u8; 32];
        OsRng.fill_bytes(&mut seed);
        let mut rng = ChaCha20Rng::from_seed(seed);
        chunk.fill_with(|| Fr::random(&mut rng));
    });
    out
}

/// `sum x^i pieces[i]`.
fn fold(pieces: &[Vec<Fr>], x: Fr) -> Vec<Fr> {
    let mut out = vec![Fr::ZERO; pieces.first().map_or(0, Vec::len)];
    out.par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, out)| {
            for piece in pieces.iter().rev() {
                for (out, coefficient) in out.iter_mut().zip(&piece[chunk * CHUNK..]) {
                    *out = *out * x + coefficient;
                }
            }
        });
    out
}

fn rotated(vk: &VerifyingKey<G1Affine>, x: Fr, rotation: i32) -> Fr {
    vk.get_domain().rotate_omega(x, Rotation(rotation))
}
