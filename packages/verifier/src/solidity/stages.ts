/** The stages of the generated verifier as Yul statements; `r` is the scalar field's order in each of them. */
import { field } from '@pentimento/core';
import { type OpeningSet, omegaPower, type Plan } from '../plan.ts';
import type { Layout, Segment } from './layout.ts';
import { hex, load } from './memory.ts';

/** Copies instances and proof to memory and derives the challenges. Parameters: `proofAt`, `instancesAt` in calldata. */
export function transcriptStage(layout: Layout): string[] {
  return [`let h := ${load(layout.entry.get('repr') as number)}`, ...layout.segments.flatMap((segment) => segmentLines(segment, layout))];
}

function segmentLines({ start, copies, squeezes }: Segment, { value }: Layout): string[] {
  const words = 1 + copies.reduce((sum, copy) => sum + copy.words, 0);
  const lines = copies.map(({ to, from, offset, words: count }) => {
    const source = offset === 0 ? `${from}At` : `add(${from}At, ${hex(offset)})`;
    return `calldatacopy(${hex(to)}, ${source}, ${hex(32 * count)})`;
  });
  squeezes.forEach((name, i) => {
    if (i > 0 || words === 1) lines.push('h := rehash(h)');
    else lines.push(`mstore(${hex(start)}, h)`, `h := keccak256(${hex(start)}, ${hex(32 * words)})`);
    const target = value.get(name);
    if (target !== undefined) lines.push(`mstore(${hex(target)}, mod(h, r)) // ${name}`);
  });
  return lines;
}

/** Every scalar below r; every point below q and on the curve, which excludes (0, 0). */
export function checkStage(layout: Layout): string[] {
  const [first] = layout.scalarRuns;
  const instances = first !== undefined && first[0] === layout.instances;
  const lines = [`let ok := ${instances ? `scalarsBelow(${hex(layout.instances)}, ${hex(layout.instances + 32 * layout.instanceWords)}, r)` : '1'}`];
  for (const [address, words] of instances ? layout.scalarRuns.slice(1) : layout.scalarRuns) {
    for (let i = 0; i < words; i++) lines.push(`ok := and(ok, lt(${load(address + 32 * i)}, r))`);
  }
  for (const [address, points] of layout.pointRuns) lines.push(`ok := and(ok, pointsOnCurve(${hex(address)}, ${hex(address + 64 * points)}))`);
  return [...lines, 'if iszero(ok) { fail() }'];
}

/** Powers and distances of x and mu, the inversion batch, Lagrange values and the evaluations of the instance columns. */
export function domainStage(plan: Plan, layout: Layout): string[] {
  return [
    `let x := ${valueAt(layout, 'x')}`,
    `let mu := ${valueAt(layout, 'mu')}`,
    'let xn := x',
    `for { let i := 0 } lt(i, ${plan.k}) { i := add(i, 1) } { xn := mulmod(xn, xn, r) }`,
    `mstore(${hex(layout.value.get('xn') as number)}, xn)`,
    `let zh := addmod(xn, ${hex(field.R - 1n)}, r)`,
    ...batchLines(plan, layout),
    ...plan.instanceQueries.flatMap((_, i) => instanceFractionLines(plan, layout, i)),
    ...inversionLines(layout),
    ...lagrangeLines(plan, layout),
  ];
}

function batchLines(plan: Plan, layout: Layout): string[] {
  const lines = [
    `let w := ${hex(omegaPower(plan.omega, plan.k, -(plan.blindingFactors + 1)))}`,
    `for { let i := ${hex(layout.lagrange)} } lt(i, ${hex(layout.batchZh)}) { i := add(i, 0x20) } {`,
    '  mstore(i, addmod(x, sub(r, w), r))',
    `  w := mulmod(w, ${hex(plan.omega)}, r)`,
    '}',
    `mstore(${hex(layout.batchZh)}, zh)`,
    `mstore(${hex(layout.batchX)}, x)`,
  ];
  for (const rotation of plan.rotations) {
    const point = rotation === 0 ? 'x' : `mulmod(x, ${hex(omegaPower(plan.omega, plan.k, rotation))}, r)`;
    lines.push(`mstore(${hex(layout.distance.get(rotation) as number)}, addmod(mu, sub(r, ${point}), r)) // rotation ${rotation}`);
  }
  const first = plan.sets[0] as OpeningSet;
  lines.push(`mstore(${hex(layout.vanishing)}, ${distanceProduct(layout, first.rotations)})`);
  lines.push(`mstore(${hex(layout.batchComplement)}, ${distanceProduct(layout, complement(plan, first))})`);
  return lines;
}

