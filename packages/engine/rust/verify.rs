//! Native verification: the exact length, the exact number of instances, and the proof itself.

use std::sync::Arc;

use halo2_axiom::plonk::{verify_proof, VerifyingKey};
use halo2_axiom::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_axiom::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_axiom::poly::kzg::strategy::SingleStrategy;
use halo2curves_axiom::bn256::{Bn256, Fr, G1Affine};

use crate::descriptor::{rebuild, Descriptor};
use crate::error::{guard, Result};
use crate::ir::Ir;
use crate::srs::Srs;
use crate::transcript::EvmTranscript;

/// False for whatever is not a valid proof, malformed ones included.
pub fn verify(
    srs: &Srs,
    vk: &VerifyingKey<G1Affine>,
    rows: &[usize],
    instances: &[Vec<Fr>],
    proof: &[u8],
) -> bool {
    // The key does not fix the number of instances: more or fewer would be padded or absorbed.
    if !instances.iter().map(Vec::len).eq(rows.iter().copied()) {
        return false;
    }
    let columns: Vec<&[Fr]> = instances.iter().map(Vec::as_slice).collect();
    guard(|| {
        let mut transcript = EvmTranscript::new(proof);
        let accepted = verify_proof::<
            KZGCommitmentScheme<Bn256>,
            VerifierSHPLONK<'_, Bn256>,
            _,
            _,
            SingleStrategy<'_, Bn256>,
        >(
            srs,
            vk,
            SingleStrategy::new(srs),
            &[&columns],
            &mut transcript,
        )
        .is_ok();
        // Bytes that are left over have been read by nobody.
        Ok(accepted && transcript.stream.is_empty())
    })
    .unwrap_or(false)
}

/// Verifies from data alone: no key folder, no SRS file. An error means that circuit or key are unusable.
pub fn verify_described(
    ir: &Arc<Ir>,
    descriptor: &Descriptor,
    instances: &[Vec<Fr>],
    proof: &[u8],
) -> Result<bool> {
    let (srs, vk) = rebuild(ir, descriptor)?;
    Ok(verify(&srs, &vk, &ir.instances, instances, proof))
}
