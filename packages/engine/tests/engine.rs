//! Keys, proofs and verification of one small circuit, and everything that must be refused.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;

use common::{sample, Sample, K};
use ff::Field;
use halo2curves_axiom::bn256::Fr;
use pentimento_engine::descriptor::Descriptor;
use pentimento_engine::error::ErrorKind;
use pentimento_engine::field::ColumnData;
use pentimento_engine::ir::Ir;
use pentimento_engine::keys::{generate, generate_into};
use pentimento_engine::progress::Progress;
use pentimento_engine::prove::{decode_instances, Prover};
use pentimento_engine::srs;
use pentimento_engine::verify::verify_described;
use serde_json::{json, Value};

fn folder(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn open(name: &str, sample: &Sample) -> Prover {
    let srs = srs::read(&srs::setup_development(K, &folder(name)).unwrap()).unwrap();
    let ir = Arc::new(Ir::parse(&sample.ir.to_string()).unwrap());
    Prover::new(generate(ir, &sample.fixed, srs, &Progress::default()).unwrap()).unwrap()
}

fn parse_kind(ir: &Value) -> Option<ErrorKind> {
    Ir::parse(&ir.to_string()).err().map(|e| e.kind)
}

#[test]
fn proves_and_verifies_and_refuses_everything_else() {
    let sample = sample();
    let prover = open("proves", &sample);
    let ir = Arc::new(Ir::parse(&sample.ir.to_string()).unwrap());
    let proof = prover
        .prove(&sample.advice, &sample.instances, &Progress::default())
        .unwrap();
    let instances = decode_instances(&sample.instances).unwrap();
    let stages: Vec<_> = proof.phases.iter().map(|p| p.name).collect();
    assert_eq!(
        stages,
        [
            "witness",
            "definitions",
            "commit",
            "permutation",
            "quotient",
            "opening",
            "check"
        ]
    );
    let valid = |instances: &[Vec<Fr>], bytes: &[u8]| prover.verify(instances, bytes);
    assert!(valid(&instances, &proof.bytes));
    assert!(verify_described(&ir, prover.descriptor(), &instances, &proof.bytes).unwrap());

    for word in 0..proof.bytes.len() / 32 {
        let mut bytes = proof.bytes.clone();
        bytes[32 * word + 31] ^= 1;
        assert!(!valid(&instances, &bytes), "word {word} flipped");
    }
    assert!(!valid(&instances, &proof.bytes[..proof.bytes.len() - 1]));
    assert!(!valid(&instances, &proof.bytes[..proof.bytes.len() - 32]));
    assert!(!valid(&instances, &[]));
    for extra in [1, 32] {
        assert!(!valid(
            &instances,
            &[&proof.bytes[..], &vec![0; extra]].concat()
        ));
    }
    let mut identity = proof.bytes.clone();
    identity[..64].fill(0);
    assert!(!valid(&instances, &identity));

    let mut wrong = instances.clone();
    wrong[0][1] += Fr::ONE;
    assert!(!valid(&wrong, &proof.bytes));
    let mut longer = instances.clone();
    longer[0].push(Fr::ZERO);
    assert!(!valid(&longer, &proof.bytes));
    let mut shorter = instances.clone();
    shorter[0].pop();
    assert!(!valid(&shorter, &proof.bytes));
    assert!(!valid(&[], &proof.bytes));
}

#[test]
fn a_wrong_witness_is_refused_by_name() {
    let sample = sample();
    let prover = open("wrong-witness", &sample);
    let refused = |advice: &[ColumnData], instances: &[ColumnData]| {
        prover
            .prove(advice, instances, &Progress::default())
            .err()
            .unwrap()
    };
    let ColumnData::Ints(x) = &sample.advice[0] else {
        panic!("small integers")
    };
    let mut outside = x.clone();
    outside[9] = 16;
    let error = refused(
        &[ColumnData::Ints(outside), sample.advice[1].clone()],
        &sample.instances,
    );
    assert_eq!(error.kind, ErrorKind::WitnessRejected);
    assert!(error.message.contains("sum/end"), "{error}");

    let error = refused(&sample.advice, &[ColumnData::Ints(vec![x[0], x[5] + 1])]);
    assert_eq!(error.kind, ErrorKind::WitnessRejected);
    assert!(error.message.contains("instance column 0 row 1"), "{error}");

    let too_long = ColumnData::Ints(vec![0; common::USABLE + 1]);
    assert_eq!(
        refused(&[too_long, sample.advice[1].clone()], &sample.instances).kind,
        ErrorKind::WitnessInvalid
    );
    assert_eq!(
        refused(&sample.advice[..1], &sample.instances).kind,
        ErrorKind::WitnessInvalid
    );
    let beyond = ColumnData::Packed(vec![0xff; 32]);
    assert_eq!(
        refused(&[beyond, sample.advice[1].clone()], &sample.instances).kind,
        ErrorKind::WitnessInvalid
    );
    for rows in [1, 3] {
        assert_eq!(
            refused(&sample.advice, &[ColumnData::Ints(vec![3; rows])]).kind,
            ErrorKind::InstanceLength
        );
    }
}

#[test]
fn packed_and_decimal_columns_mean_the_same() {
    use ff::PrimeField;
    let sample = sample();
    let prover = open("packed", &sample);
    let values = sample.advice[0].decode().unwrap();
    let packed = values.iter().flat_map(|v| v.to_repr()).collect();
    let ColumnData::Ints(counts) = &sample.advice[1] else {
        panic!("small integers")
    };
    let decimals = counts.iter().map(i32::to_string).collect();
    let advice = [ColumnData::Packed(packed), ColumnData::Decimals(decimals)];
    prover
        .prove(&advice, &sample.instances, &Progress::default())
        .unwrap();
}

#[test]
fn a_cancelled_run_stops() {
    let sample = sample();
    let prover = open("cancelled", &sample);
    let flag = Arc::new(AtomicBool::new(false));
    let seen = flag.clone();
    let progress = Progress::new(
        Some(Box::new(move |stage| {
            if stage == "definitions" {
                seen.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        })),
        flag,
    );
    let error = prover
        .prove(&sample.advice, &sample.instances, &progress)
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::Cancelled);
}

#[test]
fn a_zero_denominator_is_an_error() {
    let mut sample = sample();
    // Node 4 is the fixed column `first`, zero on most rows.
    sample.ir["definitions"][0]["terms"][1][1] = json!(4);
    let prover = open("zero-denominator", &sample);
    let error = prover
        .prove(&sample.advice, &sample.instances, &Progress::default())
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::ZeroDenominator);
}