/** Running fraction `sum value_i * w_i / (x - w_i)`, its denominator left to the batch. */
function instanceFractionLines(plan: Plan, layout: Layout, query: number): string[] {
  const [column, rotation] = plan.instanceQueries[query] as readonly [number, number];
  const before = plan.instanceRows.slice(0, column).reduce((sum, rows) => sum + rows, 0);
  const start = layout.instances + 32 * before;
  const end = start + 32 * (plan.instanceRows[column] as number);
  const target = layout.value.get(`i${column}@${rotation}`) as number;
  return [
    '{',
    `  let num, den := fraction(${hex(start)}, ${hex(end)}, ${hex(omegaPower(plan.omega, plan.k, -rotation))}, x, r)`,
    `  mstore(${hex(target)}, num)`,
    `  mstore(${hex(layout.batchInstances + 32 * query)}, den)`,
    '}',
  ];
}

/** Montgomery's trick with one modular exponentiation; a zero anywhere makes the product zero and the proof refused. */
function inversionLines(layout: Layout): string[] {
  const { lagrange: start, pairing: io } = layout;
  const end = start + 32 * layout.batchWords;
  const toPrefix = hex(layout.prefix - start);
  return [
    'let product := 1',
    `for { let i := ${hex(start)} } lt(i, ${hex(end)}) { i := add(i, 0x20) } {`,
    `  mstore(add(i, ${toPrefix}), product)`,
    '  product := mulmod(product, mload(i), r)',
    '}',
    'if iszero(product) { fail() }',
    ...[0, 1, 2].map((i) => `mstore(${hex(io + 32 * i)}, 0x20)`),
    `mstore(${hex(io + 96)}, product)`,
    `mstore(${hex(io + 128)}, sub(r, 2))`,
    `mstore(${hex(io + 160)}, r)`,
    `if iszero(staticcall(gas(), 5, ${hex(io)}, 0xc0, 0, 0x20)) { revert(0, 0) }`,
    'let inverse := mload(0)',
    `for { let i := ${hex(end - 32)} } iszero(lt(i, ${hex(start)})) { i := sub(i, 0x20) } {`,
    '  let d := mload(i)',
    `  mstore(i, mulmod(inverse, mload(add(i, ${toPrefix})), r))`,
    '  inverse := mulmod(inverse, d, r)',
    '}',
  ];
}

function lagrangeLines(plan: Plan, layout: Layout): string[] {
  const nInverse = field.inv(field.fr(1n << BigInt(plan.k)));
  const firstPower = omegaPower(plan.omega, plan.k, -(plan.blindingFactors + 1));
  return [
    `let scale := mulmod(zh, ${hex(nInverse)}, r)`,
    `w := mulmod(scale, ${hex(firstPower)}, r)`,
    'let inactive := 0',
    `for { let i := ${hex(layout.lagrange)} } lt(i, ${hex(layout.batchZh)}) { i := add(i, 0x20) } {`,
    '  let l := mulmod(w, mload(i), r)',
    '  mstore(i, l)',
    `  if lt(i, ${hex(layout.batchZh - 32)}) { inactive := addmod(inactive, l, r) }`,
    `  w := mulmod(w, ${hex(plan.omega)}, r)`,
    '}',
    `mstore(${hex(layout.value.get('lActive') as number)}, addmod(1, sub(r, inactive), r))`,
    ...plan.instanceQueries.map(([column, rotation], i) => {
      const target = layout.value.get(`i${column}@${rotation}`) as number;
      return `mstore(${hex(target)}, mulmod(scale, mulmod(${load(target)}, ${load(layout.batchInstances + 32 * i)}, r), r))`;
    }),
  ];
}

/** SHPLONK scalars: one coefficient for each set after the first, and `r(mu)`. */
export function scalarStage(plan: Plan, layout: Layout): string[] {
  const lines = [`let zeta := ${valueAt(layout, 'zeta')}`, `let xInverse := ${load(layout.batchX)}`, 'let t', 'let sum', 'let total', 'let power'];
  plan.sets.forEach((set, i) => {
    lines.push(`// rotations ${set.rotations.join(', ')}`);
    if (i > 0) lines.push(...coefficientLines(plan, layout, i));
    lines.push(...set.rotations.flatMap((rotation, position) => interpolationLines(layout, set, rotation, position)));
    lines.push(i === 0 ? 'total := sum' : `total := addmod(total, mulmod(sum, ${load(layout.coefficient[i] as number)}, r), r)`);
  });
  return [...lines, `mstore(${hex(layout.remainder)}, total)`];
}

