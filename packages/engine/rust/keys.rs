//! Key generation, and keys in a folder: the circuit, its fixed columns, the descriptor, and a manifest with the digest of
//! each, which is checked before anything is decoded.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use halo2_axiom::plonk::{permutation, VerifyingKey};
use halo2_axiom::poly::EvaluationDomain;
use halo2curves_axiom::bn256::{Fr, G1Affine};
use serde::{Deserialize, Serialize};

use crate::circuit::{constraint_system, usable_rows};
use crate::create::{commitments, padded};
use crate::descriptor::{check_queried_columns, describe, rebuild, Descriptor};
use crate::error::{guard, EngineError, ErrorKind, Result};
use crate::field::ColumnData;
use crate::files;
use crate::ir::Ir;
use crate::permutation::sigma_columns;
use crate::progress::Progress;
use crate::proving_key::{bases, fixed_values};
use crate::srs::{self, Srs};

const CIRCUIT: &str = "circuit.json";
const FIXED: &str = "fixed.bin";
const DESCRIPTOR: &str = "vk.json";
const MANIFEST: &str = "manifest.json";
/// Version 1 held a proving key of the proof system.
const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: String,
    version: u32,
    /// File name to SHA-256 in hexadecimal.
    sha256: BTreeMap<String, String>,
}

/// What a folder of keys holds, decoded, and the SRS that it belongs to.
pub struct Keys {
    pub ir: Arc<Ir>,
    pub fixed: Vec<ColumnData>,
    pub vk: VerifyingKey<G1Affine>,
    pub descriptor: Descriptor,
    pub srs: Srs,
    /// Rows that hold values.
    pub usable: usize,
}

/// Generates the keys of a circuit.
pub fn generate(ir: Arc<Ir>, fixed: &[ColumnData], srs: Srs, progress: &Progress) -> Result<Keys> {
    let cs = constraint_system(&ir)?;
    let usable = usable_rows(&ir, &cs);
    if fixed.len() != ir.fixed {
        return Err(EngineError::new(
            ErrorKind::FixedInvalid,
            format!("Expected {} fixed columns, got {}.", ir.fixed, fixed.len()),
        ));
    }
    guard(|| {
        let n = 1usize << ir.k;
        let columns: Vec<Vec<Fr>> = fixed_values(fixed, usable)?
            .into_iter()
            .map(|column| padded(column, n))
            .collect();
        let [_, lagrange] = bases(&srs)?;
        progress.enter("fixed-columns");
        let of_fixed = commitments(&lagrange, &columns);
        drop(columns);
        progress.enter("permutation");
        let domain = EvaluationDomain::new(ir.degree as u32, ir.k);
        let of_sigma = commitments(&lagrange, &sigma_columns(&ir, domain.get_omega()));
        let (cs, _) = cs.directly_convert_selectors_to_fixed(Vec::new());
        let permutation = permutation::VerifyingKey::from_commitments(of_sigma);
        let vk = VerifyingKey::from_parts(domain, of_fixed, permutation, cs, Vec::new(), false);
        check_queried_columns(&vk)?;
        let descriptor = describe(&ir, &srs, &vk);
        Ok(Keys {
            ir,
            fixed: fixed.to_vec(),
            vk,
            descriptor,
            srs,
            usable,
        })
    })
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
        (
            FIXED,
            keys.fixed.iter().flat_map(ColumnData::to_bytes).collect(),
        ),
        (DESCRIPTOR, json(&keys.descriptor)?),
    ];
    let manifest = Manifest {
        format: "pentimento-keys".into(),
        version: VERSION,
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
                .filter(|m: &Manifest| m.format == "pentimento-keys" && m.version == VERSION)
                .ok_or_else(|| corrupted(MANIFEST, "is no manifest of version 2"))?;
        let file = |name: &str| {
            let bytes = files::read(&dir.join(name), ErrorKind::KeysMissing)?;
            if manifest.sha256.get(name) != Some(&files::sha256_hex(&bytes)) {
                return Err(corrupted(name, "does not have the digest of the manifest"));
            }
            Ok(bytes)
        };
        let ir = String::from_utf8(file(CIRCUIT)?).map_err(|_| corrupted(CIRCUIT, "is no text"))?;
        let ir = Arc::new(Ir::parse(&ir)?);
        let descriptor: Descriptor = serde_json::from_slice(&file(DESCRIPTOR)?)
            .map_err(|_| corrupted(DESCRIPTOR, "is no descriptor"))?;
        let fixed = read_columns(&file(FIXED)?)
            .filter(|f| f.len() == ir.fixed)
            .ok_or_else(|| corrupted(FIXED, "does not hold the fixed columns"))?;
        let (_, vk) = rebuild(&ir, &descriptor)
            .map_err(|_| corrupted(DESCRIPTOR, "does not belong to the circuit"))?;
        let srs = srs::read_sized(srs_path, ir.k)?;
        if describe(&ir, &srs, &vk).s_g2 != descriptor.s_g2 {
            return Err(EngineError::new(
                ErrorKind::SrsMismatch,
                "The keys were generated with another SRS.",
            ));
        }
        let usable = usable_rows(&ir, vk.cs());
        Ok(Keys {
            ir,
            fixed,
            vk,
            descriptor,
            srs,
            usable,
        })
    })
}

fn read_columns(mut bytes: &[u8]) -> Option<Vec<ColumnData>> {
    let mut columns = Vec::new();
    while !bytes.is_empty() {
        columns.push(ColumnData::read(&mut bytes)?);
    }
    Some(columns)
}
