//! Proves and verifies circuits that are handed over as data (the IR of `book/formats.md`, section 3), on halo2
//! with KZG, SHPLONK and a Keccak transcript. Knows nothing of what a circuit means.

pub mod circuit;
pub mod create;
pub mod definitions;
pub mod descriptor;
pub mod diagnose;
pub mod domain;
pub mod error;
pub mod evaluate;
pub mod field;
pub mod files;
pub mod ir;
pub mod keys;
pub mod lanes;
pub mod msm;
#[cfg(all(feature = "addon", not(test)))]
mod napi;
pub mod opening;
pub mod permutation;
pub mod program;
pub mod progress;
pub mod prove;
pub mod proving_key;
pub mod quotient;
pub mod srs;
pub mod srs_ceremonies;
pub mod srs_import;
pub mod transcript;
pub mod verify;
