//! The verification key as data: everything a verifier needs beside the circuit, through public accessors only.

use std::sync::Arc;

use ff::PrimeField;
use halo2_axiom::plonk::{permutation, Any, VerifyingKey};
use halo2_axiom::poly::commitment::{Params, ParamsProver};
use halo2_axiom::poly::EvaluationDomain;
use halo2curves_axiom::bn256::{Fq, Fq2, Fr, G1Affine, G2Affine};
use halo2curves_axiom::CurveAffine;
use serde::{Deserialize, Serialize};

use crate::circuit::constraint_system;
use crate::error::{guard, EngineError, ErrorKind, Result};
use crate::ir::Ir;
use crate::srs::{is_development, Srs, DEVELOPMENT_NAME};
use crate::srs_ceremonies::recognise;
use crate::transcript::{base_be, scalar_be};

type Words = [String; 2];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Descriptor {
    pub format: String,
    pub version: u32,
    pub k: u32,
    pub omega: String,
    pub degree: usize,
    pub blinding_factors: usize,
    pub num_instances: Vec<usize>,
    pub fixed_queries: Vec<(usize, i32)>,
    pub advice_queries: Vec<(usize, i32)>,
    pub instance_queries: Vec<(usize, i32)>,
    pub permutation: Vec<(String, usize)>,
    pub fixed_commitments: Vec<Words>,
    pub sigma_commitments: Vec<Words>,
    pub transcript_repr: String,
    pub g1: Words,
    pub g2: [Words; 2],
    #[serde(rename = "sG2")]
    pub s_g2: [Words; 2],
    pub srs: SrsName,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SrsName {
    pub name: String,
    pub insecure: bool,
}

fn hex(word: [u8; 32]) -> String {
    let mut text = String::with_capacity(66);
    text.push_str("0x");
    for byte in word {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The identity, of an all-zero column, has the coordinates (0, 0).
fn g1(point: &G1Affine) -> Words {
    [hex(base_be(&point.x)), hex(base_be(&point.y))]
}

fn fq2(x: &Fq2) -> Words {
    [hex(base_be(&x.c0)), hex(base_be(&x.c1))]
}

pub(crate) fn g2(point: &G2Affine) -> [Words; 2] {
    [fq2(&point.x), fq2(&point.y)]
}

/// Name of a string that is neither the development one nor a known ceremony's: insecure, for all that is known.
pub const UNRECOGNISED: &str = "unrecognised";

/// What is known of a string by its power on G2.
pub fn srs_name(srs: &Srs) -> SrsName {
    let (name, insecure) = match recognise(&g2(&srs.s_g2())) {
        Some(ceremony) => (ceremony, false),
        None if is_development(srs) => (DEVELOPMENT_NAME, true),
        None => (UNRECOGNISED, true),
    };
    let name = name.to_owned();
    SrsName { name, insecure }
}

/// Describes a key.
pub fn describe(ir: &Ir, srs: &Srs, vk: &VerifyingKey<G1Affine>) -> Descriptor {
    let cs = vk.cs();
    Descriptor {
        format: "pentimento-vk".into(),
        version: 1,
        k: srs.k(),
        omega: hex(scalar_be(&vk.get_domain().get_omega())),
        degree: cs.degree(),
        blinding_factors: cs.blinding_factors(),
        num_instances: ir.instances.clone(),
        fixed_queries: cs
            .fixed_queries()
            .iter()
            .map(|(c, r)| (c.index(), r.0))
            .collect(),
        advice_queries: cs
            .advice_queries()
            .iter()
            .map(|(c, r)| (c.index(), r.0))
            .collect(),
        instance_queries: cs
            .instance_queries()
            .iter()
            .map(|(c, r)| (c.index(), r.0))
            .collect(),
        permutation: cs
            .permutation()
            .get_columns()
            .iter()
            .map(|column| {
                let kind = match column.column_type() {
                    Any::Advice(_) => "advice",
                    Any::Fixed => "fixed",
                    Any::Instance => "instance",
                };
                (kind.to_owned(), column.index())
            })
            .collect(),
        fixed_commitments: vk.fixed_commitments().iter().map(g1).collect(),
        sigma_commitments: vk.permutation().commitments().iter().map(g1).collect(),
        transcript_repr: hex(scalar_be(&vk.transcript_repr())),
        g1: g1(&srs.get_g()[0]),
        g2: g2(&srs.g2()),
        s_g2: g2(&srs.s_g2()),
        srs: srs_name(srs),
    }
}

/// Refuses a queried column whose commitment is the identity: an EVM verifier has no such point.
pub fn check_queried_columns(vk: &VerifyingKey<G1Affine>) -> Result<()> {
    use group::prime::PrimeCurveAffine;
    for (column, _) in vk.cs().fixed_queries() {
        if bool::from(vk.fixed_commitments()[column.index()].is_identity()) {
            return Err(EngineError::new(
                ErrorKind::IdentityPoint,
                format!("Fixed column {} is zero everywhere but is queried: its commitment would be the identity point.", column.index()),
            ));
        }
    }
    Ok(())
}

fn word(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("0x").filter(|d| d.len() == 64)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut little_endian = [0u8; 32];
    for (i, byte) in little_endian.iter_mut().rev().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(little_endian)
}

fn base(text: &str) -> Option<Fq> {
    Fq::from_repr(word(text)?).into()
}

fn base2(words: &Words) -> Option<Fq2> {
    Some(Fq2 {
        c0: base(&words[0])?,
        c1: base(&words[1])?,
    })
}

fn parse_g1(words: &Words) -> Option<G1Affine> {
    G1Affine::from_xy(base(&words[0])?, base(&words[1])?).into()
}

pub(crate) fn parse_g2(words: &[Words; 2]) -> Option<G2Affine> {
    G2Affine::from_xy(base2(&words[0])?, base2(&words[1])?).into()
}

/// Rebuilds the key from circuit and descriptor. The descriptor must be exactly the one that the rebuilt key has.
pub fn rebuild(ir: &Arc<Ir>, descriptor: &Descriptor) -> Result<(Srs, VerifyingKey<G1Affine>)> {
    let invalid = |what: &str| {
        EngineError::new(
            ErrorKind::VkInvalid,
            format!("The verification key {what}."),
        )
    };
    guard(|| {
        let cs = constraint_system(ir)?;
        let points = |words: &[Words]| words.iter().map(parse_g1).collect::<Option<Vec<_>>>();
        let fixed = points(&descriptor.fixed_commitments)
            .filter(|p| p.len() == ir.fixed)
            .ok_or_else(|| invalid("has malformed fixed commitments"))?;
        let sigma = points(&descriptor.sigma_commitments)
            .filter(|p| p.len() == ir.equality.len())
            .ok_or_else(|| invalid("has malformed permutation commitments"))?;
        let g1 = parse_g1(&descriptor.g1).ok_or_else(|| invalid("has a malformed g1"))?;
        let g2 = parse_g2(&descriptor.g2).ok_or_else(|| invalid("has a malformed g2"))?;
        let s_g2 = parse_g2(&descriptor.s_g2).ok_or_else(|| invalid("has a malformed sG2"))?;
        let domain = EvaluationDomain::<Fr>::new(ir.degree as u32, ir.k);
        let (cs, _) = cs.directly_convert_selectors_to_fixed(Vec::new());
        let vk = VerifyingKey::from_parts(
            domain,
            fixed,
            permutation::VerifyingKey::from_commitments(sigma),
            cs,
            Vec::new(),
            false,
        );
        // A verifier needs three points only; the sizes follow from k.
        let srs =
            Srs::setup(0, rand::rngs::OsRng).from_parts(ir.k, vec![g1], Some(Vec::new()), g2, s_g2);
        let mut expected = describe(ir, &srs, &vk);
        // A string that is not known here may go by any name, but not as a secure one.
        if expected.srs.name == UNRECOGNISED && descriptor.srs.insecure {
            expected.srs = descriptor.srs.clone();
        }
        if expected != *descriptor {
            return Err(invalid("does not belong to this circuit"));
        }
        check_queried_columns(&vk)?;
        Ok((srs, vk))
    })
}
