//! Structured reference strings made by others: halo2's raw files and snarkjs' `.ptau`. Only the powers of `s` are
//! taken from a file, never its Lagrange half; every point is checked to be what the first two say it is.
//!
//! Raw halo2: `k` as u32, `2^k` powers, `2^k` Lagrange points, `G2`, `s*G2`. Ptau: magic, version, number of sections,
//! then sections `type: u32, size: u64, data`; 1 holds `n8, q, power, ceremonyPower`, 2 the powers on G1, 3 those on G2
//! (iden3/snarkjs, `powersoftau_utils.js`). Both write coordinates little-endian in Montgomery form, everything else
//! little-endian.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use ff::{Field, PrimeField};
use group::cofactor::CofactorGroup;
use group::prime::PrimeCurveAffine;
use group::Curve;
use halo2_axiom::poly::commitment::ParamsProver;
use halo2curves_axiom::bn256::{pairing, Fq, Fr, G1Affine, G2Affine, G1};
use halo2curves_axiom::fft::best_fft;
use halo2curves_axiom::msm::msm_best;
use halo2curves_axiom::serde::SerdeObject;
use rand::rngs::OsRng;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::descriptor::{g2, srs_name, SrsName};
use crate::error::{guard, EngineError, ErrorKind, Result};
use crate::files;
use crate::srs::{self, Srs, G1_BYTES, G2_BYTES, MAX_K};

const PTAU_MAGIC: &[u8; 4] = b"ptau";

/// What a file says it holds, and whose setup it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SrsInfo {
    /// `halo2` or `ptau`.
    pub format: &'static str,
    pub k: u32,
    pub srs: SrsName,
    /// Of the whole file.
    pub sha256: String,
    #[serde(rename = "sG2")]
    pub s_g2: [[String; 2]; 2],
}

/// Looks at a file without checking its points beyond the first.
pub fn info(path: &Path) -> Result<SrsInfo> {
    let mut source = Source::open(path)?;
    let k = source.k;
    let srs = source.read(1)?;
    Ok(SrsInfo {
        format: source.format(),
        k,
        srs: srs_name(&srs),
        sha256: digest(path)?,
        s_g2: g2(&srs.s_g2()),
    })
}

/// Checks every point of a file, the Lagrange half of a raw one included.
pub fn check(path: &Path) -> Result<SrsInfo> {
    guard(|| {
        let mut source = Source::open(path)?;
        let srs = source.read(source.k)?;
        check_powers(path, &srs)?;
        source.check_lagrange(&srs)?;
        info(path)
    })
}

/// Checks the first `2^k` powers of a file, all of them without a `k`, and writes them in halo2's raw layout under
/// the name of their setup; resolves to the path.
pub fn import(path: &Path, k: Option<u32>, sha256: Option<&str>, dir: &Path) -> Result<PathBuf> {
    if let Some(expected) = sha256 {
        let found = digest(path)?;
        if !found.eq_ignore_ascii_case(expected) {
            return Err(corrupted(
                path,
                &format!("has the SHA-256 {found}, not {expected}"),
            ));
        }
    }
    guard(|| {
        let mut source = Source::open(path)?;
        let k = k.unwrap_or(source.k);
        if k < 3 || k > source.k {
            return Err(EngineError::new(
                ErrorKind::SrsMismatch,
                format!(
                    "Expected k in 3..={}, the size of {}, got {k}.",
                    source.k,
                    files::name(path)
                ),
            ));
        }
        let srs = source.read(k)?;
        check_powers(path, &srs)?;
        let target = dir.join(format!("{}-{k}.srs", file_stem(&srs)));
        if srs::read(&target).is_ok_and(|known| known.get_g() == srs.get_g()) {
            return Ok(target);
        }
        std::fs::create_dir_all(dir).map_err(|e| files::io_error("create", dir, &e))?;
        let complete = srs.from_parts(k, srs.get_g().to_vec(), None, srs.g2(), srs.s_g2());
        srs::write(&complete, &target)?;
        Ok(target)
    })
}

