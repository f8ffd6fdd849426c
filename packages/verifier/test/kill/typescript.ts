/** Runs mutants of the TypeScript verifier against the named inputs, the malformed keys and circuits, and its guards one by one. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FIXTURES, loadFixture } from '../fixtures.ts';
import { curveChecks } from './curve.ts';
import { EDGES } from './edges.ts';
import { everything, namedInputs } from './inputs.ts';
import { LIMITS, MALFORMED } from './malformed.ts';
import { SOURCE_ROOT, type SourceMutant } from './typescript-mutants.ts';

/** The modules of the verifier, true or changed. */
export interface Modules {
  readonly index: typeof import('../../src/index.ts');
  readonly fp: typeof import('../../src/curve/fp.ts');
  readonly fp12: typeof import('../../src/curve/fp12.ts');
  readonly g1: typeof import('../../src/curve/g1.ts');
  readonly g2: typeof import('../../src/curve/g2.ts');
  readonly pairing: typeof import('../../src/curve/pairing.ts');
  readonly domain: typeof import('../../src/domain.ts');
  readonly openings: typeof import('../../src/openings.ts');
  readonly vk: typeof import('../../src/vk.ts');
}

export interface NamedCheck {
  readonly name: string;
  /** True when the verifier does what it must; an exception counts as wrong. */
  readonly holds: (modules: Modules) => boolean;
}

/** Inside the package, so that its dependencies resolve; `target` is ignored by git. */
const WORKSHOP = new URL('../../target/mutants/', import.meta.url);
let count = 0;

/** Modules of the sources with one file replaced; `release` deletes them from the disk. */
export async function loadModules(mutant?: SourceMutant): Promise<{ modules: Modules; release: () => void }> {
  const folder = new URL(`${process.pid}-${count++}/`, WORKSHOP);
  mkdirSync(folder, { recursive: true });
  for (const file of FILES) cpSync(new URL(file, SOURCE_ROOT), new URL(file, folder));
  if (mutant !== undefined) writeFileSync(new URL(mutant.file, folder), mutant.apply());
  const load = (file: string) => import(pathToFileURL(fileURLToPath(new URL(file, folder))).href);
  const [index, domain, openings, vk] = await Promise.all(['index.ts', 'domain.ts', 'openings.ts', 'vk.ts'].map(load));
  const [fp, fp12, g1, g2, pairing] = await Promise.all(['fp', 'fp12', 'g1', 'g2', 'pairing'].map((name) => load(`curve/${name}.ts`)));
  return { modules: { index, fp, fp12, g1, g2, pairing, domain, openings, vk }, release: () => rmSync(folder, { recursive: true, force: true }) };
}

const FILES = [
  ...['fp', 'fp2', 'fp12', 'g1', 'g2', 'pairing'].map((name) => `curve/${name}.ts`),
  ...['domain.ts', 'identities.ts', 'index.ts', 'ir-check.ts', 'openings.ts'],
  ...['plan.ts', 'queries.ts', 'transcript.ts', 'verify.ts', 'vk.ts'],
];

/** Name of the first check that does not hold, or undefined when all do. */
export function firstWrong(checks: readonly NamedCheck[], modules: Modules): string | undefined {
  return checks.find(({ holds }) => {
    try {
      return !holds(modules);
    } catch {
      return true;
    }
  })?.name;
}

/** Name of the check that a mutant fails, `does not load`, or undefined when it survives. */
export async function killTypeScript(mutant: SourceMutant, checks: readonly NamedCheck[]): Promise<string | undefined> {
  try {
    const { modules, release } = await loadModules(mutant);
    const killer = firstWrong(checks, modules);
    release();
    return killer;
  } catch {
    return 'does not load';
  }
}

/** All checks, the fast and deadly ones first. */
export function namedChecks(): NamedCheck[] {
  const [honest, ...verdicts] = verdictChecks() as [NamedCheck, ...NamedCheck[]];
  return [honest, ...curveChecks(), ...fixtureChecks(), ...malformedChecks(), ...edgeChecks(), ...limitChecks(), ...guardChecks(), ...verdicts];
}

/** The committed proofs of other shapes: one product, four products, none, one set. */
function fixtureChecks(): NamedCheck[] {
  return FIXTURES.map((name) => {
    const { ir, vk, proof, instances } = loadFixture(name);
    return { name: `honest proof of ${name}`, holds: ({ index }) => index.verifyProof(index.prepare(ir, vk), proof, instances) };
  });
}

function verdictChecks(): NamedCheck[] {
  const { ir, vk } = everything;
  return namedInputs()
    .filter((input) => input.keyCode === undefined)
    .map(({ name, proof, instances, expected }) => ({
      name,
      holds: ({ index }) => index.verifyProof(prepared(index), proof, instances) === expected,
    }));

  function prepared(index: Modules['index']) {
    const found = cache.get(index) ?? index.prepare(ir, vk);
    cache.set(index, found);
    return found;
  }
}
const cache = new WeakMap<object, ReturnType<Modules['index']['prepare']>>();

