/** Runs mutants of the generated verifier against the named inputs in a local EVM. */
import { BaseError } from '@pentimento/core';
import { generateVerifier } from '../../src/solidity.ts';
import type { Evm } from '../evm.ts';
import { everything, inputInDomain, type NamedInput, namedInputs, starvedInputs } from './inputs.ts';
import { type Mutant, solidityMutants } from './solidity-mutants.ts';

export class SolidityKiller {
  readonly mutants: readonly Mutant[];
  readonly source: string;
  readonly #evm: Evm;
  #inputs: NamedInput[] = [];

  constructor(evm: Evm) {
    this.#evm = evm;
    this.source = generateVerifier(everything.ir, everything.vk).verifier;
    this.mutants = solidityMutants(this.source);
  }

  /** Places the true verifier and its key, and returns the names of the inputs on which it is wrong: none. */
  async start(): Promise<string[]> {
    await this.#evm.place(everything.ir, everything.vk);
    const needed = await this.#evm.estimate(everything);
    this.#inputs = [...namedInputs(), ...starvedInputs(needed)];
    const wrong = await this.#wrong(this.#inputs);
    await this.#evm.placeSource(inDomain(this.source));
    return [...wrong, ...(await this.#wrong([inputInDomain()]))];
  }

  /** Name of an input on which the mutant is wrong, `does not compile`, or undefined when it survives. */
  async kill(mutant: Mutant): Promise<string | undefined> {
    try {
      await this.#evm.placeSource(mutant.apply());
    } catch (error) {
      if (error instanceof BaseError && error.code === 'verifier/solidity-error') return 'does not compile';
      throw error;
    }
    const [first, ...rest] = this.#inputs as [NamedInput, ...NamedInput[]];
    const killer = (await this.#wrong([first]))[0] ?? (await this.#wrong(rest))[0];
    if (killer !== undefined) return killer;
    await this.#evm.placeSource(inDomain(mutant.apply()));
    return (await this.#wrong([inputInDomain()]))[0];
  }

  /** Refusing branches of the source that no input takes: each is made to answer with its number, and the numbers are collected. */
  async uncoveredRefusals(): Promise<string[]> {
    let count = 1;
    const branches: string[] = [];
    const numbered = this.source.replace(/^.*\{ fail\(\) \}$/gm, (line) => {
      branches.push(line.trim());
      return line.replace('{ fail() }', `{ mstore(0, ${++count}) return(0, 0x20) }`);
    });
    const refused = this.#inputs.filter(({ expected }) => expected === false);
    await this.#evm.placeSource(numbered);
    const words = await this.#evm.words(refused);
    await this.#evm.placeSource(inDomain(numbered));
    words.push(...(await this.#evm.words([inputInDomain()])));
    const taken = new Set(words.map(Number));
    return branches.filter((_, i) => !taken.has(i + 2));
  }

  async #wrong(inputs: readonly NamedInput[]): Promise<string[]> {
    const verdicts = await this.#evm.verify(inputs);
    return inputs.flatMap(({ name, expected }, i) => (verdicts[i] === expected ? [] : [name]));
  }
}

/** The source with its challenge x replaced by 1: no transcript can be made to give such an x. */
function inDomain(source: string): string {
  return source.replace(/mod\(h, r\)\) \/\/ x$/m, '1) // x');
}
