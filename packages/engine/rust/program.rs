//! Expressions over columns as a straight program on registers, run over many rows at once.
//!
//! A value that depends on no row (a constant, a challenge, what is computed from them) is a *uniform*: one element for the
//! whole run. Everything else lives in registers of [`ROWS`] rows, small enough for the cache, reused after their last use.

use ff::Field;
use halo2curves_axiom::bn256::Fr;

use crate::lanes::Lanes;

/// Rows that one pass over the program covers.
pub const ROWS: usize = 64;

/// What an instruction reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    Uniform(usize),
    /// A column, a number of rows further.
    Cell {
        column: usize,
        rotation: i32,
    },
    /// The result of an instruction.
    Result(usize),
}

impl Value {
    fn number(&mut self, columns: &mut Vec<usize>) {
        if let Self::Cell { column, .. } = self {
            number(column, columns);
        }
    }
}

/// Replaces a column by its place in the list, where it is added when it is new.
fn number(column: &mut usize, columns: &mut Vec<usize>) {
    let known = columns.iter().position(|c| c == column);
    let place = known.unwrap_or(columns.len());
    if known.is_none() {
        columns.push(*column);
    }
    *column = place;
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Load(usize, i32),
    Add(Value, Value),
    Sub(Value, Value),
    Mul(Value, Value),
}

/// Records expressions; every combination without a row in it is recorded as a uniform.
#[derive(Default)]
pub struct Builder {
    steps: Vec<Step>,
    uniforms: Vec<Uniform>,
}

/// How a uniform is computed, in order.
#[derive(Clone, Copy, Debug)]
pub enum Uniform {
    Constant(Fr),
    /// An element that the run is given.
    Given(usize),
    Add(usize, usize),
    Sub(usize, usize),
    Mul(usize, usize),
}

impl Builder {
    pub fn constant(&mut self, x: Fr) -> Value {
        self.uniform(Uniform::Constant(x))
    }

    pub fn given(&mut self, index: usize) -> Value {
        self.uniform(Uniform::Given(index))
    }

    pub fn cell(&mut self, column: usize, rotation: i32) -> Value {
        if rotation == 0 {
            return Value::Cell { column, rotation };
        }
        // Moved rows are copied once: a window of them is not aligned with the vectors.
        let loaded = |s: &Step| matches!(s, Step::Load(c, r) if (*c, *r) == (column, rotation));
        match self.steps.iter().position(loaded) {
            Some(known) => Value::Result(known),
            None => self.step(Step::Load(column, rotation)),
        }
    }

    pub fn add(&mut self, a: Value, b: Value) -> Value {
        match (a, b) {
            (Value::Uniform(a), Value::Uniform(b)) => self.uniform(Uniform::Add(a, b)),
            // Operations take the uniform second.
            (Value::Uniform(_), _) => self.step(Step::Add(b, a)),
            _ => self.step(Step::Add(a, b)),
        }
    }

    pub fn sub(&mut self, a: Value, b: Value) -> Value {
        match (a, b) {
            (Value::Uniform(a), Value::Uniform(b)) => self.uniform(Uniform::Sub(a, b)),
            _ => self.step(Step::Sub(a, b)),
        }
    }

    pub fn mul(&mut self, a: Value, b: Value) -> Value {
        match (a, b) {
            (Value::Uniform(a), Value::Uniform(b)) => self.uniform(Uniform::Mul(a, b)),
            (Value::Uniform(_), _) => self.step(Step::Mul(b, a)),
            _ => self.step(Step::Mul(a, b)),
        }
    }

    fn uniform(&mut self, uniform: Uniform) -> Value {
        self.uniforms.push(uniform);
        Value::Uniform(self.uniforms.len() - 1)
    }

    fn step(&mut self, step: Step) -> Value {
        self.steps.push(step);
        Value::Result(self.steps.len() - 1)
    }

    /// The program that computes `roots`.
    pub fn finish(self, roots: &[Value]) -> Program {
        let registers = Registers::assign(&self.steps, roots);
        let mut program = Program {
            steps: self.steps,
            uniforms: self.uniforms,
            roots: roots.to_vec(),
            registers,
            columns: Vec::new(),
        };
        program.number_columns();
        program
    }
}

