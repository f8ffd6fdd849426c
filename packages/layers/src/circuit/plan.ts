/**
 * From a model to a plan: placements, the constant of every row, and the linear contributions of every input. The plan is plain data;
 * `decoder.ts` turns it into columns and gates, `witness.ts` into cell values.
 *
 * Every linear layer reads `sum over inputs = output` as one polynomial identity. An input unit (a channel, or one element of a vector)
 * owns a block of weight rows; row t of the block adds `rho[kappaRow] * sum_j b^j * weights[j]` to the unit's coefficient omega.
 */
import { BaseError, WORD_BYTES } from '@pentimento/core';
import type { Conv2dLayer, FullyConnectedLayer, GlobalAveragePoolLayer, Model, PaletteArgmaxLayer } from '../manifest.ts';
import { PALETTE_SIZE } from '../manifest.ts';
import {
  channelRows,
  type Grid,
  innerRows,
  type Placement,
  type Planes,
  placeGrid,
  placePlanes,
  placeVector,
  planeOffset,
  type Vector,
} from './placement.ts';
import { buildTables, poolShift, type Tables } from './tables.ts';

export interface WeightRow {
  /** Row of rho that is the factor of this row. */
  readonly kappaRow: number;
  /** At most `weightColumns` integers. */
  readonly weights: readonly number[];
}

export interface InputUnit {
  readonly layer: string;
  readonly blocks: readonly WeightRow[];
  /** Rows whose o cells are this unit's values; `piRow` is the row of rho that is their position factor. */
  readonly cells: readonly { readonly row: number; readonly piRow: number }[];
}

/** Rows whose o cells are summed with a plain coefficient: pooling and the packing of public bytes. */
export interface SumRow {
  readonly row: number;
  readonly kappaRow: number;
  /** Coefficient of every slot. */
  readonly sum: bigint;
  /** Further coefficient of the odd slots. */
  readonly odd: bigint;
}

export interface Plan {
  readonly model: Model;
  readonly slots: 1 | 2;
  readonly weightColumns: number;
  readonly tables: Tables;
  readonly placements: ReadonlyMap<string, Placement>;
  readonly latent: Vector;
  /** The pooled branch of a convolution, by the convolution's id. */
  readonly branches: ReadonlyMap<string, Vector>;
  readonly head: Planes;
  readonly units: readonly InputUnit[];
  readonly sums: readonly SumRow[];
  /** 2^shift of the rows that hold outputs, by row. */
  readonly scale: ReadonlyMap<number, number>;
  /** Constant of (row, slot), by exponent. */
  readonly constants: ReadonlyMap<number, number>;
  /** Groups of rows that share one broadcast cell; the first row of a group defines it. */
  readonly broadcasts: readonly (readonly number[])[];
  /** Public words that a gate reads: latent and image. */
  readonly boundWords: number;
  readonly instanceCount: number;
  readonly rows: number;
}

export interface PlanOptions {
  readonly slots: 1 | 2;
  readonly weightColumns: number;
}

/** Context words that no gate reads: pose, chain id, collection, creator. */
const CONTEXT_WORDS = 4;

export function planDecoder(model: Model, options: PlanOptions): Plan {
  return new Planner(model, options).plan();
}

function unsupported(message: string): never {
  throw new BaseError({ code: 'circuit/unsupported-layer', message });
}

class Planner {
  readonly #model: Model;
  readonly #slots: 1 | 2;
  readonly #weightColumns: number;
  readonly #tables: Tables;
  readonly #placements = new Map<string, Placement>();
  readonly #branches = new Map<string, Vector>();
  readonly #units: InputUnit[] = [];
  readonly #sums: SumRow[] = [];
  readonly #scale = new Map<number, number>();
  readonly #constants = new Map<number, number>();
  readonly #broadcasts: number[][] = [];
  readonly #consumed = new Set<string>();
  #nextRow: number;
  readonly #latentWords: number;
  readonly #imageWords: number;