/// The setup's name; two unrecognised ones differ by the digest of their power.
fn file_stem(srs: &Srs) -> String {
    let SrsName { name, insecure } = srs_name(srs);
    let words = g2(&srs.s_g2()).concat().concat();
    match (insecure, name.as_str()) {
        (true, crate::descriptor::UNRECOGNISED) => {
            format!("{name}-{}", &files::sha256_hex(words.as_bytes())[..16])
        }
        _ => name,
    }
}

fn corrupted(path: &Path, what: &str) -> EngineError {
    EngineError::new(
        ErrorKind::SrsCorrupted,
        format!("The SRS file {} {what}.", files::name(path)),
    )
}

fn digest(path: &Path) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path).map_err(|e| files::io_error("read", path, &e))?;
    io::copy(&mut file, &mut hasher).map_err(|e| files::io_error("read", path, &e))?;
    Ok(hasher
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect())
}

/// `g[i] = s^i * G1` for all points: with random `c`, `e(sum c_i g_i, sG2) = e(sum c_i g_(i+1), G2)`.
fn check_powers(path: &Path, srs: &Srs) -> Result<()> {
    let g = srs.get_g();
    let s_g2 = srs.s_g2();
    let sound = g[0] == G1Affine::generator()
        && srs.g2() == G2Affine::generator()
        && !bool::from(s_g2.is_identity())
        && bool::from(s_g2.to_curve().is_torsion_free());
    let scalars: Vec<Fr> = (1..g.len()).map(|_| Fr::random(OsRng)).collect();
    let low = msm_best(&scalars, &g[..g.len() - 1]).to_affine();
    let high = msm_best(&scalars, &g[1..]).to_affine();
    if sound && pairing(&low, &s_g2) == pairing(&high, &srs.g2()) {
        Ok(())
    } else {
        Err(corrupted(path, "does not hold powers of one secret"))
    }
}

enum Layout {
    Halo2,
    /// Where the sections of powers begin.
    Ptau {
        g1: u64,
        g2: u64,
    },
}

struct Source<'a> {
    path: &'a Path,
    file: BufReader<File>,
    layout: Layout,
    k: u32,
}