/** What no proof can reach, and arguments of the wrong type. */
function guardChecks(): NamedCheck[] {
  const { ir, vk, proof, instances } = everything;
  const verify = ({ index }: Modules, bytes: unknown, values: unknown) => index.verifyProof(index.prepare(ir, vk), bytes as never, values as never);
  const wrongInstances: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['no columns', []],
    ['columns that are nothing', [undefined, undefined]],
    ['numbers', instances.map((column) => column.map(Number))],
    ['texts', instances.map((column) => column.map(String))],
    ['a negative number', [[-1n, 22n, 33n], instances[1]]],
    ['a column too many', [...instances, []]],
    ['a column too few', instances.slice(0, 1)],
    [
      'another split of the same words',
      [
        [11n, 22n],
        [33n, 44n, 55n],
      ],
    ],
    ['something like a list', { length: 2, every: () => true }],
    ['something like a column', [{ length: 3, every: () => true }, instances[1]]],
  ];
  const values = (changes: Readonly<Record<string, bigint>>) => (name: string) => changes[name] ?? 5n;
  return [
    ...wrongInstances.map(([what, value]) => ({ name: `instances: ${what}`, holds: (m: Modules) => verify(m, proof, value) === false })),
    { name: 'a proof that is text', holds: (m) => verify(m, 'x'.repeat(proof.length), instances) === false },
    { name: 'a proof that is a list', holds: (m) => verify(m, [...proof], instances) === false },
    { name: 'x in the domain', holds: ({ index, domain }) => !domain.addDomainValues(index.createPlan(ir, vk), new Map([['x', 1n]]), instances) },
    { name: 'x is zero', holds: ({ index, openings }) => openings.openingScalars(index.createPlan(ir, vk), values({ x: 0n })) === undefined },
    {
      name: 'mu is an opened point outside the first set',
      holds: ({ index, openings }) => {
        const plan = index.createPlan(ir, vk);
        const outside = plan.rotations.find((rotation) => !plan.sets[0]?.rotations.includes(rotation)) as number;
        const point = index.omegaPower(plan.omega, plan.k, outside) * 5n;
        return openings.openingScalars(plan, values({ mu: point % SCALARS })) === undefined;
      },
    },
    { name: 'pairing with the identity first', holds: (m) => pairs(m, true, false) === false },
    { name: 'pairing with the identity second', holds: (m) => pairs(m, false, true) === false },
    { name: 'pairing with two identities', holds: (m) => pairs(m, true, true) === false },
    { name: 'coordinates below zero', holds: ({ g1, fp }) => !g1.isOnCurve(1n, 2n - fp.Q) && !g1.isOnCurve(1n - fp.Q, 2n) },
    { name: 'coordinates of q and above', holds: ({ g1, fp }) => !g1.isOnCurve(1n + fp.Q, 2n) && !g1.isOnCurve(1n, 2n + fp.Q) },
    { name: 'an evaluation that the plan does not define', holds: (m) => throws(() => withoutQuery(m)) },
    { name: 'the honest proof is accepted again', holds: (m) => verify(m, proof, instances) === true },
  ];
}
const SCALARS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

function pairs({ pairing, index }: Modules, first: boolean, second: boolean): boolean {
  const { g2, negSG2, points } = index.prepare(everything.ir, everything.vk);
  const g = points.get('G') as Parameters<typeof pairing.pairingIsOne>[0];
  const zero = { x: 0n, y: 0n };
  return pairing.pairingIsOne(first ? zero : g, g2, second ? zero : g, negSG2);
}

/** A key from which one evaluation was taken after it was prepared. */
function withoutQuery({ index }: Modules): boolean {
  const { proof, instances, ir, vk } = everything;
  const prepared = index.prepare(ir, vk);
  const terms = prepared.plan.identities.terms.map((term) => (term[1] === 'a0@0' ? (['value', 'a9@0'] as const) : term));
  const plan = { ...prepared.plan, identities: { ...prepared.plan.identities, terms } };
  return index.verifyProof({ ...prepared, plan }, proof, instances);
}

function malformedChecks(): NamedCheck[] {
  return MALFORMED.map(({ name, ir, vk, code }) => ({
    name: `${name} is ${code}`,
    holds: ({ index }) => codeOf(() => index.prepare(ir, vk)) === code,
  }));
}

function edgeChecks(): NamedCheck[] {
  return EDGES.map(({ name, ir, vk, expected }) => ({
    name: `circuit of ${name}`,
    holds: ({ index }) => (typeof expected === 'string' ? codeOf(() => index.createPlan(ir, vk)) === expected : expected(index.createPlan(ir, vk))),
  }));
}

function limitChecks(): NamedCheck[] {
  const malformed = 'verifier/vk-malformed';
  return LIMITS.flatMap(({ name, least, most, with: key }) => [
    ...[least, most].map((value) => ({
      name: `${name} of ${value} is allowed`,
      holds: ({ vk }: Modules) => codeOf(() => vk.parseVk(key(value))) === undefined,
    })),
    ...[least - 1, most + 1].map((value) => ({
      name: `${name} of ${value} is ${malformed}`,
      holds: ({ vk }: Modules) => codeOf(() => vk.parseVk(key(value))) === malformed,
    })),
  ]);
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code ?? 'no code';
  }
  return undefined;
}

function throws(run: () => unknown): boolean {
  try {
    run();
  } catch {
    return true;
  }
  return false;
}
