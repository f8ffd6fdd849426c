//! The proof system's own key generation and prover for a circuit, to compare with.

use halo2_axiom::circuit::{Cell, Layouter, SimpleFloorPlanner, Value};
use halo2_axiom::plonk::{Circuit, ConstraintSystem, Error};
use halo2curves_axiom::bn256::Fr;
use pentimento_engine::circuit::{configure, Config};
use pentimento_engine::ir::Ir;
use std::sync::Arc;

#[derive(Clone, Default)]
pub struct Shape(pub Option<Arc<Ir>>);

/// Phase-0 columns only: a circuit with later ones needs the challenges.
#[derive(Clone)]
pub struct Stock {
    pub ir: Arc<Ir>,
    pub fixed: Vec<Vec<Fr>>,
    pub advice: Vec<Vec<Fr>>,
}

impl Circuit<Fr> for Stock {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn params(&self) -> Shape {
        Shape(Some(self.ir.clone()))
    }

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("the circuit is only known through its parameters")
    }

    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, shape: Shape) -> Config {
        configure(cs, &shape.0.expect("the circuit is given"))
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "circuit",
            |mut region| {
                for (column, values) in config.fixed.iter().zip(&self.fixed) {
                    for (row, value) in values.iter().enumerate() {
                        region.assign_fixed(*column, row, *value);
                    }
                }
                for (column, values) in config.advice.iter().zip(&self.advice) {
                    for (row, value) in values.iter().enumerate() {
                        region.assign_advice(*column, row, Value::known(*value));
                    }
                }
                for [i, row_i, j, row_j] in &self.ir.copies {
                    let cell = |position: usize, row: usize| Cell {
                        row_offset: row,
                        column: config.any(self.ir.equality[position]),
                    };
                    region.constrain_equal(cell(*i, *row_i), cell(*j, *row_j));
                }
                Ok(())
            },
        )
    }
}