struct Registers {
    /// Of each step's result; `None` when nothing reads it.
    of: Vec<Option<usize>>,
    count: usize,
}

impl Registers {
    /// Each result gets a register that is free by then; those of its operands are freed after it.
    fn assign(steps: &[Step], roots: &[Value]) -> Self {
        let mut last = vec![None; steps.len()];
        for (at, step) in steps.iter().enumerate() {
            for result in step.results() {
                last[result] = Some(at);
            }
        }
        for root in roots {
            if let Value::Result(result) = root {
                last[*result] = Some(usize::MAX);
            }
        }
        let (mut of, mut free, mut count) = (vec![None; steps.len()], Vec::new(), 0);
        for (at, step) in steps.iter().enumerate() {
            if last[at].is_some() {
                of[at] = free.pop().or_else(|| {
                    count += 1;
                    Some(count - 1)
                });
            }
            let mut ended: Vec<usize> = step.results().filter(|r| last[*r] == Some(at)).collect();
            ended.dedup();
            free.extend(ended.into_iter().filter_map(|r| of[r]));
        }
        Self { of, count }
    }
}

impl Step {
    fn results(&self) -> impl Iterator<Item = usize> {
        let (a, b) = match *self {
            Step::Load(..) => (None, None),
            Step::Add(a, b) | Step::Sub(a, b) | Step::Mul(a, b) => (Some(a), Some(b)),
        };
        a.into_iter().chain(b).filter_map(|value| match value {
            Value::Result(result) => Some(result),
            _ => None,
        })
    }
}

pub struct Program {
    steps: Vec<Step>,
    uniforms: Vec<Uniform>,
    roots: Vec<Value>,
    registers: Registers,
    /// The columns that it reads, by the numbers of its maker, in the order in which a run takes them.
    pub columns: Vec<usize>,
}

/// A program with the elements of one run, and the registers of one thread.
pub struct Run<'a, L: Lanes> {
    program: &'a Program,
    uniforms: &'a [Fr],
    registers: Vec<Vec<L>>,
    roots: Vec<Vec<L>>,
}

impl Program {
    fn number_columns(&mut self) {
        let mut columns = Vec::new();
        for root in &mut self.roots {
            root.number(&mut columns);
        }
        for step in &mut self.steps {
            match step {
                Step::Load(column, _) => number(column, &mut columns),
                Step::Add(a, b) | Step::Sub(a, b) | Step::Mul(a, b) => {
                    a.number(&mut columns);
                    b.number(&mut columns);
                }
            }
        }
        self.columns = columns;
    }

    /// The uniforms of a run, from what it is given.
    pub fn uniforms(&self, given: &[Fr]) -> Vec<Fr> {
        let mut values: Vec<Fr> = Vec::with_capacity(self.uniforms.len());
        for uniform in &self.uniforms {
            values.push(match *uniform {
                Uniform::Constant(x) => x,
                Uniform::Given(i) => given[i],
                Uniform::Add(a, b) => values[a] + values[b],
                Uniform::Sub(a, b) => values[a] - values[b],
                Uniform::Mul(a, b) => values[a] * values[b],
            });
        }
        values
    }

    pub fn run<'a, L: Lanes<F = Fr>>(&'a self, uniforms: &'a [Fr]) -> Run<'a, L> {
        let empty = || vec![L::splat(Fr::ZERO); ROWS / L::WIDTH];
        L::run(
            #[inline(always)]
            || Run {
                program: self,
                uniforms,
                registers: (0..self.registers.count).map(|_| empty()).collect(),
                roots: (0..self.roots.len()).map(|_| empty()).collect(),
            },
        )
    }
}

