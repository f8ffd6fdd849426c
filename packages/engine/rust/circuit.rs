//! The constraint system of the proof system that a decoded IR stands for.

use std::sync::Arc;

use halo2_axiom::plonk::{
    Advice, Any, Challenge, Column, ConstraintSystem, Expression, FirstPhase, Fixed, Instance,
    SecondPhase, VirtualCells,
};
use halo2_axiom::poly::Rotation;
use halo2curves_axiom::bn256::Fr;

use crate::error::{EngineError, ErrorKind, Result};
use crate::ir::{ColumnKind, Ir, Node};

/// The proof system's names of the columns and challenges.
#[derive(Clone)]
pub struct Config {
    pub fixed: Vec<Column<Fixed>>,
    pub advice: Vec<Column<Advice>>,
    pub instances: Vec<Column<Instance>>,
    pub challenges: Vec<Challenge>,
}

impl Config {
    pub fn any(&self, (kind, index): (ColumnKind, usize)) -> Column<Any> {
        match kind {
            ColumnKind::Fixed => self.fixed[index].into(),
            ColumnKind::Advice => self.advice[index].into(),
            ColumnKind::Instance => self.instances[index].into(),
        }
    }
}

/// The constraint system of a circuit, checked against what the circuit declares.
pub fn constraint_system(ir: &Arc<Ir>) -> Result<ConstraintSystem<Fr>> {
    let mut cs = ConstraintSystem::default();
    configure(&mut cs, ir);
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

/// Declares columns, challenges and gates in the order of the IR.
pub fn configure(cs: &mut ConstraintSystem<Fr>, ir: &Ir) -> Config {
    let config = Config {
        fixed: (0..ir.fixed).map(|_| cs.fixed_column()).collect(),
        advice: (0..ir.advice)
            .map(|i| {
                if i < ir.phase0 {
                    cs.advice_column_in(FirstPhase)
                } else {
                    cs.advice_column_in(SecondPhase)
                }
            })
            .collect(),
        instances: ir.instances.iter().map(|_| cs.instance_column()).collect(),
        challenges: (0..ir.challenges)
            .map(|_| cs.challenge_usable_after(FirstPhase))
            .collect(),
    };
    for column in &ir.equality {
        cs.enable_equality(config.any(*column));
    }
    for gate in &ir.gates {
        cs.create_gate(&gate.id, |cells| {
            vec![expression(ir, gate.poly, &config, cells)]
        });
    }
    // Without it the proof system caps the degree at the value of an environment variable.
    cs.set_minimum_degree(ir.degree);
    config
}
