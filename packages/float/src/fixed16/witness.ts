/**
 * Cell values of the fixed-point circuit for one latent. Rows are computed in their order from the plan's linear terms: a row's sum is
 * complete when it is reached, because every layer's rows stand behind those of its inputs.
 */
import type { Witness } from '@pentimento/circuit';
import { BaseError, field, packIndex, packWords } from '@pentimento/core';
import { FIXED_LIMIT, FRACTION_BITS } from '../arithmetics.ts';
import { Multiplicities } from '../lookup.ts';
import { CELLS, type Cell, ENTRIES, type Fixed16Circuit, headGroups, LIMB_BITS, LIMBS, SHORT, TAG } from './circuit.ts';
import { LATENT_LIMIT, VALUES_A_WORD, valuePlace } from './plan.ts';

export interface Fixed16Witness extends Witness {
  /** `[H*W]` palette indices; empty with an RGB head. */
  readonly index: Uint8Array;
  /** `[3*H*W]` in units of 2^-16; empty with a palette head. */
  readonly image: Int32Array;
}

/** `latent` elements are in 0..127. Throws `model/latent-length`. */
export function fixed16Witness(circuit: Fixed16Circuit, latent: Uint8Array): Fixed16Witness {
  const { plan } = circuit;
  if (latent.length !== plan.latent.count) {
    throw new BaseError({ code: 'model/latent-length', message: `Expected a latent of ${plan.latent.count} elements, got ${latent.length}.` });
  }
  return new WitnessBuilder(circuit).build(latent);
}

class WitnessBuilder {
  readonly #circuit: Fixed16Circuit;
  /** Integers below 2^53; limbs are cut at the end. */
  readonly #remainder: Float64Array;
  readonly #output: Float64Array;
  readonly #excess: Float64Array;
  readonly #side: Int32Array;
  readonly #peak: Float64Array;
  /** Terms that earlier rows add to the equation of a row, without its constant. */
  readonly #terms: Float64Array;
  /** Unit of a row (plus one) and its position. */
  readonly #unit: Int32Array;
  readonly #position: Int32Array;

