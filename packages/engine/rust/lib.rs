//! Proves and verifies circuits that are handed over as data (the IR of `book/formats.md`, section 3), on halo2
//! with KZG, SHPLONK and a Keccak transcript. Knows nothing of what a circuit means.

pub mod circuit;
pub mod definitions;
pub mod descriptor;
pub mod diagnose;
pub mod error;
pub mod evaluate;
pub mod field;
pub mod files;
pub mod ir;
pub mod keys;
#[cfg(all(feature = "addon", not(test)))]
mod napi;
pub mod progress;
pub mod prove;
pub mod srs;
pub mod transcript;
pub mod verify;
