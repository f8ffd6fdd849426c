//! The proof system's own verifier, over any transcript of proofs.

use halo2_axiom::plonk::{verify_proof, Error, VerifyingKey};
use halo2_axiom::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_axiom::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_axiom::poly::kzg::strategy::SingleStrategy;
use halo2_axiom::transcript::TranscriptRead;
use halo2curves_axiom::bn256::{Bn256, Fr, G1Affine};
use pentimento_engine::srs::Srs;
use pentimento_engine::transcript::EvmChallenge;

pub fn verify<T: TranscriptRead<G1Affine, EvmChallenge>>(
    srs: &Srs,
    vk: &VerifyingKey<G1Affine>,
    instances: &[Vec<Fr>],
    transcript: &mut T,
) -> Result<(), Error> {
    let columns: Vec<&[Fr]> = instances.iter().map(Vec::as_slice).collect();
    verify_proof::<
        KZGCommitmentScheme<Bn256>,
        VerifierSHPLONK<'_, Bn256>,
        _,
        _,
        SingleStrategy<'_, Bn256>,
    >(srs, vk, SingleStrategy::new(srs), &[&columns], transcript)
}