  constructor(circuit: Fixed16Circuit) {
    const { usable, plan } = circuit;
    this.#circuit = circuit;
    const numbers = () => new Float64Array(usable);
    [this.#remainder, this.#output, this.#excess, this.#peak, this.#terms] = [numbers(), numbers(), numbers(), numbers(), numbers()];
    [this.#side, this.#unit, this.#position] = [new Int32Array(usable), new Int32Array(usable), new Int32Array(usable)];
    plan.units.forEach(({ cells }, u) => {
      for (const { row, piRow } of cells) [this.#unit[row], this.#position[row]] = [u + 1, piRow];
    });
  }

  build(latent: Uint8Array): Fixed16Witness {
    const { plan } = this.#circuit;
    const pooled = new Map(plan.sums.filter(({ kappaRow }) => kappaRow >= plan.latentWords + plan.imageWords).map((s) => [s.row, s]));
    latent.forEach((z, i) => {
      this.#output[plan.latent.first + i] = z;
      this.#excess[plan.latent.first + i] = LATENT_LIMIT - z;
      this.#scatter(plan.latent.first + i);
    });
    const branches = new Map(plan.branches.map((rows) => [rows[0] as number, rows]));
    const outputs = new Uint8Array(this.#circuit.usable);
    for (const { first, count } of plan.outputs) outputs.fill(1, first, first + count);
    for (let row = plan.latent.first + plan.latent.count; row < plan.rows - plan.head.count; row++) {
      for (const other of branches.get(row) ?? []) this.#peak[other] = this.#terms[row] as number;
      if (outputs[row]) this.#element(row);
      this.#scatter(row);
      const sum = pooled.get(row);
      if (sum) (this.#terms[sum.kappaRow] as number) += Number(sum.sum) * (this.#output[row] as number);
    }
    const index = this.#head();
    const image = Int32Array.from(this.#output.subarray(plan.image.first, plan.image.first + plan.image.count));
    return { ...this.#columns(), instances: [[...packWords(latent), ...packWords(packIndex(index)), ...packValues(image)]], index, image };
  }

  /** Rescales and clamps the sum of a row. */
  #element(row: number): void {
    const constant = this.#circuit.plan.constants.get(row) ?? 0;
    const value = (this.#peak[row] as number) - constant - (this.#terms[row] as number);
    const q = Math.floor(value / 2 ** FRACTION_BITS);
    this.#remainder[row] = value - q * 2 ** FRACTION_BITS;
    const side = q < 0 ? -1 : q > FIXED_LIMIT ? 1 : 0;
    const output = Math.min(Math.max(q, 0), FIXED_LIMIT);
    this.#side[row] = side;
    this.#output[row] = output;
    this.#excess[row] = side === 0 ? FIXED_LIMIT - output : Math.abs(q - output);
  }

  /** Adds a row's output to the equations of the next layer. */
  #scatter(row: number): void {
    const unit = this.#circuit.plan.units[(this.#unit[row] as number) - 1];
    const value = (this.#output[row] as number) * (unit?.factor ?? 0);
    if (!unit || value === 0) return;
    for (const { kappaRow, weights } of unit.blocks) {
      const at = kappaRow + (this.#position[row] as number);
      weights.forEach((w, j) => {
        (this.#terms[at + j] as number) += w * value;
      });
    }
  }

  /** Differences to the largest key of each pixel; the flag stands where there is none. */
  #head(): Uint8Array {
    const { plan } = this.#circuit;
    return Uint8Array.from(headGroups(plan), (rows) => {
      const keys = rows.map((row) => (plan.constants.get(row) as number) + (this.#terms[row] as number));
      const peak = Math.max(...keys);
      rows.forEach((row, k) => {
        const difference = peak - (keys[k] as number);
        this.#peak[row] = peak;
        this.#output[row] = difference % 2 ** (2 * LIMB_BITS);
        this.#excess[row] = Math.floor(difference / 2 ** (2 * LIMB_BITS));
        this.#side[row] = difference === 0 ? 1 : 0;
      });
      return keys.indexOf(peak);
    });
  }

  #columns(): Pick<Witness, 'advice'> {
    const { usable } = this.#circuit;
    const limb = (values: Float64Array, i: number) => Int32Array.from(values, (v) => Math.floor(v / 2 ** (LIMB_BITS * i)) % 2 ** LIMB_BITS);
    const sources = { remainder: this.#remainder, output: this.#output, excess: this.#excess };
    const column = (name: Cell) => {
      if (name === 'side') return this.#side;
      if (name === 'peak') return Array.from(this.#peak, (v) => field.fr(v));
      return limb(sources[name.slice(0, -1) as keyof typeof sources], Number(name.slice(-1)));
    };
    const advice = CELLS.map(column);
    return { advice: [...advice, countFixed16(advice as (Int32Array | bigint[])[], usable)] };
  }
}

function packValues(image: Int32Array): bigint[] {
  const words = new Array<bigint>(Math.ceil(image.length / VALUES_A_WORD)).fill(0n);
  image.forEach((value, i) => {
    (words[Math.floor(i / VALUES_A_WORD)] as bigint) += BigInt(value) * valuePlace(i);
  });
  return words;
}

/** Multiplicities of the lookups on every row but the last. */
export function countFixed16(advice: readonly ArrayLike<number | bigint>[], usable: number): Int32Array {
  const multiplicities = new Multiplicities(ENTRIES, usable);
  const count = (tag: number, names: readonly Cell[]) => {
    const times = new Map<number, number>();
    for (const name of names) {
      const column = advice[CELLS.indexOf(name)] as Int32Array;
      for (let row = 0; row < usable - 1; row++) times.set(column[row] as number, (times.get(column[row] as number) ?? 0) + 1);
    }
    for (const [value, n] of times) multiplicities.count([tag, BigInt(value)], n);
  };
  count(TAG.limb, LIMBS);
  count(TAG.short, SHORT);
  return multiplicities.counts;
}
