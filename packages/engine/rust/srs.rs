//! The structured reference string: a file in halo2's raw layout and, beside it, its SHA-256 digest.

use std::fs;
use std::path::{Path, PathBuf};

use group::Curve;
use halo2_axiom::poly::commitment::{Params, ParamsProver};
use halo2_axiom::poly::kzg::commitment::ParamsKZG;
use halo2_axiom::SerdeFormat;
use halo2curves_axiom::bn256::{pairing, Bn256, Fr, G1Affine, G2Affine};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};

use crate::error::{guard, EngineError, ErrorKind, Result};
use crate::files;

pub type Srs = ParamsKZG<Bn256>;

/// Part of the file's name and of the verification key: nobody can miss that the secret is known.
pub const DEVELOPMENT_NAME: &str = "insecure-development";

pub(crate) const MAX_K: u32 = 24;
pub(crate) const G1_BYTES: usize = 64;
pub(crate) const G2_BYTES: usize = 128;

/// The same secret for every size, so that a smaller string is a prefix of a larger one.
fn development_rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed(Sha256::digest(b"pentimento insecure development srs").into())
}

/// `s` on G2 for the development secret, by which its strings are recognised whatever their name.
fn development_s_g2() -> G2Affine {
    use ff::Field;
    (G2Affine::generator() * Fr::random(development_rng())).to_affine()
}

pub fn is_development(srs: &Srs) -> bool {
    srs.s_g2() == development_s_g2()
}

/// Makes the development string of size `k` in `dir`, unless a sound one is there already.
pub fn setup_development(k: u32, dir: &Path) -> Result<PathBuf> {
    if !(3..=MAX_K).contains(&k) {
        return Err(EngineError::new(
            ErrorKind::IrInvalid,
            format!("Expected k in 3..={MAX_K}, got {k}."),
        ));
    }
    let path = dir.join(format!("{DEVELOPMENT_NAME}-{k}.srs"));
    if path.exists() && read(&path).is_ok_and(|srs| srs.k() == k && is_development(&srs)) {
        return Ok(path);
    }
    fs::create_dir_all(dir).map_err(|e| files::io_error("create", dir, &e))?;
    write(&guard(|| Ok(Srs::setup(k, development_rng())))?, &path)?;
    Ok(path)
}

/// Writes a string and its digest, and reads it back.
pub(crate) fn write(srs: &Srs, path: &Path) -> Result<()> {
    let mut bytes = Vec::new();
    srs.write_custom(&mut bytes, SerdeFormat::RawBytes)
        .map_err(|e| files::io_error("encode", path, &e))?;
    files::write_atomic(path, &bytes)?;
    files::write_atomic(&digest_path(path), files::sha256_hex(&bytes).as_bytes())?;
    read(path).map(drop)
}

fn digest_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sha256");
    name.into()
}

/// Reads a string: digest, size, every point on its curve, and that its first powers belong together.
pub fn read(path: &Path) -> Result<Srs> {
    let corrupted = |what: &str| {
        EngineError::new(
            ErrorKind::SrsCorrupted,
            format!("The SRS file {} {what}.", files::name(path)),
        )
    };
    let bytes = files::read(path, ErrorKind::SrsMissing)?;
    let digest = files::read(&digest_path(path), ErrorKind::SrsMissing)?;
    if files::sha256_hex(&bytes).as_bytes() != digest.trim_ascii() {
        return Err(corrupted(
            "does not have the digest that is noted beside it",
        ));
    }
    let k = bytes
        .first_chunk::<4>()
        .map(|b| u32::from_le_bytes(*b))
        .filter(|k| *k <= MAX_K)
        .ok_or_else(|| corrupted("has no valid size"))?;
    if bytes.len() != 4 + (G1_BYTES << (k + 1)) + 2 * G2_BYTES {
        return Err(corrupted("has the wrong length"));
    }
    let srs = guard(|| {
        Srs::read_custom(&mut &bytes[..], SerdeFormat::RawBytes)
            .map_err(|_| corrupted("holds a point off its curve"))
    })?;
    let g = srs.get_g();
    let sound = g[0] == G1Affine::generator()
        && srs.g2() == G2Affine::generator()
        && pairing(&g[1], &srs.g2()) == pairing(&g[0], &srs.s_g2());
    if sound {
        Ok(srs)
    } else {
        Err(corrupted("does not hold powers of one secret"))
    }
}

/// Reads a string and cuts it to size `k`.
pub fn read_sized(path: &Path, k: u32) -> Result<Srs> {
    let mut srs = read(path)?;
    if srs.k() < k {
        return Err(EngineError::new(
            ErrorKind::SrsMismatch,
            format!("Expected an SRS of size {k} or more, got {}.", srs.k()),
        ));
    }
    if srs.k() > k {
        srs.downsize(k);
    }
    Ok(srs)
}
