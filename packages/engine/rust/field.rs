//! Scalars of BN254 as decimal text, little-endian words and small integers.

use ff::{Field, PrimeField};
use halo2curves_axiom::bn256::Fr;
use serde::Deserialize;

/// Strict decimal text of a canonical scalar: digits only, below the field's order.
pub fn parse_decimal(text: &str) -> Option<Fr> {
    if text.is_empty() || text.len() > 77 {
        return None;
    }
    let mut limbs = [0u64; 4];
    for digit in text.bytes() {
        if !digit.is_ascii_digit() {
            return None;
        }
        let mut carry = u128::from(digit - b'0');
        for limb in &mut limbs {
            let next = u128::from(*limb) * 10 + carry;
            *limb = next as u64;
            carry = next >> 64;
        }
        if carry != 0 {
            return None;
        }
    }
    let mut bytes = [0u8; 32];
    for (chunk, limb) in bytes.chunks_exact_mut(8).zip(limbs) {
        chunk.copy_from_slice(&limb.to_le_bytes());
    }
    from_le(&bytes)
}

/// A canonical scalar from its 32 little-endian bytes.
pub fn from_le(bytes: &[u8; 32]) -> Option<Fr> {
    Fr::from_repr(*bytes).into()
}

pub fn from_i32(value: i32) -> Fr {
    let magnitude = Fr::from(u64::from(value.unsigned_abs()));
    if value < 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// Takes the first `N` bytes.
fn first<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (chunk, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*chunk)
}

/// A column's values as they cross a border.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ColumnData {
    /// Small integers; a negative one means the field negative.
    Ints(Vec<i32>),
    /// Canonical elements as packed little-endian 32-byte words.
    #[serde(skip)]
    Packed(Vec<u8>),
    /// Canonical elements as decimal text, for files.
    Decimals(Vec<String>),
}

impl ColumnData {
    /// The scalars, or a sentence that says what is wrong with them.
    pub fn decode(&self) -> Result<Vec<Fr>, String> {
        match self {
            Self::Ints(values) => Ok(values.iter().map(|v| from_i32(*v)).collect()),
            Self::Packed(bytes) => {
                let (words, rest) = bytes.as_chunks::<32>();
                if !rest.is_empty() {
                    return Err(format!(
                        "has {} bytes, which is no multiple of 32",
                        bytes.len()
                    ));
                }
                words
                    .iter()
                    .enumerate()
                    .map(|(row, word)| {
                        from_le(word)
                            .ok_or_else(|| format!("holds a value beyond the field in row {row}"))
                    })
                    .collect()
            }
            Self::Decimals(values) => values
                .iter()
                .enumerate()
                .map(|(row, text)| {
                    parse_decimal(text)
                        .ok_or_else(|| format!("holds no canonical scalar in row {row}"))
                })
                .collect(),
        }
    }

    /// A tag, the number of bytes that follow, and the bytes; little-endian. Decimal text is packed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (tag, content): (u32, Vec<u8>) = match self {
            Self::Ints(values) => (0, values.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Self::Packed(bytes) => (1, bytes.clone()),
            Self::Decimals(values) => (
                1,
                values
                    .iter()
                    .filter_map(|text| parse_decimal(text))
                    .flat_map(|v| v.to_repr())
                    .collect(),
            ),
        };
        [
            &tag.to_le_bytes()[..],
            &(content.len() as u64).to_le_bytes(),
            &content,
        ]
        .concat()
    }

    /// Takes what [`ColumnData::to_bytes`] wrote from the front.
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let tag = u32::from_le_bytes(first(bytes)?);
        let length = usize::try_from(u64::from_le_bytes(first(bytes)?)).ok()?;
        let content = bytes.split_off(..length)?;
        match tag {
            0 => Some(Self::Ints(
                content
                    .as_chunks()
                    .0
                    .iter()
                    .map(|v| i32::from_le_bytes(*v))
                    .collect(),
            )),
            1 => Some(Self::Packed(content.to_vec())),
            _ => None,
        }
    }

    /// The scalars, padded with zeros to `rows`.
    pub fn decode_padded(&self, rows: usize) -> Result<Vec<Fr>, String> {
        let mut values = self.decode()?;
        if values.len() > rows {
            return Err(format!(
                "has {} rows, but only {rows} are usable",
                values.len()
            ));
        }
        values.resize(rows, Fr::ZERO);
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_canonical() {
        let order = "21888242871839275222246405745257275088548364400416034343698204186575808495617";
        let below = "21888242871839275222246405745257275088548364400416034343698204186575808495616";
        assert_eq!(parse_decimal("0"), Some(Fr::ZERO));
        assert_eq!(parse_decimal(below), Some(-Fr::ONE));
        assert_eq!(parse_decimal(order), None);
        assert_eq!(parse_decimal(""), None);
        assert_eq!(parse_decimal("-1"), None);
        assert_eq!(parse_decimal(&"9".repeat(77)), None);
        assert_eq!(parse_decimal(&"9".repeat(78)), None);
    }

    #[test]
    fn negative_integers_are_field_negatives() {
        assert_eq!(from_i32(-1) + Fr::ONE, Fr::ZERO);
        assert_eq!(from_i32(i32::MIN) + Fr::from(1u64 << 31), Fr::ZERO);
    }
}
