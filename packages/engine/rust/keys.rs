//! Key generation, and keys in a folder: the circuit, the proving key, the descriptor, and a manifest with the
//! digest of each, which is checked before anything is decoded.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use halo2_axiom::plonk::{keygen_pk, keygen_vk, ProvingKey};
use halo2_axiom::SerdeFormat;
use halo2curves_axiom::bn256::{Fr, G1Affine};
use serde::{Deserialize, Serialize};

use crate::circuit::{constraint_system, usable_rows, IrCircuit, IrParams};
use crate::descriptor::{check_queried_columns, describe, Descriptor};
use crate::error::{guard, EngineError, ErrorKind, Result};
use crate::field::ColumnData;
use crate::files;
use crate::ir::Ir;
use crate::progress::Progress;
use crate::srs::{self, Srs};

const CIRCUIT: &str = "circuit.json";
const PROVING_KEY: &str = "proving-key.bin";
const DESCRIPTOR: &str = "vk.json";
const MANIFEST: &str = "manifest.json";

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: String,
    version: u32,
    /// File name to SHA-256 in hexadecimal.
    sha256: BTreeMap<String, String>,
}

/// What a folder of keys holds, decoded.
pub struct Keys {
    pub ir: Arc<Ir>,
    pub pk: ProvingKey<G1Affine>,
    pub descriptor: Descriptor,
    pub srs: Srs,
    pub usable: usize,
}

/// Generates the keys of a circuit.
pub fn generate(ir: Arc<Ir>, fixed: &[ColumnData], srs: Srs, progress: &Progress) -> Result<Keys> {
    let cs = constraint_system(&ir)?;
    let usable = usable_rows(&ir, &cs);
    let columns = decode_fixed(&ir, fixed, usable)?;
    let slices: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
    let circuit = IrCircuit {
        ir: ir.clone(),
        fixed: &slices,
        assignment: None,
    };
    guard(|| {
        progress.enter("verification-key");
        let vk = keygen_vk(&srs, &circuit).map_err(|e| failed(&e))?;
        check_queried_columns(&vk)?;
        progress.enter("proving-key");
        let pk = keygen_pk(&srs, vk, &circuit).map_err(|e| failed(&e))?;
        let descriptor = describe(&ir, &srs, pk.get_vk());
        Ok((pk, descriptor))
    })
    .map(|(pk, descriptor)| Keys {
        ir,
        pk,
        descriptor,
        srs,
        usable,
    })
}

fn failed(error: &halo2_axiom::plonk::Error) -> EngineError {
    EngineError::new(
        ErrorKind::Internal,
        format!("Key generation failed: {error}."),
    )
}

fn decode_fixed(ir: &Ir, fixed: &[ColumnData], usable: usize) -> Result<Vec<Vec<Fr>>> {
    if fixed.len() != ir.fixed {
        return Err(EngineError::new(
            ErrorKind::FixedInvalid,
            format!("Expected {} fixed columns, got {}.", ir.fixed, fixed.len()),
        ));
    }
    fixed
        .iter()
        .enumerate()
        .map(|(i, column)| {
            column.decode_padded(usable).map_err(|what| {
                EngineError::new(ErrorKind::FixedInvalid, format!("Fixed column {i} {what}."))
            })
        })
        .collect()
}

/// Generates the keys of the circuit in `ir_json` and writes them into `dir`.
pub fn generate_into(
    ir_json: &str,
    fixed: &[ColumnData],
    srs_path: &Path,
    dir: &Path,
    progress: &Progress,
) -> Result<Descriptor> {
    guard(|| {
        progress.enter("srs");
        let ir = Arc::new(Ir::parse(ir_json)?);
        let srs = srs::read_sized(srs_path, ir.k)?;
        let keys = generate(ir, fixed, srs, progress)?;
        progress.enter("write");
        save(ir_json, &keys, dir)?;
        Ok(keys.descriptor)
    })
}

fn save(ir_json: &str, keys: &Keys, dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).map_err(|e| files::io_error("create", dir, &e))?;
    let contents = [
        (CIRCUIT, ir_json.as_bytes().to_vec()),
        (PROVING_KEY, keys.pk.to_bytes(SerdeFormat::RawBytes)),
        (DESCRIPTOR, json(&keys.descriptor)?),
    ];
    let manifest = Manifest {
        format: "pentimento-keys".into(),
        version: 1,
        sha256: contents
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), files::sha256_hex(bytes)))
            .collect(),
    };
    for (name, bytes) in &contents {
        files::write_atomic(&dir.join(name), bytes)?;
    }
    // Last: without it the folder does not count as keys.
    files::write_atomic(&dir.join(MANIFEST), &json(&manifest)?)
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value)
        .map_err(|e| EngineError::new(ErrorKind::Internal, format!("Could not encode JSON: {e}.")))
}

fn corrupted(name: &str, what: &str) -> EngineError {
    EngineError::new(
        ErrorKind::KeysCorrupted,
        format!("The key file {name} {what}."),
    )
}

/// Loads the keys in `dir`, for the string that they were generated with.
pub fn load(dir: &Path, srs_path: &Path) -> Result<Keys> {
    guard(|| {
        let manifest: Manifest =
            serde_json::from_slice(&files::read(&dir.join(MANIFEST), ErrorKind::KeysMissing)?)
                .ok()
                .filter(|m: &Manifest| m.format == "pentimento-keys" && m.version == 1)
                .ok_or_else(|| corrupted(MANIFEST, "is no manifest of version 1"))?;
        let file = |name: &str| {
            let bytes = files::read(&dir.join(name), ErrorKind::KeysMissing)?;
            if manifest.sha256.get(name) != Some(&files::sha256_hex(&bytes)) {
                return Err(corrupted(name, "does not have the digest of the manifest"));
            }
            Ok(bytes)
        };
        let ir = String::from_utf8(file(CIRCUIT)?).map_err(|_| corrupted(CIRCUIT, "is no text"))?;
        let ir = Arc::new(Ir::parse(&ir)?);
        let cs = constraint_system(&ir)?;
        let usable = usable_rows(&ir, &cs);
        let descriptor: Descriptor = serde_json::from_slice(&file(DESCRIPTOR)?)
            .map_err(|_| corrupted(DESCRIPTOR, "is no descriptor"))?;
        let pk = ProvingKey::<G1Affine>::read::<_, IrCircuit<'static>>(
            &mut &file(PROVING_KEY)?[..],
            SerdeFormat::RawBytes,
            IrParams(Some(ir.clone())),
        )
        .map_err(|_| corrupted(PROVING_KEY, "is no proving key"))?;
        let srs = srs::read_sized(srs_path, ir.k)?;
        let expected = describe(&ir, &srs, pk.get_vk());
        if expected.s_g2 != descriptor.s_g2 {
            return Err(EngineError::new(
                ErrorKind::SrsMismatch,
                "The keys were generated with another SRS.",
            ));
        }
        if expected != descriptor {
            return Err(corrupted(PROVING_KEY, "does not belong to the descriptor"));
        }
        Ok(Keys {
            ir,
            pk,
            descriptor,
            srs,
            usable,
        })
    })
}
