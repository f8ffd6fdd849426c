/**
 * Compiles contracts/src with the npm build of solc, so no compiler is downloaded.
 *
 * `node contracts/build.ts` writes contracts/abi/contracts.ts; `node contracts/build.ts --check` writes nothing and fails when the
 * committed ABIs are not those of the sources. What was compiled is kept in contracts/out by the digest of its input.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

type Hex = `0x${string}`;
type AbiEntry = { readonly type: string; readonly name?: string };

export interface CompiledContract {
  /** Source unit, relative to contracts/. */
  readonly source: string;
  readonly abi: readonly AbiEntry[];
  /** Creation code without constructor arguments. */
  readonly bytecode: Hex;
  /** Deployed code; immutables are zero in it. */
  readonly deployedBytecode: Hex;
  /** Bytes of deployed code; the limit on chain is 24576. */
  readonly runtimeSize: number;
}

/** That a contract's code, or its creation code, is over the limit of the chain: contracts/test/gas.test.ts measures what is deployed. */
const SIZE_WARNINGS = ['5574', '3860'];

interface SolcMessage {
  readonly errorCode?: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly formattedMessage: string;
  readonly sourceLocation?: { readonly file: string };
}

interface SolcCode {
  readonly object: string;
  /** Only where the settings ask for it, as `immutableReferences`. */
  readonly sourceMap: string;
  readonly immutableReferences?: Readonly<Record<string, readonly { readonly start: number; readonly length: number }[]>>;
}

interface SolcContract {
  readonly abi: AbiEntry[];
  readonly evm: { readonly bytecode: SolcCode; readonly deployedBytecode: SolcCode };
}

interface SolcOutput {
  readonly errors?: SolcMessage[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, SolcContract>>>>;
  readonly sources?: Readonly<Record<string, { readonly id: number; readonly ast: unknown }>>;
}

interface Solc {
  version(): string;
  compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
}

const require = createRequire(import.meta.url);
const root = dirname(fileURLToPath(import.meta.url));

/** Packages that sources may import from, with the folder inside the package that holds their sources. */
const PACKAGES = { '@openzeppelin/contracts': '.', solady: 'src' } as const;

/** The same settings give the same bytecode on every machine: versions are pinned and no hash of the sources is appended. */
export const SETTINGS = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: 'cancun',
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
} as const;

/** The text of an imported source unit: a file of this folder or of a listed package. */
function readImport(path: string): { contents: string } | { error: string } {
  try {
    for (const [name, folder] of Object.entries(PACKAGES)) {
      if (!path.startsWith(`${name}/`)) continue;
      const packageRoot = dirname(require.resolve(`${name}/package.json`));
      return { contents: readFileSync(join(packageRoot, folder, path.slice(name.length + 1)), 'utf8') };
    }
    return { contents: readFileSync(join(root, path), 'utf8') };
  } catch {
    return { error: `source unit ${path} not found` };
  }
}

function solidityFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sol'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .sort();
}

/**
 * Compiles every Solidity file of `folders` (relative to contracts/) and returns its contracts and libraries by name, without
 * those of packages.
 *
 * @throws Error with the compiler's messages for any error, and for a warning in one of these files that is not about size.
 */
export function compileContracts(folders: readonly string[] = ['src']): Record<string, CompiledContract> {
  return kept(folders, SETTINGS, contractsOf);
}

/**
 * What `pick` takes of the compiler's answer for these folders and settings, compiled at most once for the pinned versions of compiler and
 * packages. `pick` also gets the names of the source units in the folders.
 *
 * @throws Error as `compileContracts`.
 */
export function kept<T>(folders: readonly string[], settings: object, pick: (output: SolcOutput, files: readonly string[]) => T): T {
  const files = folders.flatMap(solidityFiles);
  const sources = Object.fromEntries(files.map((name) => [name, { content: readFileSync(join(root, name), 'utf8') }]));
  const input = JSON.stringify({ language: 'Solidity', sources, settings });
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package.json')))
    .update(readFileSync(fileURLToPath(import.meta.url)));
  const path = join(root, 'out', `${digest.update(pick.toString()).update(input).digest('hex').slice(0, 24)}.json`);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    const compiled = pick(compile(input, files), files);
    mkdirSync(dirname(path), { recursive: true });
    // Renamed when whole: test files compile at the same time.
    writeFileSync(`${path}.${process.pid}.part`, JSON.stringify(compiled));
    renameSync(`${path}.${process.pid}.part`, path);
    return compiled;
  }
}

function compile(input: string, files: readonly string[]): SolcOutput {
  const solc = require('solc') as Solc;
  const output = JSON.parse(solc.compile(input, { import: readImport })) as SolcOutput;
  const problems = (output.errors ?? []).filter(
    ({ severity, sourceLocation, errorCode }) =>
      severity === 'error' || (severity === 'warning' && files.includes(sourceLocation?.file ?? '') && !SIZE_WARNINGS.includes(errorCode ?? '')),
  );
  if (problems.length > 0) throw new Error(problems.map((message) => message.formattedMessage).join('\n'));
  return output;
}

/** The contracts and libraries of these source units, by name. */
function contractsOf(output: SolcOutput, files: readonly string[]): Record<string, CompiledContract> {
  const compiled: Record<string, CompiledContract> = {};
  for (const source of files) {
    for (const [name, { abi, evm }] of Object.entries(output.contracts?.[source] ?? {})) {
      if (compiled[name]) throw new Error(`two contracts are named ${name}`);
      compiled[name] = {
        source,
        abi,
        bytecode: `0x${evm.bytecode.object}`,
        deployedBytecode: `0x${evm.deployedBytecode.object}`,
        runtimeSize: evm.deployedBytecode.object.length / 2,
      };
    }
  }
  return compiled;
}

/** A TypeScript module with each contract's ABI as a constant, one entry a line. */
function abiModule(compiled: Readonly<Record<string, CompiledContract>>): string {
  const parts = Object.entries(ABIS).map(([name, variable]) => {
    const lines = compiled[name]?.abi.map((entry) => `  ${JSON.stringify(entry)},`).join('\n');
    return `export const ${variable} = [\n${lines}\n] as const;\n`;
  });
  return `/** ABIs of the contracts that programs call. Generated by contracts/build.ts. */\n// biome-ignore-all format: generated, one entry a line\n${parts.join('\n')}`;
}

/** The contracts that programs call, and the names of their ABIs. */
const ABIS = {
  PentimentoCollection: 'pentimentoCollectionAbi',
  CollectionFactory: 'collectionFactoryAbi',
  ModelRegistry: 'modelRegistryAbi',
} as const;

function main(check: boolean): void {
  const compiled = compileContracts();
  const path = join(root, 'abi', 'contracts.ts');
  const text = abiModule(compiled);
  if (check) {
    if (readFileSync(path, 'utf8') !== text) {
      console.error('contracts/abi/contracts.ts is stale: run node contracts/build.ts');
      process.exitCode = 1;
    }
    return;
  }
  writeFileSync(path, text);
  for (const name of Object.keys(ABIS)) console.log(`${name}: ${compiled[name]?.runtimeSize} bytes of 24576`);
}

if (import.meta.main) main(process.argv.includes('--check'));