#[test]
fn damaged_files_are_told_apart() {
    let sample = sample();
    let dir = folder("damaged");
    let srs = srs::setup_development(K, &dir).unwrap();
    let keys = dir.join("keys");
    let ir = sample.ir.to_string();
    let vk = generate_into(&ir, &sample.fixed, &srs, &keys, &Progress::default()).unwrap();
    let open = || Prover::open(&keys, &srs).err().map(|e| e.kind);
    assert_eq!(open(), None);
    let stored: Descriptor =
        serde_json::from_slice(&std::fs::read(keys.join("vk.json")).unwrap()).unwrap();
    assert_eq!(stored, vk);
    assert_eq!(stored.srs.name, "insecure-development");
    assert!(stored.srs.insecure);

    for name in ["fixed.bin", "circuit.json", "vk.json", "manifest.json"] {
        let path = keys.join(name);
        let sound = std::fs::read(&path).unwrap();
        let mut damaged = sound.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        for bytes in [&damaged[..], &sound[..middle]] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(open(), Some(ErrorKind::KeysCorrupted), "{name}");
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(open(), Some(ErrorKind::KeysMissing), "{name}");
        std::fs::write(&path, sound).unwrap();
    }
    assert_eq!(open(), None);

    let sound = std::fs::read(&srs).unwrap();
    let mut damaged = sound.clone();
    damaged[100] ^= 1;
    std::fs::write(&srs, &damaged).unwrap();
    assert_eq!(open(), Some(ErrorKind::SrsCorrupted));
    // Made anew, because it is only a cache.
    assert_eq!(srs::setup_development(K, &dir).unwrap(), srs);
    assert_eq!(open(), None);
    assert_eq!(
        Prover::open(&keys, &dir.join("none.srs"))
            .err()
            .unwrap()
            .kind,
        ErrorKind::SrsMissing
    );

    let larger = srs::setup_development(K + 1, &dir).unwrap();
    assert!(
        Prover::open(&keys, &larger).is_ok(),
        "a larger string of the same secret is cut to size"
    );
    let smaller = srs::setup_development(K - 1, &dir).unwrap();
    assert_eq!(
        Prover::open(&keys, &smaller).err().unwrap().kind,
        ErrorKind::SrsMismatch
    );
}

