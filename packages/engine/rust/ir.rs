//! The serialised circuit, decoded and checked. Whatever passes here cannot make the proof system panic.

use std::collections::HashSet;

use ff::Field;
use halo2curves_axiom::bn256::Fr;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{EngineError, ErrorKind, Result};
use crate::field::parse_decimal;

/// Largest supported circuit: 2^24 rows.
const MAX_K: u32 = 24;
/// The proof system copies shared nodes into trees and walks them recursively: both sizes are bounded.
const MAX_TREE: u64 = 1 << 22;
const MAX_DEPTH: u32 = 4096;
const MAX_DEGREE: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Fixed,
    Advice,
    Instance,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Const(Fr),
    Cell(ColumnKind, usize, i32),
    Challenge(usize),
    Neg(usize),
    Add(usize, usize),
    Mul(usize, usize),
}

impl Node {
    pub fn children(&self) -> impl Iterator<Item = usize> {
        let (a, b) = match *self {
            Node::Neg(a) => (Some(a), None),
            Node::Add(a, b) | Node::Mul(a, b) => (Some(a), Some(b)),
            Node::Const(_) | Node::Cell(..) | Node::Challenge(_) => (None, None),
        };
        a.into_iter().chain(b)
    }
}

#[derive(Clone, Debug)]
pub enum Source {
    Const(Fr),
    Cell { column: usize, row: usize },
}

#[derive(Clone, Debug)]
pub enum Definition {
    Recurrence {
        column: usize,
        active: usize,
        mul: usize,
        add: usize,
        /// In ascending order of rows.
        loads: Vec<(usize, Source)>,
    },
    Fraction {
        column: usize,
        terms: Vec<(usize, usize)>,
    },
    Map {
        column: usize,
        expr: usize,
    },
}

impl Definition {
    pub fn column(&self) -> usize {
        match self {
            Self::Recurrence { column, .. }
            | Self::Fraction { column, .. }
            | Self::Map { column, .. } => *column,
        }
    }

    /// The expressions that its values are computed from.
    pub fn roots(&self) -> Vec<usize> {
        match self {
            Self::Recurrence {
                active, mul, add, ..
            } => vec![*active, *mul, *add],
            Self::Fraction { terms, .. } => terms.iter().flat_map(|(n, d)| [*n, *d]).collect(),
            Self::Map { expr, .. } => vec![*expr],
        }
    }
}

#[derive(Clone, Debug)]
pub struct Gate {
    pub id: String,
    pub poly: usize,
}

