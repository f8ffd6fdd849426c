//! Proofs, each of which is verified before it is handed out.

use std::path::Path;

use halo2_axiom::plonk::{create_proof, Error as ProofError};
use halo2_axiom::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_axiom::poly::kzg::multiopen::ProverSHPLONK;
use halo2curves_axiom::bn256::{Bn256, Fr};
use rand::rngs::OsRng;

use crate::circuit::{Assignment, IrCircuit};
use crate::descriptor::Descriptor;
use crate::diagnose::diagnose;
use crate::error::{guard, EngineError, ErrorKind, Result};
use crate::field::ColumnData;
use crate::keys::{self, Keys};
use crate::progress::{Phase, Progress};
use crate::transcript::{EvmTranscript, IDENTITY_POINT};
use crate::verify::verify;

/// Keys in memory, loaded once for many proofs.
pub struct Prover(Keys);

pub struct Proof {
    pub bytes: Vec<u8>,
    pub phases: Vec<Phase>,
}

impl Prover {
    pub fn new(keys: Keys) -> Self {
        Self(keys)
    }

    pub fn open(dir: &Path, srs_path: &Path) -> Result<Self> {
        keys::load(dir, srs_path).map(Self)
    }

    pub fn descriptor(&self) -> &Descriptor {
        &self.0.descriptor
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
            let assignment = Assignment {
                advice: self.decode_advice(advice)?,
                instances,
                usable: self.0.usable,
                progress,
            };
            let bytes = self.create(&assignment)?;
            progress.enter("check");
            let Keys { srs, pk, ir, .. } = &self.0;
            if !verify(
                srs,
                pk.get_vk(),
                &ir.instances,
                &assignment.instances,
                &bytes,
            ) {
                // The proof system proves anything; only the verifier notices.
                let reason = diagnose(
                    ir,
                    &self.fixed(),
                    &assignment.advice,
                    &assignment.instances,
                    self.0.usable,
                );
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

    fn create(&self, assignment: &Assignment<'_>) -> Result<Vec<u8>> {
        let Keys { ir, pk, srs, .. } = &self.0;
        let fixed = self.fixed();
        let circuit = IrCircuit {
            ir: ir.clone(),
            fixed: &fixed,
            assignment: Some(assignment),
        };
        let columns: Vec<&[Fr]> = assignment.instances.iter().map(Vec::as_slice).collect();
        // After the circuit's own challenges come theta, beta, gamma, y and x.
        let own = ir.challenges;
        let mut transcript = EvmTranscript::observed(Vec::new(), |squeezed| {
            if squeezed == own + 3 {
                assignment.progress.enter("permutation");
            } else if squeezed == own + 4 {
                assignment.progress.enter("quotient");
            } else if squeezed == own + 5 {
                assignment.progress.enter("opening");
            }
        });
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            srs,
            pk,
            &[circuit],
            &[&columns],
            OsRng,
            &mut transcript,
        )
        .map_err(|error| match error {
            ProofError::Transcript(e) if e.to_string() == IDENTITY_POINT => EngineError::new(
                ErrorKind::IdentityPoint,
                "A commitment of the proof is the identity point, which verifiers refuse: a polynomial of the circuit is zero.",
            ),
            other => EngineError::new(ErrorKind::Internal, format!("Proving failed: {other}.")),
        })?;
        Ok(transcript.stream)
    }

    /// The usable part of every fixed column, out of the proving key.
    fn fixed(&self) -> Vec<&[Fr]> {
        self.0
            .pk
            .fixed_values()
            .iter()
            .map(|column| &column[0..self.0.usable])
            .collect()
    }

    fn decode_advice(&self, advice: &[ColumnData]) -> Result<Vec<Vec<Fr>>> {
        if advice.len() != self.0.ir.phase0 {
            return Err(EngineError::new(
                ErrorKind::WitnessInvalid,
                format!(
                    "Expected {} phase-0 advice columns, got {}.",
                    self.0.ir.phase0,
                    advice.len()
                ),
            ));
        }
        advice
            .iter()
            .enumerate()
            .map(|(i, column)| {
                column.decode_padded(self.0.usable).map_err(|what| {
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
            .eq(self.0.ir.instances.iter().copied())
        {
            return Err(EngineError::new(
                ErrorKind::InstanceLength,
                format!(
                    "Expected instance columns of {:?} rows, got {:?}.",
                    self.0.ir.instances,
                    columns.iter().map(Vec::len).collect::<Vec<_>>()
                ),
            ));
        }
        Ok(columns)
    }

    /// Verifies with the keys that are loaded.
    pub fn verify(&self, instances: &[Vec<Fr>], proof: &[u8]) -> bool {
        let Keys { srs, pk, ir, .. } = &self.0;
        verify(srs, pk.get_vk(), &ir.instances, instances, proof)
    }
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
