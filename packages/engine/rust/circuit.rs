//! The halo2 circuit that a decoded IR stands for.

use std::sync::Arc;

use halo2_axiom::circuit::{Cell, Layouter, Region, SimpleFloorPlanner, Value};
use halo2_axiom::plonk::{
    Advice, Any, Challenge, Circuit, Column, ConstraintSystem, Error, Expression, FirstPhase,
    Fixed, Instance, SecondPhase, VirtualCells,
};
use halo2_axiom::poly::Rotation;
use halo2curves_axiom::bn256::Fr;

use crate::definitions;
use crate::error::{EngineError, ErrorKind, Result};
use crate::ir::{ColumnKind, Ir, Node};
use crate::progress::Progress;

/// The proof system asks for a default; it is never used.
#[derive(Clone, Default)]
pub struct IrParams(pub Option<Arc<Ir>>);

#[derive(Clone)]
pub struct Config {
    fixed: Vec<Column<Fixed>>,
    advice: Vec<Column<Advice>>,
    instances: Vec<Column<Instance>>,
    challenges: Vec<Challenge>,
}

impl Config {
    fn any(&self, (kind, index): (ColumnKind, usize)) -> Column<Any> {
        match kind {
            ColumnKind::Fixed => self.fixed[index].into(),
            ColumnKind::Advice => self.advice[index].into(),
            ColumnKind::Instance => self.instances[index].into(),
        }
    }
}

/// Phase-0 advice columns and instances, decoded; the advice columns all have `usable` rows.
pub struct Assignment<'a> {
    pub advice: Vec<Vec<Fr>>,
    pub instances: Vec<Vec<Fr>>,
    pub usable: usize,
    pub progress: &'a Progress,
}

pub struct IrCircuit<'a> {
    pub ir: Arc<Ir>,
    pub fixed: &'a [&'a [Fr]],
    /// Absent while keys are generated.
    pub assignment: Option<&'a Assignment<'a>>,
}

/// The constraint system of a circuit, checked against what the circuit declares.
pub fn constraint_system(ir: &Arc<Ir>) -> Result<ConstraintSystem<Fr>> {
    let mut cs = ConstraintSystem::default();
    IrCircuit::configure_with_params(&mut cs, IrParams(Some(ir.clone())));
    if cs.degree() != ir.degree {
        return Err(EngineError::new(
            ErrorKind::IrDegree,
            format!(
                "Expected degree {}, but the constraint system has degree {}.",
                ir.degree,
                cs.degree()
            ),
        ));
    }
    if (1usize << ir.k) < cs.minimum_rows() {
        return Err(EngineError::new(
            ErrorKind::IrInvalid,
            format!(
                "Expected at least {} rows, but k is {}.",
                cs.minimum_rows(),
                ir.k
            ),
        ));
    }
    ir.check_rows(usable_rows(ir, &cs))?;
    Ok(cs)
}

/// Rows that are free for values: the rest hold random ones that hide the witness.
pub fn usable_rows(ir: &Ir, cs: &ConstraintSystem<Fr>) -> usize {
    (1usize << ir.k) - cs.blinding_factors() - 1
}

/// Builds the tree of one gate. `Product` and `Sum` are made by hand: the operators search both operands for
/// selectors each time, which is quadratic and pointless here.
fn expression(
    ir: &Ir,
    root: usize,
    config: &Config,
    cells: &mut VirtualCells<'_, Fr>,
) -> Expression<Fr> {
    let marked = ir.reachable(&[root]);
    let mut uses = vec![0usize; root + 1];
    for position in (0..=root).filter(|i| marked[*i]) {
        for child in ir.nodes[position].children() {
            uses[child] += 1;
        }
    }
    let mut built: Vec<Option<Expression<Fr>>> = vec![None; root + 1];
    for position in (0..=root).filter(|i| marked[*i]) {
        // The last use takes the subtree, the ones before copy it.
        let mut take = |child: usize| {
            uses[child] -= 1;
            let tree = if uses[child] == 0 {
                built[child].take()
            } else {
                built[child].clone()
            };
            Box::new(tree.expect("children precede parents"))
        };
        let tree = match &ir.nodes[position] {
            Node::Const(value) => Expression::Constant(*value),
            Node::Challenge(i) => cells.query_challenge(config.challenges[*i]),
            Node::Cell(ColumnKind::Fixed, i, r) => {
                cells.query_fixed(config.fixed[*i], Rotation(*r))
            }
            Node::Cell(ColumnKind::Advice, i, r) => {
                cells.query_advice(config.advice[*i], Rotation(*r))
            }
            Node::Cell(ColumnKind::Instance, i, r) => {
                cells.query_instance(config.instances[*i], Rotation(*r))
            }
            Node::Neg(a) => Expression::Negated(take(*a)),
            Node::Add(a, b) => Expression::Sum(take(*a), take(*b)),
            Node::Mul(a, b) => Expression::Product(take(*a), take(*b)),
        };
        built[position] = Some(tree);
    }
    built[root].take().expect("the root is reachable")
}

