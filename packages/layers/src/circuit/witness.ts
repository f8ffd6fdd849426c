/**
 * Cell values for one latent: runs the decoder in the padded frame of the circuit (ring and padding included), splits every output into
 * high part and remainder, and counts the lookups. It shares no arithmetic with the integer reference, which tests compare it to.
 */

import type { Witness } from '@pentimento/circuit';
import { packIndex, packWords } from '@pentimento/core';
import { PALETTE_SIZE } from '../manifest.ts';
import type { DecoderCircuit } from './decoder.ts';
import { channelRows, type Grid, innerRows, planeOffset, type Vector } from './placement.ts';
import { foldUpsampling } from './plan.ts';
import { clampActivation, REMAINDER_TAG } from './tables.ts';

export interface DecoderWitness extends Witness {
  /** `[H, W]` palette indices. */
  readonly index: Uint8Array;
}

/** Public context of a proof; the words take part in no gate. */
export interface Context {
  readonly pose: number;
  readonly chainId: bigint;
  readonly collection: bigint;
  readonly creator: bigint;
}

/** Phase-0 columns in the circuit's order: h, r, o per slot, peak, multiplicity. `latent` elements are in 0..127. */
export function decoderWitness(circuit: DecoderCircuit, latent: Uint8Array, context: Context): DecoderWitness {
  return new WitnessBuilder(circuit, latent).build(context);
}

class WitnessBuilder {
  readonly #circuit: DecoderCircuit;
  readonly #latent: Uint8Array;
  readonly #h: Int32Array;
  readonly #r: Int32Array;
  readonly #o: Int32Array;
  readonly #peak: Int32Array;

