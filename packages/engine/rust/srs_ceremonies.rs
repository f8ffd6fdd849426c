//! Ceremonies that are known by name: the power `s` on G2 that each left behind. Whoever took part can recompute it;
//! everybody else can compare it with verifiers that are deployed.
//!
//! Sources: `perpetual-powers-of-tau-0071` is the setup of ezkl, of the PSE and Scroll zkEVMs and of halo2-kzg-srs,
//! `perpetual-powers-of-tau-0085` that of Axiom's `challenge_0085`. Both stand in many published verifiers, as
//! themselves or negated; the values here were compared between several of them.

type Words = [String; 2];

/// `x` and `y` of `s * G2`, each `[c0, c1]`.
struct Ceremony {
    name: &'static str,
    s_g2: [[&'static str; 2]; 2],
}

const CEREMONIES: [Ceremony; 2] = [
    Ceremony {
        name: "perpetual-powers-of-tau-0071",
        s_g2: [
            [
                "0x17944351223333f260ddc3b4af45191b856689eda9eab5cbcddbbe570ce860d2",
                "0x186282957db913abd99f91db59fe69922e95040603ef44c0bd7aa3adeef8f5ac",
            ],
            [
                "0x297772d34bc9aa8ae56162486363ffe417b02dc7e8c207fc2cc20203e67a02ad",
                "0x298adc7396bd3865cbf6d6df91bae406694e6d2215baa893bdeadb63052895f4",
            ],
        ],
    },
    Ceremony {
        name: "perpetual-powers-of-tau-0085",
        s_g2: [
            [
                "0x2ae0c8c3a090f7200ff398ee9845bbae8f8c1445ae7b632212775f60a0e21600",
                "0x172aa93c41f16e1e04d62ac976a5d945f4be0acab990c6dc19ac4a7cf68bf77b",
            ],
            [
                "0x1459fe6cc8a1222fd4290864ff9e47d4b8cf7a403593c7107c39538ddefd857e",
                "0x1754a9fc3b7e4da9197c283c7401773208190c5555caf254e644e99c29366704",
            ],
        ],
    },
];

/// The ceremony that left this power, given as `0x` and 64 lower-case hexadecimal digits.
pub fn recognise(s_g2: &[Words; 2]) -> Option<&'static str> {
    CEREMONIES
        .iter()
        .find(|ceremony| ceremony.s_g2 == *s_g2)
        .map(|ceremony| ceremony.name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use group::cofactor::CofactorGroup;
    use group::prime::PrimeCurveAffine;

    use super::*;
    use crate::descriptor::parse_g2;

    #[test]
    fn every_pinned_power_is_a_point_of_the_group_and_has_one_name() {
        for ceremony in &CEREMONIES {
            let words = ceremony.s_g2.map(|pair| pair.map(str::to_owned));
            let point = parse_g2(&words).unwrap();
            assert!(bool::from(point.to_curve().is_torsion_free()));
            assert_eq!(recognise(&words), Some(ceremony.name));
        }
    }
}
