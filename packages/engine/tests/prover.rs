//! The own prover and key generation against the proof system's, on circuits of many shapes.

#![allow(clippy::unwrap_used)]

#[path = "common/random.rs"]
mod random;
#[path = "common/stock.rs"]
mod stock;
#[path = "common/verify.rs"]
mod verify;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use halo2_axiom::plonk::{create_proof, keygen_pk, keygen_vk};
use halo2_axiom::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_axiom::poly::kzg::multiopen::ProverSHPLONK;
use halo2curves_axiom::bn256::{Bn256, Fr};
use pentimento_engine::descriptor::describe;
use pentimento_engine::error::ErrorKind;
use pentimento_engine::field::ColumnData;
use pentimento_engine::keys::{generate, Keys};
use pentimento_engine::progress::Progress;
use pentimento_engine::prove::{decode_instances, Prover};
use pentimento_engine::srs::{self, Srs};
use pentimento_engine::transcript::EvmTranscript;
use rand::rngs::OsRng;
use random::{random, Random, Shape};
use stock::Stock;
use verify::verify;

/// Made once for each size: the tests run side by side.
fn srs(k: u32) -> Srs {
    static KNOWN: Mutex<BTreeMap<u32, Srs>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap();
    known
        .entry(k)
        .or_insert_with(|| {
            let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("prover");
            srs::read(&srs::setup_development(k, &dir).unwrap()).unwrap()
        })
        .clone()
}

/// Degrees 3..9, chunks 0..4, instance columns 0..2, with and without phase-1 columns, near and far cells; k below and above the
/// size at which vectors are used.
fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for degree in 3..=9 {
        for chunks in 0..=4 {
            let seed = (degree * 10 + chunks) as u64;
            shapes.push(Shape {
                seed,
                k: 5 + (seed % 3) as u32,
                degree,
                chunks,
                instance_columns: if chunks == 0 { 0 } else { (seed % 3) as usize },
                phase1: seed.is_multiple_of(2),
                reach: (seed % 4) as i32,
            });
        }
    }
    shapes
}

fn keys(circuit: &Random, srs: &Srs) -> Keys {
    generate(
        circuit.ir.clone(),
        &circuit.fixed,
        srs.clone(),
        &Progress::default(),
    )
    .unwrap()
}

fn columns(advice: &[Vec<i32>]) -> Vec<ColumnData> {
    advice.iter().cloned().map(ColumnData::Ints).collect()
}

fn decoded(columns: &[ColumnData]) -> Vec<Vec<Fr>> {
    columns
        .iter()
        .map(|column| column.decode().unwrap())
        .collect()
}

#[test]
fn proofs_of_every_shape_are_accepted_by_the_proof_system() {
    for shape in shapes() {
        let circuit = random(shape);
        let srs = srs(shape.k);
        let keys = keys(&circuit, &srs);
        let vk = keys.vk.clone();
        let prover = Prover::new(keys).unwrap();
        let proof = prover
            .prove(
                &columns(&circuit.advice),
                &circuit.instances,
                &Progress::default(),
            )
            .unwrap()
            .bytes;
        let instances = decode_instances(&circuit.instances).unwrap();
        let mut transcript = EvmTranscript::new(&proof[..]);
        verify(&srs, &vk, &instances, &mut transcript).unwrap_or_else(|e| panic!("{shape:?}: {e}"));
        assert!(transcript.stream.is_empty(), "{shape:?}");
    }
}

#[test]
fn one_wrong_cell_is_refused_in_every_shape() {
    for shape in shapes() {
        let mut circuit = random(shape);
        let prover = Prover::new(keys(&circuit, &srs(shape.k))).unwrap();
        let (column, row) = circuit.read;
        circuit.advice[column][row] += 1;
        let error = prover
            .prove(
                &columns(&circuit.advice),
                &circuit.instances,
                &Progress::default(),
            )
            .err()
            .unwrap();
        assert_eq!(error.kind, ErrorKind::WitnessRejected, "{shape:?}");
    }
}

#[test]
fn keys_are_those_of_the_proof_system() {
    for shape in shapes() {
        let circuit = random(shape);
        let srs = srs(shape.k);
        let stock = Stock {
            ir: circuit.ir.clone(),
            fixed: decoded(&circuit.fixed),
            advice: Vec::new(),
        };
        let vk = keygen_vk(&srs, &stock).unwrap();
        let own = keys(&circuit, &srs);
        assert_eq!(
            own.descriptor,
            describe(&circuit.ir, &srs, &vk),
            "{shape:?}"
        );
    }
}

#[test]
fn proofs_are_as_long_as_those_of_the_proof_system_and_its_are_accepted() {
    for shape in shapes().into_iter().filter(|shape| !shape.phase1) {
        let circuit = random(shape);
        let srs = srs(shape.k);
        let stock = Stock {
            ir: circuit.ir.clone(),
            fixed: decoded(&circuit.fixed),
            advice: columns(&circuit.advice)
                .iter()
                .map(|c| c.decode().unwrap())
                .collect(),
        };
        let pk = keygen_pk(&srs, keygen_vk(&srs, &stock).unwrap(), &stock).unwrap();
        let instances = decode_instances(&circuit.instances).unwrap();
        let slices: Vec<&[Fr]> = instances.iter().map(Vec::as_slice).collect();
        let mut transcript = EvmTranscript::new(Vec::new());
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &srs,
            &pk,
            &[stock],
            &[&slices],
            OsRng,
            &mut transcript,
        )
        .unwrap();
        let prover = Prover::new(keys(&circuit, &srs)).unwrap();
        assert!(prover.verify(&instances, &transcript.stream), "{shape:?}");
        let own = prover
            .prove(
                &columns(&circuit.advice),
                &circuit.instances,
                &Progress::default(),
            )
            .unwrap();
        assert_eq!(own.bytes.len(), transcript.stream.len(), "{shape:?}");
    }
}

#[test]
fn proofs_of_one_witness_differ() {
    let shape = Shape {
        seed: 1,
        k: 6,
        degree: 5,
        chunks: 1,
        instance_columns: 1,
        phase1: false,
        reach: 1,
    };
    let circuit = random(shape);
    let prover = Prover::new(keys(&circuit, &srs(shape.k))).unwrap();
    let make = || {
        prover
            .prove(
                &columns(&circuit.advice),
                &circuit.instances,
                &Progress::default(),
            )
            .unwrap()
            .bytes
    };
    let (a, b) = (make(), make());
    // Every commitment and every value of a witness column is hidden;
    let equal = a
        .chunks(32)
        .zip(b.chunks(32))
        .filter(|(a, b)| a == b)
        .count();
    // values of the other columns are taken at another point.
    assert_eq!(equal, 0);
}
