/** Compiles Solidity with solc-js under the project's settings: legacy pipeline, optimizer with 200 runs, Cancun, no metadata hash. */
import { readFileSync } from 'node:fs';
import { BaseError, type Hex } from '@pentimento/core';
import solc from 'solc';

export interface CompileOptions {
  /** `prefix=target`, the target a readable path. */
  readonly remappings?: readonly string[];
}

export interface CompiledContract {
  readonly abi: readonly unknown[];
  /** Creation code. */
  readonly bytecode: Hex;
  readonly runtime: Hex;
  readonly runtimeBytes: number;
}

/** By file, then by contract name. */
export type CompiledSources = Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, SolcContract>>>>;
}

interface SolcContract {
  readonly abi: readonly unknown[];
  readonly evm: { readonly bytecode: { readonly object: string }; readonly deployedBytecode: { readonly object: string } };
}

/**
 * @param sources text by file name; an import that is not among them is read from disk after remapping
 * @throws BaseError `verifier/solidity-error` with the compiler's messages in `details.messages`
 */
export function compileSolidity(sources: Readonly<Record<string, string>>, options: CompileOptions = {}): CompiledSources {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(sources).map(([file, content]) => [file, { content }])),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      metadata: { appendCBOR: false, bytecodeHash: 'none' },
      remappings: [...(options.remappings ?? [])],
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as SolcOutput;
  const messages = (output.errors ?? []).filter((e) => e.severity === 'error').map((e) => e.formattedMessage);
  if (messages.length > 0) {
    throw new BaseError({ code: 'verifier/solidity-error', message: `Expected the sources to compile, got: ${messages[0]}`, details: { messages } });
  }
  const byName = (contracts: Readonly<Record<string, SolcContract>>) =>
    Object.fromEntries(Object.entries(contracts).map(([name, contract]) => [name, compiled(contract)]));
  return Object.fromEntries(Object.entries(output.contracts ?? {}).map(([file, contracts]) => [file, byName(contracts)]));
}

function compiled({ abi, evm }: SolcContract): CompiledContract {
  const runtime = evm.deployedBytecode.object;
  return { abi, bytecode: `0x${evm.bytecode.object}`, runtime: `0x${runtime}`, runtimeBytes: runtime.length / 2 };
}

function readImport(path: string): { contents: string } | { error: string } {
  try {
    return { contents: readFileSync(path, 'utf8') };
  } catch (error) {
    return { error: `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