#[test]
fn a_foreign_key_is_refused() {
    let sample = sample();
    let prover = open("foreign", &sample);
    let ir = Arc::new(Ir::parse(&sample.ir.to_string()).unwrap());
    let mut vk = prover.descriptor().clone();
    vk.sigma_commitments.swap(0, 1);
    let kind = verify_described(&ir, &vk, &[], &[]).err().map(|e| e.kind);
    assert_eq!(kind, Some(ErrorKind::VkInvalid));
    let mut vk = prover.descriptor().clone();
    vk.srs.insecure = false;
    let kind = verify_described(&ir, &vk, &[], &[]).err().map(|e| e.kind);
    assert_eq!(kind, Some(ErrorKind::VkInvalid));
}

#[test]
fn a_queried_zero_column_is_refused() {
    let mut sample = sample();
    sample.fixed[6] = ColumnData::Ints(Vec::new());
    let srs = srs::read(&srs::setup_development(K, &folder("zero-column")).unwrap()).unwrap();
    let ir = Arc::new(Ir::parse(&sample.ir.to_string()).unwrap());
    let error = generate(ir, &sample.fixed, srs, &Progress::default())
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::IdentityPoint);
}

#[test]
fn a_malformed_circuit_is_refused() {
    let good = sample().ir;
    assert_eq!(parse_kind(&good), None);
    let with = |pointer: &str, value: Value| {
        let mut ir = good.clone();
        *ir.pointer_mut(pointer).expect("the path exists") = value;
        parse_kind(&ir)
    };
    for degree in [3, 5] {
        assert_eq!(
            with("/degree", json!(degree)),
            Some(ErrorKind::IrDegree),
            "degree {degree}"
        );
    }
    let order = "21888242871839275222246405745257275088548364400416034343698204186575808495617";
    for (pointer, value) in [
        ("/format", json!("other")),
        ("/version", json!(2)),
        ("/k", json!(40)),
        ("/advice/0/phase", json!(1)),
        ("/advice/5/phase", json!(2)),
        ("/nodes/0", json!(["const", order])),
        ("/nodes/0", json!(["const", "01x"])),
        ("/nodes/1", json!(["challenge", 1])),
        ("/nodes/2", json!(["fixed", 8, 0])),
        ("/nodes/2", json!(["fixed", 0, 64])),
        ("/nodes/2", json!(["fixed", 0])),
        ("/nodes/2", json!(["add", 0, 2])),
        ("/nodes/2", json!(["unknown", 0, 1])),
        ("/gates/0/poly", json!(100_000)),
        ("/equality/1", json!(["instance", 0])),
        ("/equality/1", json!(["advice", 6])),
        ("/copies/0", json!([0, 0, 3, 0])),
        ("/definitions/0/column", json!(0)),
        ("/definitions/0/column", json!(3)),
        ("/definitions/1/loads/0", json!([0, "const", order])),
        ("/definitions/2/loads/1", json!([20, 4, 20])),
        ("/definitions/2/loads/1", json!([20, 5, 1])),
        ("/definitions/2/loads/1", json!([30, 4, 10])),
        ("/definitions/3/expr", json!(100_000)),
    ] {
        assert_eq!(
            with(pointer, value.clone()),
            Some(ErrorKind::IrInvalid),
            "{pointer} {value}"
        );
    }
    // Node 14 is the mapped column: read before it is defined.
    assert_eq!(
        with("/definitions/0/terms/0/0", json!(14)),
        Some(ErrorKind::IrInvalid)
    );
}

#[test]
fn rows_beyond_the_usable_ones_are_refused() {
    let srs = srs::read(&srs::setup_development(K, &folder("rows")).unwrap()).unwrap();
    for (pointer, value) in [
        ("/copies/0", json!([0, 0, 1, common::USABLE])),
        ("/definitions/2/loads/1", json!([common::USABLE, 4, 10])),
        ("/instances/0/rows", json!(common::USABLE + 1)),
    ] {
        let mut sample = sample();
        *sample.ir.pointer_mut(pointer).unwrap() = value;
        let ir = Arc::new(Ir::parse(&sample.ir.to_string()).unwrap());
        let error = generate(ir, &sample.fixed, srs.clone(), &Progress::default())
            .err()
            .unwrap();
        assert_eq!(error.kind, ErrorKind::IrInvalid, "{pointer}");
    }
}

#[test]
fn a_gate_on_the_blinding_rows_is_explained() {
    let mut sample = sample();
    // The selector of the map gate becomes the constant one.
    let gate = sample.ir["gates"][6]["poly"].as_u64().unwrap() as usize;
    sample.ir["nodes"][gate] = json!([
        "add",
        sample.ir["nodes"][gate][2],
        sample.ir["nodes"][gate][2]
    ]);
    let prover = open("blinding", &sample);
    let error = prover
        .prove(&sample.advice, &sample.instances, &Progress::default())
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::WitnessRejected);
    assert!(error.message.contains("not switched off"), "{error}");
}