function coefficientLines(plan: Plan, layout: Layout, i: number): string[] {
  const ratio = `mulmod(${distanceProduct(layout, complement(plan, plan.sets[i] as OpeningSet))}, ${load(layout.batchComplement)}, r)`;
  return [
    i === 1 ? `power := ${valueAt(layout, 'nu')}` : `power := mulmod(power, ${valueAt(layout, 'nu')}, r)`,
    `mstore(${hex(layout.coefficient[i] as number)}, mulmod(power, ${ratio}, r))`,
  ];
}

/** `sum (+)= basis(mu) * sum_j zeta^j * evaluation_j` at one rotation of a set. */
function interpolationLines(layout: Layout, set: OpeningSet, rotation: number, position: number): string[] {
  const [last, ...rest] = [...set.slots].reverse().map((slot) => valueAt(layout, `${slot}@${rotation}`));
  const lines = [`t := ${last}`, ...rest.map((evaluation) => `t := addmod(mulmod(t, zeta, r), ${evaluation}, r)`)];
  if (set.rotations.length > 1) {
    const others = distanceProduct(
      layout,
      set.rotations.filter((r) => r !== rotation),
    );
    const inversePower = product(set.rotations.slice(1).map(() => 'xInverse'));
    const scale = `mulmod(${hex(set.basisInverses[position] as bigint)}, ${inversePower}, r)`;
    lines.push(`t := mulmod(t, mulmod(${others}, ${scale}, r), r)`);
  }
  return [...lines, position === 0 ? 'sum := t' : 'sum := addmod(sum, t, r)'];
}

/** The curve arithmetic: H from its pieces, each set by Horner in zeta, then generator and openings, into `layout.sum`. */
export function curveStage(plan: Plan, layout: Layout): string[] {
  const at = (slot: string) => hex(layout.point.get(slot) as number);
  const operand = layout.sum + 64;
  const copy = (to: number, from: string) => `mcopy(${hex(to)}, ${from}, 0x40)`;
  const lines = [`let s := ${valueAt(layout, 'xn')}`, copy(operand, at(`h${plan.quotientPieces - 1}`))];
  for (let i = plan.quotientPieces - 2; i >= 0; i--) lines.push(`mulAdd(s, ${at(`h${i}`)}) // h${i}`);
  lines.push(copy(layout.point.get('H') as number, hex(operand)), `s := ${valueAt(layout, 'zeta')}`);
  plan.sets.forEach((set, i) => {
    const [last, ...rest] = [...set.slots].reverse() as [string, ...string[]];
    lines.push(`// rotations ${set.rotations.join(', ')}`, `${copy(operand, at(last))} // ${last}`);
    lines.push(...rest.map((slot) => `mulAdd(s, ${at(slot)}) // ${slot}`));
    if (i === 0) lines.push(copy(layout.sum, hex(operand)));
    else lines.push(`mulToSum(${load(layout.coefficient[i] as number)})`);
  });
  lines.push(`mstore(${hex(operand)}, 1)`, `mstore(${hex(operand + 32)}, 2)`, `mulToSum(sub(r, ${load(layout.remainder)}))`);
  lines.push(copy(operand, at('W')), `mulToSum(sub(r, ${load(layout.vanishing)}))`);
  return [...lines, copy(operand, at('W2')), `mulToSum(${valueAt(layout, 'mu')})`];
}

/** `e(L, G2) * e(W2, -sG2) = 1`; leaves the answer at memory 0. */
export function pairingStage(layout: Layout): string[] {
  const io = layout.pairing;
  const part = (offset: number, from: number, bytes: number) => `mcopy(${hex(io + offset)}, ${hex(from)}, ${hex(bytes)})`;
  return [
    part(0, layout.sum, 0x40),
    part(0x40, layout.entry.get('g2') as number, 0x80),
    part(0xc0, layout.point.get('W2') as number, 0x40),
    part(0x100, layout.entry.get('negSG2') as number, 0x80),
    `if iszero(staticcall(gas(), 8, ${hex(io)}, 0x180, 0, 0x20)) { revert(0, 0) }`,
  ];
}

function valueAt(layout: Layout, name: string): string {
  const address = layout.value.get(name);
  if (address === undefined) throw new RangeError(`the memory plan has no value ${name}`);
  return load(address);
}

function complement(plan: Plan, set: OpeningSet): number[] {
  return plan.rotations.filter((rotation) => !set.rotations.includes(rotation));
}

function distanceProduct(layout: Layout, rotations: readonly number[]): string {
  return product(rotations.map((rotation) => load(layout.distance.get(rotation) as number)));
}

/** Balanced, so that the operands that wait on the EVM's stack grow with the logarithm of the number of factors. */
function product(factors: readonly string[]): string {
  if (factors.length <= 1) return factors[0] ?? '1';
  const middle = Math.ceil(factors.length / 2);
  return `mulmod(${product(factors.slice(0, middle))}, ${product(factors.slice(middle))}, r)`;
}
