/** Checks of untrusted JSON values; what they find wrong is a `model/*` error of one sentence. */
import { BaseError } from '@pentimento/core';

/** Most elements of a tensor. */
export const MAX_ELEMENTS: number = 1 << 24;

export function assertFields(record: Record<string, unknown>, allowed: readonly string[], what: string): void {
  const unknown = Object.keys(record).find((field) => !allowed.includes(field));
  if (unknown !== undefined) fail('malformed', `Expected only ${allowed.join(', ')} in ${what}, got ${show(unknown)}.`);
}

export function assertText(value: unknown, pattern: RegExp, expectation: string): void {
  if (typeof value !== 'string' || !pattern.test(value)) fail('malformed', `Expected ${expectation}, got ${show(value)}.`);
}

export function asRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('malformed', `Expected ${what} to be an object, got ${show(value)}.`);
  return value as Record<string, unknown>;
}

export function asList(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value) || value.length === 0) fail('malformed', `Expected ${what} to be a list that is not empty, got ${show(value)}.`);
  return value as unknown[];
}

export function asSize(value: unknown, what: string): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > MAX_ELEMENTS) {
    fail('malformed', `Expected ${what} to be an integer in 1..${MAX_ELEMENTS}, got ${show(value)}.`);
  }
  return value as number;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/** A value as short JSON, for a message. */
export function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}

export function fail(code: string, message: string): never {
  throw new BaseError({ code: `model/${code}`, message });
}