impl<L: Lanes<F = Fr>> Run<'_, L> {
    /// The values of the roots on the `ROWS` rows from `row` on, or on all rows when there are fewer. Columns are cyclic, of
    /// equal length, a multiple of the width; `row` is a multiple of `ROWS`.
    pub fn rows(&mut self, columns: &[&[L]], row: usize) -> &[Vec<L>] {
        L::run(
            #[inline(always)]
            || {
                let from = row / L::WIDTH;
                let len = columns
                    .first()
                    .map_or(ROWS / L::WIDTH, |c| (c.len() - from).min(ROWS / L::WIDTH));
                for at in 0..self.program.steps.len() {
                    let Some(register) = self.program.registers.of[at] else {
                        continue;
                    };
                    let mut to = std::mem::take(&mut self.registers[register]);
                    self.step(&self.program.steps[at], &mut to[..len], columns, from);
                    self.registers[register] = to;
                }
                for i in 0..self.roots.len() {
                    let mut to = std::mem::take(&mut self.roots[i]);
                    match self.program.roots[i] {
                        Value::Uniform(u) => to.fill(L::splat(self.uniforms[u])),
                        value => {
                            to[..len].copy_from_slice(&self.slice(value, columns, from)[..len])
                        }
                    }
                    self.roots[i] = to;
                }
            },
        );
        &self.roots
    }

    #[inline(always)]
    fn slice<'b>(&'b self, value: Value, columns: &[&'b [L]], from: usize) -> &'b [L] {
        match value {
            Value::Cell { column, .. } => &columns[column][from..],
            Value::Result(result) => {
                &self.registers[self.program.registers.of[result].unwrap_or(0)]
            }
            Value::Uniform(_) => &[],
        }
    }

    #[inline(always)]
    fn step(&self, step: &Step, to: &mut [L], columns: &[&[L]], from: usize) {
        match *step {
            Step::Load(column, rotation) => load(to, columns[column], from, rotation),
            Step::Add(a, Value::Uniform(u)) => {
                let u = L::splat(self.uniforms[u]);
                unary(
                    to,
                    self.slice(a, columns, from),
                    #[inline(always)]
                    |a| a.add(u),
                );
            }
            Step::Add(a, b) => binary(
                to,
                self.slice(a, columns, from),
                self.slice(b, columns, from),
                #[inline(always)]
                |a, b| a.add(b),
            ),
            Step::Sub(Value::Uniform(u), b) => {
                let u = L::splat(self.uniforms[u]);
                unary(
                    to,
                    self.slice(b, columns, from),
                    #[inline(always)]
                    |b| u.sub(b),
                );
            }
            Step::Sub(a, Value::Uniform(u)) => {
                let u = L::splat(self.uniforms[u]);
                unary(
                    to,
                    self.slice(a, columns, from),
                    #[inline(always)]
                    |a| a.sub(u),
                );
            }
            Step::Sub(a, b) => binary(
                to,
                self.slice(a, columns, from),
                self.slice(b, columns, from),
                #[inline(always)]
                |a, b| a.sub(b),
            ),
            Step::Mul(a, Value::Uniform(u)) => {
                let u = L::splat(self.uniforms[u]);
                unary(
                    to,
                    self.slice(a, columns, from),
                    #[inline(always)]
                    |a| a.mul(u),
                );
            }
            Step::Mul(a, b) => binary(
                to,
                self.slice(a, columns, from),
                self.slice(b, columns, from),
                #[inline(always)]
                |a, b| a.mul(b),
            ),
        }
    }
}

#[inline(always)]
fn unary<L: Lanes>(to: &mut [L], a: &[L], f: impl Fn(L) -> L) {
    for (to, a) in to.iter_mut().zip(a) {
        *to = f(*a);
    }
}

#[inline(always)]
fn binary<L: Lanes>(to: &mut [L], a: &[L], b: &[L], f: impl Fn(L, L) -> L) {
    for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
        *to = f(*a, *b);
    }
}

#[inline(always)]
fn load<L: Lanes>(to: &mut [L], column: &[L], from: usize, rotation: i32) {
    let rows = (column.len() * L::WIDTH) as i64;
    let first = ((from * L::WIDTH) as i64 + i64::from(rotation)).rem_euclid(rows) as usize;
    let (mut at, by) = (first / L::WIDTH, first % L::WIDTH);
    for to in to {
        let next = if at + 1 == column.len() { 0 } else { at + 1 };
        *to = column[at].shifted(column[next], by);
        at = next;
    }
}