#[derive(Clone, Debug)]
pub struct Ir {
    pub k: u32,
    pub degree: usize,
    pub fixed: usize,
    /// Number of advice columns of phase 0; those of phase 1 follow.
    pub phase0: usize,
    pub advice: usize,
    /// Rows of each instance column.
    pub instances: Vec<usize>,
    pub challenges: usize,
    pub nodes: Vec<Node>,
    pub gates: Vec<Gate>,
    pub equality: Vec<(ColumnKind, usize)>,
    pub copies: Vec<[usize; 4]>,
    pub definitions: Vec<Definition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIr {
    format: String,
    version: u32,
    k: u32,
    degree: usize,
    fixed: Vec<String>,
    advice: Vec<RawAdvice>,
    instances: Vec<RawInstance>,
    challenges: Vec<String>,
    nodes: Vec<Vec<Value>>,
    gates: Vec<RawGate>,
    equality: Vec<(String, usize)>,
    copies: Vec<[usize; 4]>,
    definitions: Vec<RawDefinition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAdvice {
    #[serde(rename = "name")]
    _name: String,
    phase: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInstance {
    #[serde(rename = "name")]
    _name: String,
    rows: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGate {
    id: String,
    poly: usize,
}

#[derive(Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "lowercase",
    rename_all_fields = "lowercase",
    deny_unknown_fields
)]
enum RawDefinition {
    Recurrence {
        column: usize,
        active: usize,
        mul: usize,
        add: usize,
        loads: Vec<(usize, Value, Value)>,
    },
    Fraction {
        column: usize,
        terms: Vec<(usize, usize)>,
    },
    Map {
        column: usize,
        expr: usize,
    },
}

fn bad<T>(message: impl Into<String>) -> Result<T> {
    Err(EngineError::new(ErrorKind::IrInvalid, message))
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<()> {
    if condition {
        Ok(())
    } else {
        bad(message())
    }
}

impl Ir {
    /// Decodes and checks everything that can be checked without the number of usable rows.
    pub fn parse(json: &str) -> Result<Self> {
        let raw: RawIr = serde_json::from_str(json).map_err(|e| {
            EngineError::new(
                ErrorKind::IrInvalid,
                format!("Expected a circuit in the IR format: {e}."),
            )
        })?;
        ensure(raw.format == "pentimento-ir" && raw.version == 1, || {
            format!(
                "Expected pentimento-ir version 1, got {} version {}.",
                raw.format, raw.version
            )
        })?;
        ensure((3..=MAX_K).contains(&raw.k), || {
            format!("Expected k in 3..={MAX_K}, got {}.", raw.k)
        })?;
        ensure(!raw.advice.is_empty(), || {
            "Expected at least one advice column.".into()
        })?;
        let phase0 = raw.advice.iter().take_while(|a| a.phase == 0).count();
        ensure(raw.advice[phase0..].iter().all(|a| a.phase == 1), || {
            "Expected the advice columns of phase 0, then those of phase 1, and no other phase."
                .into()
        })?;
        ensure(phase0 > 0, || {
            "Expected at least one advice column of phase 0.".into()
        })?;
        let mut ir = Ir {
            k: raw.k,
            degree: raw.degree,
            fixed: raw.fixed.len(),
            phase0,
            advice: raw.advice.len(),
            instances: raw.instances.iter().map(|i| i.rows).collect(),
            challenges: raw.challenges.len(),
            nodes: Vec::with_capacity(raw.nodes.len()),
            gates: Vec::new(),
            equality: Vec::new(),
            copies: raw.copies,
            definitions: Vec::new(),
        };
        for (position, node) in raw.nodes.iter().enumerate() {
            let node = ir.node(node).ok_or_else(|| {
                EngineError::new(ErrorKind::IrInvalid, format!("Node {position} is malformed, refers to a column that does not exist or to a later node."))
            })?;
            ir.nodes.push(node);
        }
        for gate in raw.gates {
            ensure(gate.poly < ir.nodes.len(), || {
                format!("Gate {} refers to a node that does not exist.", gate.id)
            })?;
            ir.gates.push(Gate {
                id: gate.id,
                poly: gate.poly,
            });
        }
        ir.check_sizes()?;
        ir.check_degree()?;
        let mut seen = HashSet::new();
        for (kind, column) in &raw.equality {
            let kind = column_kind(kind).filter(|k| *column < ir.columns(*k));
            let Some(kind) = kind else {
                return bad("An equality column does not exist.");
            };
            ensure(seen.insert((kind as u8, *column)), || {
                "An equality column is listed twice.".into()
            })?;
            ir.equality.push((kind, *column));
        }
        for copy in &ir.copies {
            ensure(
                copy[0] < ir.equality.len() && copy[2] < ir.equality.len(),
                || "A copy refers to no equality column.".into(),
            )?;
        }
        for definition in raw.definitions {
            let definition = ir.definition(definition)?;
            ir.definitions.push(definition);
        }
        ensure(ir.definitions.len() == ir.advice - ir.phase0, || {
            "Expected exactly one definition for every phase-1 column.".into()
        })?;
        Ok(ir)
    }

    /// The checks that need the number of usable rows, which follows from the constraint system.
    pub fn check_rows(&self, usable: usize) -> Result<()> {
        ensure(self.instances.iter().all(|rows| *rows <= usable), || {
            format!("An instance column has more than the {usable} usable rows.")
        })?;
        ensure(
            self.copies.iter().all(|c| c[1] < usable && c[3] < usable),
            || format!("A copy lies outside the {usable} usable rows."),
        )?;
        for definition in &self.definitions {
            if let Definition::Recurrence { loads, .. } = definition {
                let inside = loads.iter().all(|(row, source)| {
                    *row < usable
                        && match source {
                            Source::Const(_) => true,
                            Source::Cell { row, .. } => *row < usable,
                        }
                });
                ensure(inside, || {
                    format!("A load lies outside the {usable} usable rows.")
                })?;
            }
        }
        Ok(())
    }

    fn columns(&self, kind: ColumnKind) -> usize {
        match kind {
            ColumnKind::Fixed => self.fixed,
            ColumnKind::Advice => self.advice,
            ColumnKind::Instance => self.instances.len(),
        }
    }

    fn node(&self, raw: &[Value]) -> Option<Node> {
        let (tag, args) = raw.split_first()?;
        let child = |i: usize| {
            args.get(i)
                .and_then(Value::as_u64)
                .map(|n| n as usize)
                .filter(|n| *n < self.nodes.len())
        };
        let tag = tag.as_str()?;
        let (node, arity) = match tag {
            "const" => (Node::Const(parse_decimal(args.first()?.as_str()?)?), 1),
            "challenge" => {
                let index = args.first()?.as_u64()? as usize;
                (
                    Node::Challenge(Some(index).filter(|i| *i < self.challenges)?),
                    1,
                )
            }
            "neg" => (Node::Neg(child(0)?), 1),
            "add" => (Node::Add(child(0)?, child(1)?), 2),
            "mul" => (Node::Mul(child(0)?, child(1)?), 2),
            _ => {
                let kind = column_kind(tag)?;
                let column = args.first()?.as_u64()? as usize;
                let rotation = i32::try_from(args.get(1)?.as_i64()?).ok()?;
                if column >= self.columns(kind) || rotation.unsigned_abs() >= 1 << self.k {
                    return None;
                }
                (Node::Cell(kind, column, rotation), 2)
            }
        };
        (args.len() == arity).then_some(node)
    }

    fn check_sizes(&self) -> Result<()> {
        let mut sizes: Vec<(u64, u32)> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let (size, depth) = node.children().fold((1u64, 0u32), |(size, depth), child| {
                let (s, d) = sizes[child];
                (size.saturating_add(s), depth.max(d))
            });
            sizes.push((size, depth + 1));
        }
        let mut total = 0u64;
        for gate in &self.gates {
            let (size, depth) = sizes[gate.poly];
            total = total.saturating_add(size);
            ensure(depth <= MAX_DEPTH, || {
                format!(
                    "Gate {} nests {depth} deep, at most {MAX_DEPTH} is supported.",
                    gate.id
                )
            })?;
        }
        ensure(total <= MAX_TREE, || {
            format!("The gates expand to {total} nodes, at most {MAX_TREE} are supported.")
        })
    }

    fn check_degree(&self) -> Result<()> {
        let mut degrees: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            degrees.push(match *node {
                Node::Const(_) | Node::Challenge(_) => 0,
                Node::Cell(..) => 1,
                Node::Neg(a) => degrees[a],
                Node::Add(a, b) => degrees[a].max(degrees[b]),
                Node::Mul(a, b) => degrees[a].saturating_add(degrees[b]),
            });
        }
        // The proof system never works below degree 3; a smaller circuit would commit to zero pieces.
        let gates = self.gates.iter().map(|g| degrees[g.poly]).max();
        let actual = gates.unwrap_or(0).max(3);
        if actual != self.degree || self.degree > MAX_DEGREE {
            return Err(EngineError::new(
                ErrorKind::IrDegree,
                format!(
                    "Expected the declared degree to be {actual} (at most {MAX_DEGREE}), got {}.",
                    self.degree
                ),
            ));
        }
        Ok(())
    }

    /// Marks every node that `roots` depend on.
    pub fn reachable(&self, roots: &[usize]) -> Vec<bool> {
        let mut marked = vec![false; self.nodes.len()];
        for root in roots {
            marked[*root] = true;
        }
        for position in (0..self.nodes.len()).rev() {
            if marked[position] {
                for child in self.nodes[position].children() {
                    marked[child] = true;
                }
            }
        }
        marked
    }

    fn definition(&self, raw: RawDefinition) -> Result<Definition> {
        let definition = match raw {
            RawDefinition::Recurrence {
                column,
                active,
                mul,
                add,
                loads,
            } => {
                let mut decoded = Vec::with_capacity(loads.len());
                for (row, source, value) in loads {
                    let Some(source) = self.load(column, row, &source, &value) else {
                        return bad(format!("The load at row {row} of advice column {column} is malformed or reads a cell that is not known yet."));
                    };
                    decoded.push((row, source));
                }
                decoded.sort_by_key(|(row, _)| *row);
                ensure(decoded.windows(2).all(|w| w[0].0 < w[1].0), || {
                    format!("Advice column {column} has two loads at one row.")
                })?;
                Definition::Recurrence {
                    column,
                    active,
                    mul,
                    add,
                    loads: decoded,
                }
            }
            RawDefinition::Fraction { column, terms } => Definition::Fraction { column, terms },
            RawDefinition::Map { column, expr } => Definition::Map { column, expr },
        };
        let column = definition.column();
        ensure((self.phase0..self.advice).contains(&column), || {
            format!("A definition is given for advice column {column}, which is not of phase 1.")
        })?;
        ensure(!self.known(column), || {
            format!("Advice column {column} is defined twice.")
        })?;
        let roots = definition.roots();
        ensure(roots.iter().all(|r| *r < self.nodes.len()), || {
            format!(
                "The definition of advice column {column} refers to a node that does not exist."
            )
        })?;
        for (node, used) in self.nodes.iter().zip(self.reachable(&roots)) {
            if let (Node::Cell(ColumnKind::Advice, read, _), true) = (node, used) {
                ensure(self.known(*read), || {
                    format!("The definition of advice column {column} reads column {read} before it is known.")
                })?;
            }
        }
        Ok(definition)
    }

    /// Whether the advice column has its values before the next definition is evaluated.
    fn known(&self, column: usize) -> bool {
        column < self.phase0 || self.definitions.iter().any(|d| d.column() == column)
    }

    fn load(&self, column: usize, row: usize, source: &Value, value: &Value) -> Option<Source> {
        if source == "const" {
            return Some(Source::Const(parse_decimal(value.as_str()?)?));
        }
        let (from, from_row) = (source.as_u64()? as usize, value.as_u64()? as usize);
        let known = if from == column {
            from_row < row
        } else {
            from < self.advice && self.known(from)
        };
        known.then_some(Source::Cell {
            column: from,
            row: from_row,
        })
    }
}

fn column_kind(text: &str) -> Option<ColumnKind> {
    match text {
        "fixed" => Some(ColumnKind::Fixed),
        "advice" => Some(ColumnKind::Advice),
        "instance" => Some(ColumnKind::Instance),
        _ => None,
    }
}

/// A column's value at `row`, zero outside of it.
pub fn cell(column: &[Fr], row: i64) -> Fr {
    usize::try_from(row)
        .ok()
        .and_then(|row| column.get(row))
        .copied()
        .unwrap_or(Fr::ZERO)
}