impl<'a> Source<'a> {
    fn open(path: &'a Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => EngineError::new(
                ErrorKind::SrsMissing,
                format!("Expected the file {}, found none.", path.display()),
            ),
            _ => files::io_error("read", path, &error),
        })?;
        let bytes = file
            .metadata()
            .map_err(|e| files::io_error("read", path, &e))?
            .len();
        let mut source = Self {
            path,
            file: BufReader::new(file),
            layout: Layout::Halo2,
            k: 0,
        };
        let mut magic = [0u8; 4];
        source.fill(&mut magic)?;
        if magic == *PTAU_MAGIC {
            source.open_ptau(bytes)?;
        } else {
            source.k = source.size(u32::from_le_bytes(magic))?;
            if bytes != 4 + ((G1_BYTES as u64) << (source.k + 1)) + 2 * G2_BYTES as u64 {
                return Err(corrupted(
                    path,
                    "is no SRS: its length does not fit its first word",
                ));
            }
        }
        Ok(source)
    }

    fn format(&self) -> &'static str {
        match self.layout {
            Layout::Halo2 => "halo2",
            Layout::Ptau { .. } => "ptau",
        }
    }

    fn open_ptau(&mut self, bytes: u64) -> Result<()> {
        let version = self.u32()?;
        if version != 1 {
            return Err(corrupted(
                self.path,
                &format!("is ptau of version {version}, not 1"),
            ));
        }
        let mut sections = [None; 4];
        for _ in 0..self.u32()?.min(64) {
            let kind = self.u32()? as usize;
            let mut size = [0u8; 8];
            self.fill(&mut size)?;
            let size = u64::from_le_bytes(size);
            let at = self.position()?;
            let end = at.checked_add(size).filter(|end| *end <= bytes);
            let end = end.ok_or_else(|| corrupted(self.path, "ends inside a section"))?;
            if let Some(section) = sections.get_mut(kind) {
                *section = Some((at, size));
            }
            self.seek(end)?;
        }
        let [_, Some((header, _)), Some((g1, g1_bytes)), Some((g2, g2_bytes))] = sections else {
            return Err(corrupted(self.path, "lacks a section with powers"));
        };
        self.k = self.ptau_header(header)?;
        let needed = (G1_BYTES as u64) * ((2 << self.k) - 1);
        if g1_bytes != needed || g2_bytes != (G2_BYTES as u64) << self.k {
            return Err(corrupted(self.path, "has sections of the wrong length"));
        }
        self.layout = Layout::Ptau { g1, g2 };
        Ok(())
    }

    /// The power of the header, after checking that the curve is BN254.
    fn ptau_header(&mut self, at: u64) -> Result<u32> {
        self.seek(at)?;
        let coordinate_bytes = self.u32()?;
        let mut order = [0u8; 32];
        self.fill(&mut order)?;
        let minus_one = (-Fq::ONE).to_repr();
        let mut expected = minus_one;
        expected[0] += 1;
        if coordinate_bytes != 32 || order != expected {
            return Err(corrupted(self.path, "is of another curve than BN254"));
        }
        let power = self.u32()?;
        self.size(power)
    }

    fn size(&self, k: u32) -> Result<u32> {
        if (1..=MAX_K).contains(&k) {
            return Ok(k);
        }
        Err(corrupted(
            self.path,
            &format!("is no SRS of a size in 1..={MAX_K}"),
        ))
    }

    /// The first `2^k` powers, without a Lagrange half.
    fn read(&mut self, k: u32) -> Result<Srs> {
        let (g1_at, g2_at) = match self.layout {
            Layout::Halo2 => (4, 4 + ((G1_BYTES as u64) << (self.k + 1))),
            Layout::Ptau { g1, g2 } => (g1, g2),
        };
        let g = self.points::<G1Affine>(g1_at, 1 << k, G1_BYTES)?;
        let [g2, s_g2] = self.points::<G2Affine>(g2_at, 2, G2_BYTES)?[..] else {
            return Err(corrupted(self.path, "lacks its points on G2"));
        };
        Ok(Srs::setup(0, OsRng).from_parts(k, g, Some(Vec::new()), g2, s_g2))
    }

    /// Points that are on their curve and not the identity.
    fn points<P: SerdeObject + PrimeCurveAffine>(
        &mut self,
        at: u64,
        count: usize,
        size: usize,
    ) -> Result<Vec<P>> {
        self.seek(at)?;
        let mut bytes = vec![0u8; count * size];
        self.fill(&mut bytes)?;
        bytes
            .chunks_exact(size)
            .map(|chunk| P::from_raw_bytes(chunk).filter(|point| !bool::from(point.is_identity())))
            .collect::<Option<_>>()
            .ok_or_else(|| corrupted(self.path, "holds a point off its curve, or the identity"))
    }

    /// For random coefficients `c` and their values `v` on the domain, `sum v_i L_i = sum c_j g_j`.
    fn check_lagrange(&mut self, srs: &Srs) -> Result<()> {
        let Layout::Halo2 = self.layout else {
            return Ok(());
        };
        let lagrange =
            self.points::<G1Affine>(4 + ((G1_BYTES as u64) << self.k), 1 << self.k, G1_BYTES)?;
        let coefficients: Vec<Fr> = lagrange.iter().map(|_| Fr::random(OsRng)).collect();
        let mut values = coefficients.clone();
        let omega = Fr::ROOT_OF_UNITY.pow_vartime([1u64 << (Fr::S - self.k)]);
        best_fft(&mut values, omega, self.k);
        let by_powers: G1 = msm_best(&coefficients, srs.get_g());
        if by_powers == msm_best(&values, &lagrange) {
            Ok(())
        } else {
            Err(corrupted(
                self.path,
                "has a Lagrange half that is not that of its powers",
            ))
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.file
            .read_exact(bytes)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => corrupted(self.path, "is too short to be an SRS"),
                _ => files::io_error("read", self.path, &error),
            })
    }

    fn u32(&mut self) -> Result<u32> {
        let mut bytes = [0u8; 4];
        self.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn position(&mut self) -> Result<u64> {
        self.file
            .stream_position()
            .map_err(|e| files::io_error("read", self.path, &e))
    }

    fn seek(&mut self, at: u64) -> Result<()> {
        self.file
            .seek(SeekFrom::Start(at))
            .map(drop)
            .map_err(|e| files::io_error("read", self.path, &e))
    }
}