impl Circuit<Fr> for IrCircuit<'_> {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = IrParams;

    fn params(&self) -> IrParams {
        IrParams(Some(self.ir.clone()))
    }

    fn without_witnesses(&self) -> Self {
        Self {
            ir: self.ir.clone(),
            fixed: self.fixed,
            assignment: None,
        }
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("the circuit is only known through its parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, params: IrParams) -> Config {
        let ir = params.0.expect("the circuit is given");
        let config = Config {
            fixed: (0..ir.fixed).map(|_| meta.fixed_column()).collect(),
            advice: (0..ir.advice)
                .map(|i| {
                    if i < ir.phase0 {
                        meta.advice_column_in(FirstPhase)
                    } else {
                        meta.advice_column_in(SecondPhase)
                    }
                })
                .collect(),
            instances: ir
                .instances
                .iter()
                .map(|_| meta.instance_column())
                .collect(),
            challenges: (0..ir.challenges)
                .map(|_| meta.challenge_usable_after(FirstPhase))
                .collect(),
        };
        for column in &ir.equality {
            meta.enable_equality(config.any(*column));
        }
        for gate in &ir.gates {
            meta.create_gate(&gate.id, |cells| {
                vec![expression(&ir, gate.poly, &config, cells)]
            });
        }
        // Without it the proof system caps the degree at the value of an environment variable.
        meta.set_minimum_degree(ir.degree);
        config
    }

    fn synthesize(
        &self,
        config: Config,
        mut layouter: impl Layouter<Fr>,
    ) -> std::result::Result<(), Error> {
        layouter.assign_region(
            || "circuit",
            |mut region| {
                match self.assignment {
                    // The prover ignores fixed values and copies, key generation the witness.
                    None => self.assign_shape(&config, &mut region),
                    Some(assignment) => self.assign_witness(assignment, &config, &mut region),
                }
                Ok(())
            },
        )
    }
}

impl IrCircuit<'_> {
    fn assign_shape(&self, config: &Config, region: &mut Region<'_, Fr>) {
        for (column, values) in config.fixed.iter().zip(self.fixed) {
            for (row, value) in values.iter().enumerate() {
                region.assign_fixed(*column, row, *value);
            }
        }
        for [i, row_i, j, row_j] in &self.ir.copies {
            let cell = |position: usize, row: usize| Cell {
                row_offset: row,
                column: config.any(self.ir.equality[position]),
            };
            region.constrain_equal(cell(*i, *row_i), cell(*j, *row_j));
        }
    }

    fn assign_witness(
        &self,
        assignment: &Assignment<'_>,
        config: &Config,
        region: &mut Region<'_, Fr>,
    ) {
        assign(region, &config.advice, &assignment.advice);
        if self.ir.definitions.is_empty() {
            return;
        }
        // Commits phase 0 and draws the challenges.
        region.next_phase();
        assignment.progress.enter("definitions");
        let challenges: Vec<Fr> = config
            .challenges
            .iter()
            .map(|challenge| {
                let mut value = None;
                region.get_challenge(*challenge).map(|v| value = Some(v));
                value.expect("challenges are drawn after phase 0")
            })
            .collect();
        let columns = definitions::complete(
            &self.ir,
            self.fixed,
            &assignment.advice,
            &assignment.instances,
            &challenges,
            assignment.usable,
        )
        .unwrap_or_else(|error| error.unwind());
        let phase0 = self.ir.phase0;
        assign(region, &config.advice[phase0..], &columns[phase0..]);
        assignment.progress.enter("commit");
    }
}

fn assign(region: &mut Region<'_, Fr>, columns: &[Column<Advice>], values: &[Vec<Fr>]) {
    for (column, values) in columns.iter().zip(values) {
        for (row, value) in values.iter().enumerate() {
            region.assign_advice(*column, row, Value::known(*value));
        }
    }
}