  constructor(model: Model, { slots, weightColumns }: PlanOptions) {
    this.#model = model;
    this.#slots = slots;
    this.#weightColumns = weightColumns;
    this.#tables = buildTables(model);
    const { latent, image } = model.manifest;
    this.#latentWords = Math.ceil(latent.length / WORD_BYTES);
    this.#imageWords = Math.ceil((image.height * image.width) / 2 / WORD_BYTES);
    this.#nextRow = this.#latentWords + this.#imageWords + CONTEXT_WORDS;
  }

  plan(): Plan {
    const { manifest } = this.#model;
    const latent = placeVector(this.#take(manifest.latent.length), manifest.latent.length);
    this.#placements.set('latent', latent);
    this.#bindLatent(latent);
    for (const layer of manifest.layers) {
      if (layer.op === 'fullyConnected') this.#fullyConnected(layer);
      else if (layer.op === 'conv2d') this.#convolution(layer);
      else if (layer.op === 'globalAveragePool') this.#pool(layer);
      else this.#head(layer);
    }
    const head = this.#placements.get(manifest.layers.at(-1)?.id ?? '');
    if (head?.kind !== 'planes') unsupported('Expected the last layer to be paletteArgmax.');
    return {
      model: this.#model,
      slots: this.#slots,
      weightColumns: this.#weightColumns,
      tables: this.#tables,
      placements: this.#placements,
      latent,
      branches: this.#branches,
      head,
      units: this.#units,
      sums: this.#sums,
      scale: this.#scale,
      constants: this.#constants,
      broadcasts: this.#broadcasts,
      boundWords: this.#latentWords + this.#imageWords,
      instanceCount: this.#latentWords + this.#imageWords + CONTEXT_WORDS,
      rows: this.#nextRow,
    };
  }

  /** Word i of the public column enters the identity at row i, so its bytes are summed with that row's power. */
  #bindLatent(latent: Vector): void {
    for (let i = 0; i < latent.channels; i++) {
      const sum = -(256n ** BigInt(WORD_BYTES - 1 - (i % WORD_BYTES)));
      this.#sums.push({ row: latent.baseRow + i, kappaRow: Math.floor(i / WORD_BYTES), sum, odd: 0n });
    }
  }

