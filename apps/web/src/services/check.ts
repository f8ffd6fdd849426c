/** Runtime checks of what a service answers: small decoders that return the typed value or throw `service/unexpected-answer`. */
import { BaseError, type Hex } from '@pentimento/core';

/** Reads an untrusted value; `path` says in messages where it stands. */
export type Decoder<T> = (value: unknown, path: string) => T;

type Shape = Readonly<Record<string, Decoder<unknown>>>;
type Decoded<S extends Shape> = { readonly [K in keyof S]: S[K] extends Decoder<infer T> ? T : never };

function refuse(path: string, expected: string, value: unknown): never {
  const found = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 60);
  throw new BaseError({ code: 'service/unexpected-answer', message: `Expected ${expected} at ${path}, got ${found}.` });
}

const test =
  <T>(expected: string, accepts: (value: unknown) => boolean): Decoder<T> =>
  (value, path) =>
    accepts(value) ? (value as T) : refuse(path, expected, value);

export const text: Decoder<string> = test('text', (v) => typeof v === 'string');
/** A text that a stranger chose, made fit to stand in a line of the page: no control characters, nothing that turns the writing, at most `max` characters. */
export const label =
  (max: number): Decoder<string> =>
  (value, path) => {
    const plain = text(value, path)
      .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
      .trim();
    const characters = Array.from(plain.slice(0, 2 * max + 2));
    return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : plain;
  };
export const flag: Decoder<boolean> = test('true or false', (v) => typeof v === 'boolean');
export const number: Decoder<number> = test('a finite number', (v) => Number.isFinite(v));
/** A share of a whole, 0..1. */
export const share: Decoder<number> = test('a number in 0..1', (v) => Number.isFinite(v) && (v as number) >= 0 && (v as number) <= 1);
export const count: Decoder<number> = test('a count', (v) => Number.isSafeInteger(v) && (v as number) >= 0);
/** 0x and an even number of hexadecimal digits. */
export const hex: Decoder<Hex> = test('hexadecimal bytes', (v) => typeof v === 'string' && /^0x([0-9a-f]{2})*$/i.test(v));
export const address: Decoder<Hex> = test('an address', (v) => typeof v === 'string' && /^0x[0-9a-f]{40}$/i.test(v));
/** A time that the browser's calendar has, as text (ISO 8601). */
export const time: Decoder<string> = test('a time', (v) => typeof v === 'string' && /^\d{4}-/.test(v) && !Number.isNaN(Date.parse(v)));
/** What a service calls one of its things by; it goes into addresses and is kept. */
export const identifier: Decoder<string> = test('letters, digits and hyphens', (v) => typeof v === 'string' && /^[\w-]{1,64}$/.test(v));
/** A collection's name, which whoever deploys it chooses. */
export const collectionName: Decoder<string> = (value, path) => {
  const name = label(80)(value, path);
  const seen = name.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(seen) ? name : 'Unnamed collection';
};
/** A model's name as its manifest may give it: it goes into addresses, and into a command to copy. */
export const modelName: Decoder<string> = test('lower-case letters, digits and hyphens', (v) =>
  typeof v === 'string' && /^[a-z0-9][a-z0-9-]{0,63}$/.test(v));
/** What `decode` reads, if it is about what was asked for and nothing else; case does not count, as in addresses. */
export const about =
  <T>(decode: Decoder<T>, asked: { readonly [K in keyof T]?: string }): Decoder<T> =>
  (value, path) => {
    const found = decode(value, path);
    for (const key of Object.keys(asked) as (keyof T & string)[]) {
      const [wanted, got] = [String(asked[key]), String(found[key])];
      if (wanted.toLowerCase() !== got.toLowerCase()) refuse(`${path}.${key}`, wanted, got);
    }
    return found;
  };
/** A whole number below 10^78 as decimal text, such as wei or a token id. */
export const decimal: Decoder<string> = test('decimal digits', (v) => typeof v === 'string' && /^[0-9]{1,78}$/.test(v));
/** `#rrggbb`. */
export const colour: Decoder<string> = test('a colour', (v) => typeof v === 'string' && /^#[0-9a-f]{6}$/i.test(v));
export const url: Decoder<string> = test('an http or https address', (v) => typeof v === 'string' && /^https?:\/\//.test(v) && URL.canParse(v));

export function oneOf<const T extends string>(...allowed: readonly T[]): Decoder<T> {
  return test(`one of ${allowed.join(', ')}`, (v) => allowed.includes(v as T));
}

export function nullable<T>(inner: Decoder<T>): Decoder<T | null> {
  return (value, path) => (value === null || value === undefined ? null : inner(value, path));
}

/** The decoded value, or `fallback` when there is none. */
export function optional<T>(inner: Decoder<T>, fallback: T): Decoder<T> {
  return (value, path) => (value === null || value === undefined ? fallback : inner(value, path));
}

export function list<T>(inner: Decoder<T>): Decoder<readonly T[]> {
  return (value, path) => (Array.isArray(value) ? value.map((item, i) => inner(item, `${path}[${i}]`)) : refuse(path, 'a list', value));
}

/** Fields that the shape does not name are dropped. */
export function object<S extends Shape>(shape: S): Decoder<Decoded<S>> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(path, 'an object', value);
    const record = value as Record<string, unknown>;
    return Object.fromEntries(Object.entries(shape).map(([key, read]) => [key, read(record[key], `${path}.${key}`)])) as Decoded<S>;
  };
}
