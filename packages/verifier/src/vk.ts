/** Strict validation of a verifying key that was read as JSON (book/formats.md, section 4). */
import type { VkDescriptor } from '@pentimento/circuit';
import { BaseError, field } from '@pentimento/core';
import { Q } from './curve/fp.ts';
import { isOnCurve } from './curve/g1.ts';

const KEYS: readonly string[] = [
  'format',
  'version',
  'k',
  'omega',
  'degree',
  'blindingFactors',
  'numInstances',
  'fixedQueries',
  'adviceQueries',
  'instanceQueries',
  'permutation',
  'fixedCommitments',
  'sigmaCommitments',
  'transcriptRepr',
  'g1',
  'g2',
  'sG2',
  'srs',
];

/**
 * The descriptor itself when it is well formed, else a BaseError: `verifier/vk-malformed` (shape, types, ranges),
 * `verifier/vk-domain` (omega), `verifier/vk-point` (a G1 point off the curve, or an identity where none may be).
 */
export function parseVk(value: unknown): VkDescriptor {
  const vk = record(value, 'the verifying key', KEYS);
  check(vk.format === 'pentimento-vk' && vk.version === 1, 'format pentimento-vk, version 1', vk.format);
  integer(vk.k, 'k', 1, 28);
  integer(vk.degree, 'degree', 2, 255);
  integer(vk.blindingFactors, 'blindingFactors', 1, 1 << 20);
  for (const rows of list(vk.numInstances, 'numInstances')) integer(rows, 'an instance length', 0, 2 ** 28);
  for (const key of ['fixedQueries', 'adviceQueries', 'instanceQueries']) for (const entry of list(vk[key], key)) query(entry, key);
  for (const column of list(vk.permutation, 'permutation')) columnRef(column);
  for (const key of ['omega', 'transcriptRepr']) word(vk[key], key, field.R);
  for (const point of list(vk.fixedCommitments, 'fixedCommitments')) g1(point, 'a fixed commitment', true);
  for (const point of list(vk.sigmaCommitments, 'sigmaCommitments')) g1(point, 'a sigma commitment', false);
  generator(vk.g1);
  for (const key of ['g2', 'sG2']) g2(vk[key], key);
  const srs = record(vk.srs, 'srs', ['name', 'insecure']);
  check(typeof srs.name === 'string' && typeof srs.insecure === 'boolean', 'srs.name as text and srs.insecure as a truth value', srs);
  domain(BigInt(vk.omega as string), vk.k as number);
  return value as VkDescriptor;
}

/** `omega^(2^(k-1)) = -1`, so that omega has order exactly 2^k. */
function domain(omega: bigint, k: number): void {
  if (field.pow(omega, 1n << BigInt(k - 1)) !== field.R - 1n) {
    throw new BaseError({ code: 'verifier/vk-domain', message: `Expected omega to be a primitive root of unity of order 2^${k}.` });
  }
}

function generator(value: unknown): void {
  const [x, y] = g1(value, 'g1', false);
  if (x !== 1n || y !== 2n) {
    throw new BaseError({ code: 'verifier/vk-point', message: `Expected g1 to be the generator (1, 2), got (${x}, ${y}).` });
  }
}

function g1(value: unknown, what: string, identityAllowed: boolean): readonly [bigint, bigint] {
  const pair = list(value, what);
  check(pair.length === 2, `${what} as two coordinates`, pair.length);
  const [x, y] = [word(pair[0], what, Q), word(pair[1], what, Q)];
  const identity = x === 0n && y === 0n;
  if (identity ? !identityAllowed : !isOnCurve(x, y)) {
    throw new BaseError({ code: 'verifier/vk-point', message: `Expected ${what} on the curve, got (${x}, ${y}).` });
  }
  return [x, y];
}

function g2(value: unknown, what: string): void {
  const point = list(value, what);
  check(point.length === 2, `${what} as two coordinates`, point.length);
  for (const coordinate of point) {
    const pair = list(coordinate, what);
    check(pair.length === 2, `${what} coordinates as [c0, c1]`, pair.length);
    for (const part of pair) word(part, what, Q);
  }
}

function query(value: unknown, what: string): void {
  const pair = list(value, what);
  check(pair.length === 2, `${what} as pairs of column and rotation`, pair.length);
  integer(pair[0], `a column of ${what}`, 0, 1 << 20);
  integer(pair[1], `a rotation of ${what}`, -(1 << 20), 1 << 20);
}

function columnRef(value: unknown): void {
  const pair = list(value, 'permutation');
  check(pair.length === 2 && ['fixed', 'advice', 'instance'].includes(pair[0] as string), 'permutation columns as [kind, index]', pair);
  integer(pair[1], 'a permutation column', 0, 1 << 20);
}

function word(value: unknown, what: string, modulus: bigint): bigint {
  check(typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value), `${what} as 0x and 64 hexadecimal digits`, value);
  const number = BigInt(value as string);
  check(number < modulus, `${what} below the field's order`, value);
  return number;
}

function integer(value: unknown, what: string, min: number, max: number): void {
  check(Number.isInteger(value) && (value as number) >= min && (value as number) <= max, `${what} as an integer in ${min}..${max}`, value);
}

function list(value: unknown, what: string): readonly unknown[] {
  check(Array.isArray(value), `${what} as a list`, value);
  return value as readonly unknown[];
}

function record(value: unknown, what: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
  check(typeof value === 'object' && value !== null && !Array.isArray(value), `${what} as an object`, value);
  const found = Object.keys(value as object);
  const wrong = [...keys.filter((key) => !found.includes(key)), ...found.filter((key) => !keys.includes(key))];
  check(wrong.length === 0, `${what} with exactly the keys of its format`, wrong);
  return value as Readonly<Record<string, unknown>>;
}

function check(ok: boolean, expected: string, found: unknown): void {
  if (ok) return;
  throw new BaseError({ code: 'verifier/vk-malformed', message: `Expected ${expected}, got ${(JSON.stringify(found) ?? 'nothing').slice(0, 80)}.` });
}