  #fullyConnected(layer: FullyConnectedLayer): void {
    const source = this.#consume(layer.input, layer.id);
    if (source.kind !== 'vector') unsupported(`Expected layer ${layer.id} to read a vector, got the tensor of ${layer.input}.`);
    const [channels, height, width] = layer.shape;
    if (width % this.#slots !== 0) unsupported(`Expected the width of layer ${layer.id} to be a multiple of ${this.#slots}, got ${width}.`);
    const grid = this.#placeGrid(layer.id, layer.shape, 0);
    const outputs = channels * height * width;
    const bias = this.#data(layer.bias);
    for (let o = 0; o < outputs; o++) this.#output(grid.baseRow * this.#slots + o, bias[o] as number, layer.shift);
    const weight = this.#data(layer.weight);
    for (let i = 0; i < source.channels; i++) {
      const blocks: WeightRow[] = [];
      for (let o = 0; o < outputs; o += this.#weightColumns) {
        const count = Math.min(this.#weightColumns, outputs - o);
        const weights = Array.from({ length: count }, (_, j) => -(weight[(o + j) * source.channels + i] as number));
        blocks.push({ kappaRow: grid.baseRow + o / this.#slots, weights });
      }
      this.#units.push({ layer: layer.id, blocks, cells: [{ row: source.baseRow + i, piRow: 0 }] });
    }
  }

  #convolution(layer: Conv2dLayer): void {
    const source = this.#consume(layer.input, layer.id);
    if (source.kind !== 'grid') unsupported(`Expected layer ${layer.id} to read a tensor, got the vector of ${layer.input}.`);
    if (layer.upsample !== 2) unsupported(`Expected layer ${layer.id} to upsample by 2, got ${layer.upsample ?? 1}.`);
    if (layer.channelBias) this.#branch(layer, layer.channelBias);
    const grid = this.#placeGrid(layer.id, layer.shape, 1);
    const bias = this.#data(layer.bias);
    const branch = this.#branches.get(layer.id);
    for (let c = 0; c < grid.channels; c++) {
      const rows = channelRows(grid, c, this.#slots);
      for (const row of rows) for (let j = 0; j < this.#slots; j++) this.#output(row * this.#slots + j, bias[c] as number, layer.shift);
      if (branch) this.#broadcasts.push([branch.baseRow + c, ...rows]);
    }
    const weight = this.#data(layer.weight);
    for (let i = 0; i < source.channels; i++) {
      const blocks: WeightRow[] = [];
      for (let c = 0; c < grid.channels; c++) {
        const kernel = foldUpsampling(weight.subarray((c * source.channels + i) * 9, (c * source.channels + i + 1) * 9));
        kernel.forEach((line, a) => {
          // Element (y, x) of the ring's frame sits `slots - 1` exponents further than y*stride + x: shift the line, not the row.
          const shifted = [...new Array<number>(this.#slots - 1).fill(0), ...line.map((w) => -w)];
          for (let j = 0; j < shifted.length; j += this.#weightColumns) {
            const exponent = c * grid.channelStride + a * grid.stride + j;
            blocks.push({ kappaRow: grid.baseRow + exponent / this.#slots, weights: shifted.slice(j, j + this.#weightColumns) });
          }
        });
      }
      const cells = innerRows(source, i, this.#slots).map(({ row, y, x }) => ({ row, piRow: (2 * y * grid.stride + 2 * x) / this.#slots }));
      this.#units.push({ layer: layer.id, blocks, cells });
    }
  }

  /** The branch's value of channel c is one cell, defined in its own row and broadcast to all rows of the channel. */
  #branch(layer: Conv2dLayer, { input, weight: name }: { readonly input: string; readonly weight: string }): void {
    const pooled = this.#consume(input, layer.id);
    if (pooled.kind !== 'vector') unsupported(`Expected the channel bias of layer ${layer.id} to read a vector, got the tensor of ${input}.`);
    const branch = placeVector(this.#take(layer.shape[0]), layer.shape[0]);
    this.#branches.set(layer.id, branch);
    const weight = this.#data(name);
    for (let i = 0; i < pooled.channels; i++) {
      const blocks = Array.from({ length: branch.channels }, (_, c) => ({
        kappaRow: branch.baseRow + c,
        weights: new Array<number>(this.#slots).fill(weight[c * pooled.channels + i] as number),
      }));
      this.#units.push({ layer: `${layer.id}/branch`, blocks, cells: [{ row: pooled.baseRow + i, piRow: 0 }] });
    }
  }

  #pool(layer: GlobalAveragePoolLayer): void {
    const source = this.#placements.get(layer.input);
    if (source?.kind !== 'grid') unsupported(`Expected layer ${layer.id} to read a tensor, got ${layer.input}.`);
    const pooled = placeVector(this.#take(source.channels), source.channels);
    this.#placements.set(layer.id, pooled);
    for (let c = 0; c < source.channels; c++) {
      const row = pooled.baseRow + c;
      for (let j = 0; j < this.#slots; j++) this.#output(row * this.#slots + j, 0, poolShift(this.#model, layer.input));
      for (const cell of innerRows(source, c, this.#slots)) this.#sums.push({ row: cell.row, kappaRow: row, sum: -1n, odd: 0n });
    }
  }

  #head(layer: PaletteArgmaxLayer): void {
    const source = this.#consume(layer.input, layer.id);
    if (source.kind !== 'grid') unsupported(`Expected layer ${layer.id} to read a tensor, got the vector of ${layer.input}.`);
    const pixels = source.height * source.width;
    const planes = placePlanes(this.#nextRow, PALETTE_SIZE, pixels, this.#slots);
    this.#take(planes.rows);
    this.#placements.set(layer.id, planes);
    const [weight, bias] = [this.#data(layer.weight), this.#data(layer.bias)];
    for (let i = 0; i < source.channels; i++) {
      const cells = innerRows(source, i, this.#slots).map(({ row, y, x }) => ({ row, piRow: (2 * (y * source.width + x)) / this.#slots }));
      const blocks: WeightRow[] = [];
      for (let k = 0; k < PALETTE_SIZE; k += 2) {
        const pair = [k, k + 1].map((c) => PALETTE_SIZE * (weight[c * source.channels + i] as number));
        blocks.push({ kappaRow: planes.baseRow + planeOffset(planes, k, 0) / this.#slots, weights: pair });
      }
      this.#units.push({ layer: layer.id, blocks, cells });
    }
    for (let p = 0; p < pixels; p++) this.#pixel(planes, p, bias);
  }

  /** Difference rows of one pixel: `V = peak - key_k` with `key_k = 16*logit_k + 15 - k`, so the first maximum has the largest key. */
  #pixel(planes: Planes, p: number, bias: ArrayLike<number>): void {
    const perWord = 2 * WORD_BYTES;
    const place = 16n ** BigInt(perWord - 1 - (p % perWord));
    const rows: number[] = [];
    for (let k = 0; k < PALETTE_SIZE; k++) {
      const exponent = planes.baseRow * this.#slots + planeOffset(planes, k, p);
      this.#constants.set(exponent, PALETTE_SIZE * (bias[k] as number) + PALETTE_SIZE - 1 - k);
      this.#scale.set(Math.floor(exponent / this.#slots), 2 ** this.#tables.headShift);
      if (exponent % this.#slots !== 0) continue;
      const row = exponent / this.#slots;
      rows.push(row);
      const kappaRow = this.#latentWords + Math.floor(p / perWord);
      this.#sums.push({ row, kappaRow, sum: -BigInt(k) * place, odd: this.#slots === 2 ? -place : 0n });
    }
    this.#broadcasts.push(rows);
  }

  /** Output V at an exponent: `V = acc + rounding` with `V = 2^shift*(h - zero) + r`. */
  #output(exponent: number, bias: number, shift: number): void {
    this.#constants.set(exponent, -(bias + 2 ** (shift - 1) + 2 ** shift * this.#tables.zero));
    this.#scale.set(Math.floor(exponent / this.#slots), 2 ** shift);
  }

  #placeGrid(id: string, shape: readonly [number, number, number], ring: 0 | 1): Grid {
    const grid = placeGrid(this.#nextRow, shape, ring, this.#slots);
    this.#take(grid.rows);
    this.#placements.set(id, grid);
    return grid;
  }

  #take(rows: number): number {
    const first = this.#nextRow;
    this.#nextRow += rows;
    return first;
  }

  /** A tensor's rows carry one position factor each, so one weighted layer may read it (pooling is free). */
  #consume(id: string, by: string): Placement {
    const placement = this.#placements.get(id);
    if (!placement) unsupported(`Expected layer ${by} to read an earlier layer, got ${id}.`);
    if (this.#consumed.has(id)) unsupported(`Expected the output of ${id} to feed one weighted layer, but ${by} is a second one.`);
    this.#consumed.add(id);
    return placement;
  }

  #data(name: string): Int8Array | Int32Array {
    return this.#model.weights.get(name)?.data as Int8Array | Int32Array;
  }
}

/**
 * A 3x3 kernel over the nearest x2 upsampling, as a 4x4 kernel of scattered contributions: input (y, x) adds `fold[a][c]` at
 * `(2y + a, 2x + c)` of the output's frame, which begins one row and one column before the image.
 */
export function foldUpsampling(kernel: ArrayLike<number>): number[][] {
  const fold = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
  for (let u = 0; u < 3; u++) {
    for (let v = 0; v < 3; v++) {
      for (const [dy, dx] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const) {
        const line = fold[2 - u + dy] as number[];
        line[2 - v + dx] = (line[2 - v + dx] as number) + (kernel[3 * u + v] as number);
      }
    }
  }
  return fold;
}
