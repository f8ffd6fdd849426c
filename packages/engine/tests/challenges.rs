//! The challenges that halo2 draws while it verifies the stored proofs of preset M are those of the vectors, which the
//! TypeScript transcript wrote: names and order are fixed there, here only halo2 decides what is absorbed and when.

#![allow(clippy::unwrap_used)]

#[path = "common/verify.rs"]
mod verify;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use ff::PrimeField;
use halo2_axiom::transcript::{EncodedChallenge, Transcript, TranscriptRead};
use halo2curves_axiom::bn256::{Fr, G1Affine};
use pentimento_engine::descriptor::{rebuild, Descriptor};
use pentimento_engine::ir::Ir;
use pentimento_engine::transcript::{scalar_be, EvmChallenge, EvmTranscript};
use serde_json::{json, Value};
use verify::verify;

/// The engine's transcript, keeping every challenge that is drawn from it.
struct Recorder<'a> {
    inner: EvmTranscript<'a, &'a [u8]>,
    drawn: Vec<Fr>,
}

impl Transcript<G1Affine, EvmChallenge> for Recorder<'_> {
    fn squeeze_challenge(&mut self) -> EvmChallenge {
        let challenge = self.inner.squeeze_challenge();
        self.drawn.push(challenge.get_scalar());
        challenge
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.inner.common_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.common_scalar(scalar)
    }
}

impl TranscriptRead<G1Affine, EvmChallenge> for Recorder<'_> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        self.inner.read_point()
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        self.inner.read_scalar()
    }
}

struct Vector {
    ir: Arc<Ir>,
    vk: Descriptor,
    proof: Vec<u8>,
    instances: Vec<Vec<Fr>>,
    challenges: Vec<String>,
}

fn read(name: &str) -> Vector {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../vectors/{name}"));
    let mut json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let instances = list(&json["instances"])
        .iter()
        .map(|column| list(column).iter().map(scalar).collect())
        .collect();
    let challenges = list(&json["challenges"])
        .iter()
        .map(|entry| entry[1].as_str().unwrap().to_owned())
        .collect();
    define_all(&mut json["ir"]);
    Vector {
        ir: Arc::new(Ir::parse(&json["ir"].to_string()).unwrap()),
        vk: serde_json::from_value(json["vk"].clone()).unwrap(),
        proof: bytes(&json["proof"]),
        instances,
        challenges,
    }
}

/// A vector may be stored without the definitions of its phase-1 columns; they are read only when a proof is made, so
/// any will do here.
fn define_all(ir: &mut Value) {
    if !ir["definitions"].as_array().unwrap().is_empty() {
        return;
    }
    let nodes = ir["nodes"].as_array_mut().unwrap();
    nodes.push(json!(["const", "0"]));
    let zero = nodes.len() - 1;
    let advice = ir["advice"].as_array().unwrap().iter().enumerate();
    ir["definitions"] = advice
        .filter(|(_, column)| column["phase"] == 1)
        .map(|(column, _)| json!({ "kind": "map", "column": column, "expr": zero }))
        .collect();
}

fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap().strip_prefix("0x").unwrap().as_bytes();
    let pairs = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

fn scalar(hex: &Value) -> Fr {
    let mut word: [u8; 32] = bytes(hex).try_into().unwrap();
    word.reverse();
    Fr::from_repr(word).unwrap()
}

fn hex(value: &Fr) -> String {
    let digits: String = scalar_be(value)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    format!("0x{digits}")
}

/// What halo2 draws, and whether it accepts.
fn draw(vector: &Vector, proof: &[u8]) -> (Vec<String>, bool) {
    let (srs, vk) = rebuild(&vector.ir, &vector.vk).unwrap();
    let mut recorder = Recorder {
        inner: EvmTranscript::new(proof),
        drawn: Vec::new(),
    };
    let accepted = verify(&srs, &vk, &vector.instances, &mut recorder).is_ok();
    (recorder.drawn.iter().map(hex).collect(), accepted)
}

#[test]
fn halo2_draws_the_challenges_of_the_vectors() {
    for name in ["verifier-m.json", "verifier-m-gas.json"] {
        let vector = read(name);
        let (drawn, accepted) = draw(&vector, &vector.proof);
        assert!(accepted, "{name}");
        assert_eq!(drawn, vector.challenges, "{name}");
    }
}

/// The last evaluation is absorbed before the three challenges of the opening: these change, and no other.
#[test]
fn a_changed_evaluation_changes_the_challenges_of_the_opening() {
    let vector = read("verifier-m.json");
    let mut proof = vector.proof.clone();
    let last_evaluation = proof.len() - 2 * 64 - 1;
    proof[last_evaluation] ^= 1;
    let (drawn, accepted) = draw(&vector, &proof);
    assert!(!accepted);
    let before = vector.challenges.len() - 3;
    assert_eq!(drawn[..before], vector.challenges[..before]);
    for (changed, stored) in drawn[before..].iter().zip(&vector.challenges[before..]) {
        assert_ne!(changed, stored);
    }
}
