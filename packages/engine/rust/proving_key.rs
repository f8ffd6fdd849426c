//! What proving needs beside the circuit: polynomials of the fixed and permutation columns, the points of the SRS, tables of the
//! domain and the constraints as a program. All of it follows from circuit, fixed columns and SRS and is computed when a key
//! is opened, which takes less time than reading it would.

use std::sync::Arc;

use halo2_axiom::plonk::VerifyingKey;
use halo2_axiom::poly::commitment::ParamsProver;
use halo2_axiom::SerdeFormat;
use halo2curves_axiom::bn256::{Fr, G1Affine};
use halo2curves_axiom::serde::SerdeObject;

use crate::create::{coefficients, create, Witness};
use crate::domain::Domain;
use crate::error::{EngineError, ErrorKind, Result};
use crate::field::ColumnData;
use crate::ir::Ir;
use crate::msm::Bases;
use crate::permutation::sigma_columns;
use crate::progress::Progress;
use crate::quotient::Quotient;
use crate::srs::Srs;

pub struct ProvingKey {
    pub ir: Arc<Ir>,
    pub vk: VerifyingKey<G1Affine>,
    /// Rows that hold values; the rest hide them.
    pub usable: usize,
    /// As given: most hold small integers, and their values are needed only while a proof's last columns are computed.
    columns: Vec<ColumnData>,
    /// Coefficients of the fixed columns, then values and coefficients of the permutation's.
    pub fixed: Vec<Vec<Fr>>,
    pub sigma_values: Vec<Vec<Fr>>,
    pub sigma: Vec<Vec<Fr>>,
    pub quotient: Quotient,
    pub monomial: Bases,
    pub lagrange: Bases,
    machine: Machine,
}

/// The form of the field arithmetic that this machine takes.
enum Machine {
    Single(Domain<Fr>),
    #[cfg(target_arch = "x86_64")]
    Vector(Domain<crate::lanes::Ifma<Fr>>),
}

/// The same expression over the domain of either form.
macro_rules! on_machine {
    ($machine:expr, $domain:ident => $body:expr) => {
        match $machine {
            Machine::Single($domain) => $body,
            #[cfg(target_arch = "x86_64")]
            Machine::Vector($domain) => $body,
        }
    };
}

impl Machine {
    fn of(k: u32) -> Self {
        #[cfg(target_arch = "x86_64")]
        if crate::lanes::vectorised() && k >= 6 {
            return Self::Vector(Domain::new(k));
        }
        Self::Single(Domain::new(k))
    }
}

impl ProvingKey {
    pub fn new(
        ir: Arc<Ir>,
        vk: VerifyingKey<G1Affine>,
        usable: usize,
        columns: Vec<ColumnData>,
        srs: &Srs,
    ) -> Result<Self> {
        let machine = Machine::of(ir.k);
        let omega = vk.get_domain().get_omega();
        let values = fixed_values(&columns, usable)?;
        let sigma_values = sigma_columns(&ir, omega);
        let fixed = on_machine!(&machine, domain => coefficients(domain, values));
        let sigma = on_machine!(&machine, domain => coefficients(domain, sigma_values.clone()));
        let [monomial, lagrange] = bases(srs)?;
        Ok(Self {
            quotient: Quotient::new(&ir, usable),
            ir,
            vk,
            usable,
            columns,
            fixed,
            sigma_values,
            sigma,
            monomial,
            lagrange,
            machine,
        })
    }

    /// A proof of whatever the witness is.
    pub fn prove(
        &self,
        advice: &[Vec<Fr>],
        instances: &[Vec<Fr>],
        progress: &Progress,
    ) -> Result<Vec<u8>> {
        let witness = Witness { advice, instances };
        on_machine!(&self.machine, domain => create(self, domain, &witness, progress))
    }

    /// Values of the fixed columns on the usable rows.
    pub fn fixed_values(&self) -> Result<Vec<Vec<Fr>>> {
        fixed_values(&self.columns, self.usable)
    }

    pub fn fixed_column(&self, index: usize) -> Result<Vec<Fr>> {
        Ok(fixed_values(&self.columns[index..=index], self.usable)?.remove(0))
    }
}

pub fn fixed_values(columns: &[ColumnData], usable: usize) -> Result<Vec<Vec<Fr>>> {
    let column = |(i, column): (usize, &ColumnData)| {
        column.decode_padded(usable).map_err(|what| {
            EngineError::new(ErrorKind::FixedInvalid, format!("Fixed column {i} {what}."))
        })
    };
    columns.iter().enumerate().map(column).collect()
}

/// The points that coefficients and values are committed with. The curve library shows the latter only in its file format.
pub fn bases(srs: &Srs) -> Result<[Bases; 2]> {
    let mut bytes = Vec::new();
    srs.write_custom(&mut bytes, SerdeFormat::RawBytesUnchecked)
        .map_err(|e| {
            EngineError::new(
                ErrorKind::Internal,
                format!("Could not encode the SRS: {e}."),
            )
        })?;
    let (mut rest, n) = (&bytes[4..], srs.get_g().len());
    Ok(std::array::from_fn(|_| {
        Bases::new(
            (0..n)
                .map(|_| G1Affine::read_raw_unchecked(&mut rest))
                .collect(),
        )
    }))
}