  /** Cells are kept by exponent here and split into slots at the end. */
  constructor(circuit: DecoderCircuit, latent: Uint8Array) {
    const { plan, usable } = circuit;
    this.#circuit = circuit;
    this.#latent = latent;
    const size = usable * plan.slots;
    [this.#h, this.#r, this.#o, this.#peak] = [new Int32Array(size), new Int32Array(size), new Int32Array(size), new Int32Array(usable)];
    this.#o.fill(clampActivation(-plan.tables.zero));
  }

  build(context: Context): DecoderWitness {
    const { plan, usable } = this.#circuit;
    const slots = plan.slots;
    this.#setLatent();
    for (const layer of plan.model.manifest.layers) {
      if (layer.op === 'fullyConnected') this.#fullyConnected(layer.id, layer.input, layer.weight);
      else if (layer.op === 'conv2d') this.#convolution(layer.id, layer.input, layer.weight, layer.channelBias);
      else if (layer.op === 'globalAveragePool') this.#pool(layer.id, layer.input);
    }
    const index = this.#head();
    const split = (cells: Int32Array) =>
      Array.from({ length: slots }, (_, j) => Int32Array.from({ length: usable }, (_, row) => cells[slots * row + j] as number));
    const words = [...packWords(this.#latent), ...packWords(packIndex(index))];
    const instances = [[...words, BigInt(context.pose), context.chainId, context.collection, context.creator]];
    const advice = [...split(this.#h), ...split(this.#r), ...split(this.#o), this.#peak];
    return { advice: [...advice, countLookups(this.#circuit, advice)], instances, index };
  }

  #setLatent(): void {
    const { latent, slots, tables } = this.#circuit.plan;
    this.#latent.forEach((z, i) => {
      const exponent = slots * (latent.baseRow + i);
      this.#h[exponent] = tables.zero + z;
      this.#o[exponent] = z;
    });
  }

  #fullyConnected(id: string, input: string, name: string): void {
    const [grid, x, weight] = [this.#grid(id), this.#vector(input), this.#data(name)];
    const outputs = grid.channels * grid.height * grid.width;
    for (let o = 0; o < outputs; o++) {
      let acc = 0;
      for (let i = 0; i < x.length; i++) acc += (weight[o * x.length + i] as number) * (x[i] as number);
      this.#output(this.#first(grid) + o, acc);
    }
  }

  #convolution(id: string, input: string, name: string, channelBias: { readonly input: string; readonly weight: string } | undefined): void {
    const { plan } = this.#circuit;
    const slots = plan.slots;
    const [grid, source, weight] = [this.#grid(id), this.#grid(input), this.#data(name)];
    const branch = channelBias ? this.#branch(id, channelBias) : undefined;
    for (let c = 0; c < grid.channels; c++) {
      const acc = new Float64Array(grid.channelStride).fill(branch?.[c] ?? 0);
      for (let i = 0; i < source.channels; i++) {
        const kernel = foldUpsampling(weight.subarray((c * source.channels + i) * 9, (c * source.channels + i + 1) * 9));
        for (const { row, y, x } of innerRows(source, i, slots)) {
          for (let j = 0; j < slots; j++) {
            const value = this.#o[slots * row + j] as number;
            if (value === 0) continue;
            const corner = 2 * y * grid.stride + 2 * (x + j) + slots - 1;
            for (let a = 0; a < 4; a++)
              for (let d = 0; d < 4; d++) (acc[corner + a * grid.stride + d] as number) += value * ((kernel[a] as number[])[d] as number);
          }
        }
      }
      const first = this.#first(grid) + c * grid.channelStride;
      for (let e = 0; e < grid.channelStride; e++) this.#output(first + e, acc[e] as number);
      if (branch) for (const row of channelRows(grid, c, slots)) this.#peak[row] = branch[c] as number;
    }
  }

  #branch(id: string, { input, weight: name }: { readonly input: string; readonly weight: string }): number[] {
    const [x, weight] = [this.#vector(input), this.#data(name)];
    const { baseRow, channels } = this.#circuit.plan.branches.get(id) as Vector;
    return Array.from({ length: channels }, (_, c) => {
      let acc = 0;
      for (let i = 0; i < x.length; i++) acc += (weight[c * x.length + i] as number) * (x[i] as number);
      this.#peak[baseRow + c] = acc;
      return acc;
    });
  }

  #pool(id: string, input: string): void {
    const { placements, slots } = this.#circuit.plan;
    const [pooled, source] = [placements.get(id) as Vector, this.#grid(input)];
    for (let c = 0; c < pooled.channels; c++) {
      let sum = 0;
      for (const { row } of innerRows(source, c, slots)) for (let j = 0; j < slots; j++) sum += this.#o[slots * row + j] as number;
      const exponent = slots * (pooled.baseRow + c);
      for (let j = 0; j < slots; j++) this.#output(exponent + j, j === 0 ? sum : 0);
    }
  }

  /** Differences to the largest key; the flag is set where the difference is zero. */
  #head(): Uint8Array {
    const { head, slots, model, tables, constants } = this.#circuit.plan;
    const layer = model.manifest.layers.at(-1) as { input: string; weight: string };
    const [source, weight] = [this.#grid(layer.input), this.#data(layer.weight)];
    const index = new Uint8Array(head.pixels);
    const keys = new Float64Array(PALETTE_SIZE * head.pixels);
    for (let k = 0; k < PALETTE_SIZE; k++) {
      for (let p = 0; p < head.pixels; p++) keys[k * head.pixels + p] = constants.get(slots * head.baseRow + planeOffset(head, k, p)) as number;
      for (let i = 0; i < source.channels; i++) {
        const factor = PALETTE_SIZE * (weight[k * source.channels + i] as number);
        for (const { row, y, x } of innerRows(source, i, slots)) {
          for (let j = 0; j < slots; j++)
            (keys[k * head.pixels + y * source.width + x + j] as number) += factor * (this.#o[slots * row + j] as number);
        }
      }
    }
    for (let p = 0; p < head.pixels; p++) {
      let best = 0;
      for (let k = 1; k < PALETTE_SIZE; k++) if ((keys[k * head.pixels + p] as number) > (keys[best * head.pixels + p] as number)) best = k;
      index[p] = best;
      const peak = keys[best * head.pixels + p] as number;
      for (let k = 0; k < PALETTE_SIZE; k++) {
        const exponent = slots * head.baseRow + planeOffset(head, k, p);
        const difference = peak - (keys[k * head.pixels + p] as number);
        this.#h[exponent] = Math.floor(difference / 2 ** tables.headShift);
        this.#r[exponent] = difference % 2 ** tables.headShift;
        this.#o[exponent] = k === best ? 1 : 0;
        this.#peak[Math.floor(exponent / slots)] = peak;
      }
    }
    return index;
  }

  /** Splits `acc` minus the row's constant into `2^shift*h + r` and applies the activation. */
  #output(exponent: number, acc: number): void {
    const { scale, constants, slots, tables } = this.#circuit.plan;
    const value = acc - (constants.get(exponent) as number);
    const unit = scale.get(Math.floor(exponent / slots)) as number;
    const high = Math.floor(value / unit);
    this.#h[exponent] = high;
    this.#r[exponent] = value - unit * high;
    this.#o[exponent] = clampActivation(high - tables.zero);
  }

  #vector(id: string): number[] {
    const { placements, slots } = this.#circuit.plan;
    const vector = placements.get(id) as Vector;
    return Array.from({ length: vector.channels }, (_, i) => this.#o[slots * (vector.baseRow + i)] as number);
  }

  #grid(id: string): Grid {
    return this.#circuit.plan.placements.get(id) as Grid;
  }

  #first(grid: Grid): number {
    return this.#circuit.plan.slots * grid.baseRow;
  }

  #data(name: string): Int8Array | Int32Array {
    return this.#circuit.plan.model.weights.get(name)?.data as Int8Array | Int32Array;
  }
}

/** Multiplicity of every table entry over the rows that the step selector covers. Triples outside the table are left uncounted. */
export function countLookups({ plan, usable, fixed, ir }: DecoderCircuit, advice: readonly Int32Array[]): Int32Array {
  const { slots, tables } = plan;
  const column = (name: string) => fixed[ir.fixed.indexOf(name)] as Int32Array;
  const [head, scale] = [column('head'), column('scale')];
  const counts = new Int32Array(usable);
  const count = (value: number, output: number, tag: number) => {
    const row = tables.rowOf(value, output, tag);
    if (row !== undefined) counts[row] = (counts[row] as number) + 1;
  };
  for (let row = 0; row < usable - 1; row++) {
    for (let j = 0; j < slots; j++) {
      const [h, r, o] = [advice[j], advice[slots + j], advice[2 * slots + j]].map((c) => c?.[row] as number) as [number, number, number];
      count(h, o, head[row] as number);
      count(r, 0, REMAINDER_TAG + (scale[row] as number));
    }
  }
  return counts;
}
