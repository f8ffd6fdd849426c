//! Keccak transcript, byte for byte that of PSE's Solidity verifier: points as 64 and scalars as 32 big-endian bytes.

use std::io::{self, Read, Write};

use ff::{FromUniformBytes, PrimeField};
use group::prime::PrimeCurveAffine;
use halo2_axiom::transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite};
use halo2curves_axiom::bn256::{Fq, Fr, G1Affine};
use halo2curves_axiom::CurveAffine;
use sha3::{Digest, Keccak256};

/// The text by which an identity point is recognised after it has passed through the proof system's own errors.
pub const IDENTITY_POINT: &str = "identity point";

#[derive(Clone, Copy, Debug)]
pub struct EvmChallenge(Fr);

impl EncodedChallenge<G1Affine> for EvmChallenge {
    type Input = [u8; 32];

    /// The hash as a big-endian integer, reduced.
    fn new(hash: &[u8; 32]) -> Self {
        let mut wide = [0u8; 64];
        wide[..32].copy_from_slice(&reversed(hash));
        Self(Fr::from_uniform_bytes(&wide))
    }

    fn get_scalar(&self) -> Fr {
        self.0
    }
}

pub struct EvmTranscript<'a, S> {
    pub stream: S,
    buffer: Vec<u8>,
    squeezed: usize,
    on_squeeze: Option<Box<dyn FnMut(usize) + 'a>>,
}

impl<'a, S> EvmTranscript<'a, S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            squeezed: 0,
            on_squeeze: None,
        }
    }

    /// Calls `observer` with the number of challenges drawn so far: the only sign of progress that a proof gives.
    pub fn observed(stream: S, observer: impl FnMut(usize) + 'a) -> Self {
        Self {
            on_squeeze: Some(Box::new(observer)),
            ..Self::new(stream)
        }
    }
}

fn reversed(bytes: &[u8; 32]) -> [u8; 32] {
    let mut out = *bytes;
    out.reverse();
    out
}

pub fn scalar_be(x: &Fr) -> [u8; 32] {
    reversed(&x.to_repr())
}

pub fn base_be(x: &Fq) -> [u8; 32] {
    reversed(&x.to_repr())
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Refuses the identity: the curve library takes it for the point (0, 0), which no EVM verifier accepts.
fn point_be(point: &G1Affine) -> io::Result<[u8; 64]> {
    if bool::from(point.is_identity()) {
        return Err(invalid(IDENTITY_POINT));
    }
    let mut out = [0u8; 64];
    out[..32].copy_from_slice(&base_be(&point.x));
    out[32..].copy_from_slice(&base_be(&point.y));
    Ok(out)
}

impl<S> Transcript<G1Affine, EvmChallenge> for EvmTranscript<'_, S> {
    fn squeeze_challenge(&mut self) -> EvmChallenge {
        let mut hasher = Keccak256::new();
        hasher.update(&self.buffer);
        if self.buffer.len() == 32 {
            // Nothing was absorbed since the last challenge: keep the two apart.
            hasher.update([1u8]);
        }
        let hash: [u8; 32] = hasher.finalize().into();
        self.buffer.clear();
        self.buffer.extend_from_slice(&hash);
        self.squeezed += 1;
        if let Some(observer) = &mut self.on_squeeze {
            observer(self.squeezed);
        }
        EvmChallenge::new(&hash)
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.buffer.extend_from_slice(&point_be(&point)?);
        Ok(())
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.buffer.extend_from_slice(&scalar_be(&scalar));
        Ok(())
    }
}

impl<W: Write> TranscriptWrite<G1Affine, EvmChallenge> for EvmTranscript<'_, W> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.common_point(point)?;
        self.stream.write_all(&point_be(&point)?)
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.common_scalar(scalar)?;
        self.stream.write_all(&scalar_be(&scalar))
    }
}

impl<R: Read> TranscriptRead<G1Affine, EvmChallenge> for EvmTranscript<'_, R> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let x = self.read_base()?;
        let y = self.read_base()?;
        let point = Option::<G1Affine>::from(G1Affine::from_xy(x, y))
            .ok_or_else(|| invalid("point off the curve"))?;
        self.common_point(point)?;
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        let word = self.read_word()?;
        let scalar = Option::<Fr>::from(Fr::from_repr(word))
            .ok_or_else(|| invalid("scalar beyond the field"))?;
        self.common_scalar(scalar)?;
        Ok(scalar)
    }
}

impl<R: Read> EvmTranscript<'_, R> {
    /// The next word, little-endian.
    fn read_word(&mut self) -> io::Result<[u8; 32]> {
        let mut word = [0u8; 32];
        self.stream.read_exact(&mut word)?;
        Ok(reversed(&word))
    }

    fn read_base(&mut self) -> io::Result<Fq> {
        let word = self.read_word()?;
        Option::<Fq>::from(Fq::from_repr(word))
            .ok_or_else(|| invalid("coordinate beyond the field"))
    }
}
