//! Proofs, each of which is verified before it is handed out.

use std::path::Path;

use halo2_axiom::poly::commitment::{Params, ParamsProver};
use halo2curves_axiom::bn256::Fr;

use crate::descriptor::Descriptor;
use crate::diagnose::diagnose;
use crate::error::{guard, EngineError, ErrorKind, Result};
use crate::field::ColumnData;
use crate::keys::{self, Keys};
use crate::progress::{Phase, Progress};
use crate::proving_key::ProvingKey;
use crate::srs::Srs;
use crate::verify::verify;

/// Keys in memory, loaded once for many proofs.
pub struct Prover {
    key: ProvingKey,
    descriptor: Descriptor,
    /// The points that a verifier needs, no others.
    srs: Srs,
}

pub struct Proof {
    pub bytes: Vec<u8>,
    pub phases: Vec<Phase>,
}

impl Prover {
    pub fn new(keys: Keys) -> Result<Self> {
        let Keys {
            ir,
            fixed,
            vk,
            descriptor,
            srs,
            usable,
        } = keys;
        let key = guard(|| ProvingKey::new(ir, vk, usable, fixed, &srs))?;
        let srs = verifier_part(&srs);
        Ok(Self {
            key,
            descriptor,
            srs,
        })
    }

    pub fn open(dir: &Path, srs_path: &Path) -> Result<Self> {
        keys::load(dir, srs_path).and_then(Self::new)
    }

    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Proves that the witness satisfies the circuit.
    pub fn prove(
        &self,
        advice: &[ColumnData],
        instances: &[ColumnData],
        progress: &Progress,
    ) -> Result<Proof> {
        guard(|| {
            progress.enter("witness");
            let instances = self.decode_instances(instances)?;
            let advice = self.decode_advice(advice)?;
            let ProvingKey { ir, vk, usable, .. } = &self.key;
            let bytes = self.key.prove(&advice, &instances, progress)?;
            progress.enter("check");
            if !verify(&self.srs, vk, &ir.instances, &instances, &bytes) {
                // Whatever the witness is, a proof is made; only the verifier notices.
                let reason = diagnose(ir, &self.key.fixed_values()?, &advice, &instances, *usable);
                return Err(EngineError::new(
                    ErrorKind::WitnessRejected,
                    format!("The witness does not satisfy the circuit. {reason}"),
                ));
            }
            Ok(Proof {
                bytes,
                phases: progress.phases(),
            })
        })
    }

    fn decode_advice(&self, advice: &[ColumnData]) -> Result<Vec<Vec<Fr>>> {
        if advice.len() != self.key.ir.phase0 {
            return Err(EngineError::new(
                ErrorKind::WitnessInvalid,
                format!(
                    "Expected {} phase-0 advice columns, got {}.",
                    self.key.ir.phase0,
                    advice.len()
                ),
            ));
        }
        advice
            .iter()
            .enumerate()
            .map(|(i, column)| {
                column.decode_padded(self.key.usable).map_err(|what| {
                    EngineError::new(
                        ErrorKind::WitnessInvalid,
                        format!("Advice column {i} {what}."),
                    )
                })
            })
            .collect()
    }

    fn decode_instances(&self, instances: &[ColumnData]) -> Result<Vec<Vec<Fr>>> {
        let columns = decode_instances(instances)?;
        if !columns
            .iter()
            .map(Vec::len)
            .eq(self.key.ir.instances.iter().copied())
        {
            return Err(EngineError::new(
                ErrorKind::InstanceLength,
                format!(
                    "Expected instance columns of {:?} rows, got {:?}.",
                    self.key.ir.instances,
                    columns.iter().map(Vec::len).collect::<Vec<_>>()
                ),
            ));
        }
        Ok(columns)
    }

    /// Verifies with the keys that are loaded.
    pub fn verify(&self, instances: &[Vec<Fr>], proof: &[u8]) -> bool {
        verify(
            &self.srs,
            &self.key.vk,
            &self.key.ir.instances,
            instances,
            proof,
        )
    }
}

/// The string without the points that only a prover needs.
fn verifier_part(srs: &Srs) -> Srs {
    srs.from_parts(
        srs.k(),
        srs.get_g()[..1].to_vec(),
        Some(Vec::new()),
        srs.g2(),
        srs.s_g2(),
    )
}

/// Instance columns as scalars, of whatever length.
pub fn decode_instances(instances: &[ColumnData]) -> Result<Vec<Vec<Fr>>> {
    instances
        .iter()
        .enumerate()
        .map(|(i, column)| {
            column.decode().map_err(|what| {
                EngineError::new(
                    ErrorKind::WitnessInvalid,
                    format!("Instance column {i} {what}."),
                )
            })
        })
        .collect()
}
