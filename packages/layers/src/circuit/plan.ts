/**
 * From a model to a plan: which rows every tensor has, what each row's constants are, and what every input adds to which equations. The
 * plan is plain data; `decoder.ts` turns it into columns and gates, `witness.ts` into cell values.
 *
 * An input unit (a channel, or one element of a vector) owns lines of weights. Line `l` adds `b^exponent * sum_j b^j * weights[j]` to the
 * unit's coefficient; an element at position `pi` contributes coefficient times `pi` times its value.
 */
import { CONTEXT_WORDS, WORD_BYTES } from '@pentimento/core';
import { type Geometry, geometryOf } from '../geometry.ts';
import { PALETTE_SIZE } from '../manifest.ts';
import type { Model } from '../model.ts';
import { copyOf, type HeadNode, lower, type Node, onesOf, type TensorNode, unsupported } from './lower.ts';
import { elementsPerRow, type Grid, gridOf, lineRows, NO_RING, offsetOf, vectorOf } from './placement.ts';
import { ringOf, spacingOf, stepOf, tapLines } from './scatter.ts';
import { buildTables, type Tables } from './tables.ts';

/** A power of two that divides the palette: triples of cells a row. */
export type Slots = 1 | 2 | 4 | 8;

/** How the cells of a row enter the identity: `sum over terms of b^exponent * o_slot`, times the position where it has one. */
export interface Reader {
  /** Name of its selector column. */
  readonly name: string;
  readonly position: boolean;
  readonly terms: readonly { readonly slot: number; readonly exponent: number }[];
}

export interface Line {
  readonly exponent: number;
  readonly weights: Int32Array;
}

export interface InputUnit {
  readonly source: string;
  /** Position in the plan's list of readers. */
  readonly reader: number;
  readonly lines: Line[];
  /** Row of rho by whose power plus one the coefficient is multiplied at the end: the second line of an upsampled element. */
  readonly fold: number | undefined;
  /** Rows of the unit's elements; `piRow` is the row of rho that is their position. */
  readonly cells: readonly { readonly row: number; readonly piRow: number }[];
}

/** Rows that a public word is made of. */
export interface WordRow {
  readonly row: number;
  readonly wordRow: number;
  /** Coefficient of slot 0, and of the others of a head's row. */
  readonly sum: bigint;
  /** Coefficient of `slot * o_slot`. */
  readonly odd: bigint;
}

export interface Placed {
  readonly node: Node | { readonly kind: 'latent'; readonly id: 'latent'; readonly shape: readonly [number, number, number] };
  readonly grid: Grid;
  readonly baseRow: number;
}

export interface Plan {
  readonly model: Model;
  readonly slots: Slots;
  readonly tables: Tables;
  /** In row order, which is also an order of evaluation; `latent` is the first. */
  readonly placed: ReadonlyMap<string, Placed>;
  readonly readers: readonly Reader[];
  readonly units: readonly InputUnit[];
  readonly words: readonly WordRow[];
  /** Rows whose o cells are summed up into the equations of row `kappaRow`. */
  readonly pools: readonly { readonly row: number; readonly kappaRow: number }[];
  /** 2^shift of the rows that hold outputs, else 0; by row. */
  readonly scale: Int32Array;
  readonly constant: Int32Array;
  /** Tag of the row's activation. */
  readonly activation: Int32Array;
  /** Groups of rows that share one broadcast cell; the first row of a group defines it. */
  readonly broadcasts: readonly (readonly number[])[];
  /** The palette head, if that is the model's. */
  readonly head: Placed | undefined;
  /** Public words that a gate reads: latent and image. */
  readonly boundWords: number;
  readonly instanceCount: number;
  readonly rows: number;
}

export function planDecoder(model: Model, slots: Slots): Plan {
  return new Planner(model, slots).plan();
}

/** What makes two readers of a tensor agree: equal factors for equal elements. */
const ELEMENTS = 'elements';
const POINT = geometryOf({ kernel: 1 });

class Planner {
  readonly #model: Model;
  readonly #slots: Slots;
  readonly #tables: Tables;
  readonly #placed = new Map<string, Placed>();
  readonly #readers: Reader[] = [];
  readonly #units = new Map<string, InputUnit>();
  readonly #words: WordRow[] = [];
  readonly #pools = new Map<number, number>();
  readonly #broadcasts: (readonly number[])[] = [];
  readonly #latentWords: number;
  readonly #imageWords: number;
  #rows: number;

  constructor(model: Model, slots: Slots) {
    this.#model = model;
    this.#slots = slots;
    const { latent, image, layers } = model.manifest;
    const imageBytes = image.height * image.width * (layers.at(-1)?.op === 'rgb' ? 3 : 1 / 2);
    this.#latentWords = Math.ceil(latent.length / WORD_BYTES);
    this.#imageWords = Math.ceil(imageBytes / WORD_BYTES);
    this.#rows = this.#latentWords + this.#imageWords + CONTEXT_WORDS;
    const nodes = this.#separateReaders(this.#withOnes(lower(model, slots)));
    this.#tables = buildTables(nodes);
    this.#place({ kind: 'latent', id: 'latent', shape: [latent.length, 1, 1] }, vectorOf(latent.length, slots));
    for (const node of nodes)
      this.#place(
        node,
        this.#gridOf(node, (id) => this.#at(id).grid),
      );
    for (const node of nodes) this.#connect(node);
  }

  plan(): Plan {
    const last = [...this.#placed.values()].at(-1) as Placed;
    const byRow = { scale: new Int32Array(this.#rows), constant: new Int32Array(this.#rows), activation: new Int32Array(this.#rows) };
    for (const placed of this.#placed.values()) this.#constants(placed, byRow);
    this.#bindLatent();
    if (last.node.kind === 'head') this.#bindPixels(last);
    else this.#bindChannels(last);
    return {
      model: this.#model,
      slots: this.#slots,
      tables: this.#tables,
      placed: this.#placed,
      readers: this.#readers,
      units: [...this.#units.values()],
      words: this.#words,
      pools: [...this.#pools].map(([row, kappaRow]) => ({ row, kappaRow })),
      ...byRow,
      broadcasts: this.#broadcasts,
      head: last.node.kind === 'head' ? last : undefined,
      boundWords: this.#latentWords + this.#imageWords,
      instanceCount: this.#latentWords + this.#imageWords + CONTEXT_WORDS,
      rows: this.#rows,
    };
  }

  /** With several slots, biases that differ within a row are weights of a tensor of ones; with one, they are the row's constant. */
  #withOnes(nodes: readonly Node[]): Node[] {
    if (this.#slots === 1) return [...nodes];
    return nodes.flatMap((node): Node[] => {
      if (node.kind === 'head') return [onesOf(`${node.id}/one`, [1, node.shape[1], node.shape[2]]), node];
      if (node.kind === 'tensor' && node.dense) return [{ ...onesOf(`${node.id}/one`, [1, 1, 1]), sparse: true }, node];
      return [node];
    });
  }

  /** A row has one position and one coefficient. Readers of a tensor that do not agree on them get a copy each. */
  #separateReaders(nodes: readonly Node[]): Node[] {
    const grids = new Map<string, Grid>([['latent', vectorOf(this.#model.manifest.latent.length, this.#slots)]]);
    const signatures = new Map<string, Set<string>>();
    for (const node of nodes) {
      grids.set(
        node.id,
        this.#gridOf(node, (id) => grids.get(id) as Grid),
      );
      for (const [source, signature] of this.#readsOf(node, grids)) signatures.set(source, (signatures.get(source) ?? new Set()).add(signature));
    }
    const copyId = (source: string, signature: string) => {
      const all = [...(signatures.get(source) as Set<string>)];
      return all.length === 1 ? source : `${source}/copy${all.indexOf(signature)}`;
    };
    return nodes.flatMap((node) => {
      const own = new Map(this.#readsOf(node, grids).map(([source, signature]) => [source, copyId(source, signature)]));
      const count = signatures.get(node.id)?.size ?? 0;
      const sparse = node.kind === 'tensor' && node.sparse === true;
      const copies = count > 1 ? Array.from({ length: count }, (_, i) => copyOf(node.id, `${node.id}/copy${i}`, node.shape, sparse)) : [];
      return [retarget(node, own), ...copies];
    });
  }

  #readsOf(node: Node, grids: ReadonlyMap<string, Grid>): [source: string, signature: string][] {
    const grid = grids.get(node.id) as Grid;
    if (node.kind === 'branch') return [[node.dense.source, ELEMENTS]];
    if (node.kind === 'head') return [[node.source, signatureOf(POINT, grid)]];
    const dense: [string, string][] = node.dense ? [[node.dense.source, ELEMENTS]] : [];
    return [...dense, ...node.terms.map(({ source, geometry }): [string, string] => [source, signatureOf(geometry, grid)])];
  }

  #gridOf(node: Node, gridOfSource: (id: string) => Grid): Grid {
    const slots = this.#slots;
    if (node.kind === 'branch') return vectorOf(node.shape[0], slots);
    if (node.kind === 'head') return gridOf([PALETTE_SIZE / slots, node.shape[1], node.shape[2]], NO_RING, slots, slots);
    const sources = node.terms.map(({ source, geometry }) => ({ geometry, grid: gridOfSource(source) }));
    const spacing = node.sparse ? slots : spacingOf(sources, slots);
    const grid = gridOf(node.shape, ringOf(sources, node.shape, spacing), spacing, slots);
    if (node.dense && grid.width % slots !== 0)
      unsupported(`Expected the width of layer ${node.id} to be a multiple of ${slots}, got ${grid.width}.`);
    return grid;
  }

  #place(node: Placed['node'], grid: Grid): void {
    this.#placed.set(node.id, { node, grid, baseRow: this.#rows });
    this.#rows += grid.rows;
  }

  #connect(node: Node): void {
    if (node.kind === 'branch') this.#branch(node.id, node.dense.source, node.dense.weight);
    else if (node.kind === 'head') this.#head(node);
    else this.#tensor(node);
  }

  #tensor(node: TensorNode): void {
    const placed = this.#at(node.id);
    if (node.dense) this.#dense(node, node.dense.source, node.dense.weight);
    for (const { source, geometry, taps } of node.terms) {
      this.#readChannels(source, geometry, placed, (i, phase) =>
        Array.from({ length: placed.grid.channels }, (_, o) => {
          const kernel = taps(o, i);
          const origin = this.#slots * placed.baseRow + offsetOf(placed.grid, o, 0, 0);
          return kernel ? tapLines({ geometry, grid: placed.grid }, origin, kernel, phase) : [];
        }).flat(),
      );
    }
    if (node.pool) this.#pool(node, node.pool);
    if (node.branch) this.#broadcast(this.#at(node.branch), placed);
  }

  /** Adds lines to the unit of every channel of `source`, read with the positions of `target`. */
  #readChannels(source: string, geometry: Geometry, target: Placed, lines: (channel: number, phase: number) => Line[]): void {
    const slots = this.#slots;
    const { grid, baseRow } = this.#at(source);
    const perRow = elementsPerRow(grid, slots);
    if (perRow > 1 && (grid.width * grid.spacing) % slots !== 0) {
      unsupported(`Expected the width of ${source} to be a multiple of ${perRow} with ${slots} slots, got ${grid.width}.`);
    }
    const step = stepOf(geometry, target.grid.spacing);
    const reader = this.#reader(grid, step);
    const lineOf = (y: number) => (geometry.stride === 2 ? y >> 1 : y * geometry.upsample);
    for (let c = 0; c < grid.channels; c++) {
      for (let phase = 0; phase < geometry.stride; phase++) {
        const ys = Array.from({ length: grid.height }, (_, y) => y).filter((y) => y % geometry.stride === phase);
        const cells = ys.flatMap((y) =>
          lineRows(grid, c, y, slots).map(({ row, x }) => ({ row: baseRow + row, piRow: (lineOf(y) * target.grid.stride + x * step) / slots })),
        );
        if (cells.length === 0) continue;
        const fold = geometry.upsample === 2 ? target.grid.stride / slots : undefined;
        this.#unit(`${source} ${c} ${phase}`, { source, reader, fold, cells }).push(...lines(c, phase).map(trim));
      }
    }
  }

  /** Adds a line to the unit of every element of `source`: all its weights, side by side from `exponent` on. */
  #readElements(source: string, exponent: number, weights: (element: number) => Int32Array): void {
    const { grid, baseRow } = this.#at(source);
    const reader = this.#reader(grid, undefined);
    for (let i = 0; i < grid.channels * grid.height * grid.width; i++) {
      const [c, y, x] = [Math.floor(i / (grid.height * grid.width)), Math.floor(i / grid.width) % grid.height, i % grid.width];
      const cells = [{ row: baseRow + offsetOf(grid, c, y, x) / this.#slots, piRow: 0 }];
      this.#unit(`${source} ${i}`, { source, reader, fold: undefined, cells }).push(trim({ exponent, weights: weights(i) }));
    }
  }

  #unit(key: string, unit: Omit<InputUnit, 'lines'>): Line[] {
    const known = this.#units.get(key) ?? { ...unit, lines: [] };
    this.#units.set(key, known);
    return known.lines;
  }

  /** Reader of a tensor's rows with `step` exponents from one element to the next, or of single elements without a position. */
  #reader(grid: Grid, step: number | undefined): number {
    const slots = this.#slots;
    const perRow = elementsPerRow(grid, slots);
    const single = perRow === 1;
    const position = step !== undefined || slots === 1;
    const name = single ? (position ? 'input' : 'inputVector') : `input${step}${grid.spacing > 1 ? `of${grid.spacing}` : ''}`;
    const known = this.#readers.findIndex((reader) => reader.name === name);
    if (known >= 0) return known;
    const terms = Array.from({ length: perRow }, (_, j) => ({ slot: single ? 0 : j * grid.spacing, exponent: j * (step ?? 0) }));
    return this.#readers.push({ name, position, terms }) - 1;
  }

  #dense(node: TensorNode, source: string, weight: ArrayLike<number>): void {
    const { baseRow } = this.#at(node.id);
    const outputs = node.bias.length;
    const inputs = weight.length / outputs;
    const column = (i: number) => Int32Array.from({ length: outputs }, (_, o) => -(weight[o * inputs + i] as number));
    this.#readElements(source, this.#slots * baseRow, column);
    if (this.#slots > 1) this.#readElements(`${node.id}/one`, this.#slots * baseRow, () => Int32Array.from(node.bias, (b) => -b));
  }

  /** The value of channel c is one cell, for all slots of its row. */
  #branch(id: string, source: string, weight: ArrayLike<number>): void {
    const { grid, baseRow } = this.#at(id);
    const inputs = weight.length / grid.channels;
    const column = (i: number) =>
      Int32Array.from({ length: grid.channels * this.#slots }, (_, t) => weight[Math.floor(t / this.#slots) * inputs + i] as number);
    this.#readElements(source, this.#slots * baseRow, column);
  }

  #broadcast(branch: Placed, { grid, baseRow }: Placed): void {
    const perChannel = grid.channelStride / this.#slots;
    for (let c = 0; c < grid.channels; c++) {
      this.#broadcasts.push([branch.baseRow + c, ...Array.from({ length: perChannel }, (_, i) => baseRow + c * perChannel + i)]);
    }
  }

  #pool(node: TensorNode, source: string): void {
    const slots = this.#slots;
    const { grid, baseRow } = this.#at(source);
    const pooled = this.#at(node.id);
    if (slots > 1 && (grid.spacing > 1 || grid.width % slots !== 0)) {
      unsupported(
        `Expected layer ${node.id} to pool whole rows of ${slots} elements, got a width of ${grid.width} and a spacing of ${grid.spacing}.`,
      );
    }
    for (let c = 0; c < grid.channels; c++) {
      for (let y = 0; y < grid.height; y++) {
        for (const { row } of lineRows(grid, c, y, slots)) {
          if (this.#pools.has(baseRow + row)) unsupported(`Expected one global pooling of ${source}, but ${node.id} is a second one.`);
          this.#pools.set(baseRow + row, pooled.baseRow + c);
        }
      }
    }
  }

  /** `key_k = 16*(logit_k - lowest) + 15 - k`: the first maximum has the largest key, and no key is negative. */
  #head(node: HeadNode): void {
    const slots = this.#slots;
    const placed = this.#at(node.id);
    const { grid, baseRow } = placed;
    const channels = node.weight.length / PALETTE_SIZE;
    const lines = (value: (k: number) => number): Line[] =>
      Array.from({ length: grid.channels }, (_, q) => ({
        exponent: slots * baseRow + q * grid.channelStride,
        weights: Int32Array.from({ length: slots }, (_, j) => value(q * slots + j)),
      }));
    this.#readChannels(node.source, POINT, placed, (i) => lines((k) => PALETTE_SIZE * (node.weight[k * channels + i] as number)));
    if (slots > 1) this.#readChannels(`${node.id}/one`, POINT, placed, () => lines((k) => keyConstant(node, k)));
    const perClass = grid.channelStride / slots;
    for (let p = 0; p < perClass; p++) this.#broadcasts.push(Array.from({ length: grid.channels }, (_, q) => baseRow + q * perClass + p));
  }

  /** `value*scale + remainder` of a row's outputs is `acc - constant`. */
  #constants({ node, grid, baseRow }: Placed, rows: Pick<Plan, 'scale' | 'constant' | 'activation'>): void {
    const { zero, headShift } = this.#tables;
    const perChannel = grid.channelStride / this.#slots;
    for (let i = 0; i < grid.rows && node.kind !== 'latent' && node.kind !== 'branch'; i++) {
      const c = Math.floor(i / perChannel);
      if (node.kind === 'head') {
        rows.scale[baseRow + i] = 2 ** headShift;
        if (this.#slots === 1) rows.constant[baseRow + i] = keyConstant(node, c);
        continue;
      }
      const shift = node.shifts[c] as number;
      const bias = node.dense ? (this.#slots === 1 ? node.bias[i] : 0) : node.bias[c];
      rows.scale[baseRow + i] = 2 ** shift;
      rows.constant[baseRow + i] = -((bias as number) + 2 ** (shift - 1) + 2 ** shift * zero);
      rows.activation[baseRow + i] = this.#tables.tagOf(node.activation);
    }
  }

  /** Word i of the public column enters the identity at row i. */
  #bindLatent(): void {
    const { baseRow, grid } = this.#at('latent');
    for (let i = 0; i < grid.channels; i++) this.#words.push({ row: baseRow + i, ...bytePlace(i, 0) });
  }

  #bindChannels({ grid, baseRow }: Placed): void {
    for (let i = 0; i < grid.rows; i++) this.#words.push({ row: baseRow + i, ...bytePlace(i, this.#latentWords) });
  }

  #bindPixels({ grid, baseRow }: Placed): void {
    const perClass = grid.channelStride / this.#slots;
    const perWord = 2 * WORD_BYTES;
    for (let i = 0; i < grid.rows; i++) {
      const [q, p] = [Math.floor(i / perClass), i % perClass];
      const place = -(16n ** BigInt(perWord - 1 - (p % perWord)));
      const wordRow = this.#latentWords + Math.floor(p / perWord);
      this.#words.push({ row: baseRow + i, wordRow, sum: BigInt(q * this.#slots) * place, odd: this.#slots > 1 ? place : 0n });
    }
  }

  #at(id: string): Placed {
    return this.#placed.get(id) ?? unsupported(`Expected an earlier layer, got ${id}.`);
  }
}

function signatureOf({ upsample, stride }: Geometry, { stride: lineStride, spacing }: Grid): string {
  return [upsample, stride, lineStride, spacing].join('/');
}

/** The node with its sources replaced. */
function retarget(node: Node, sources: ReadonlyMap<string, string>): Node {
  const to = (id: string) => sources.get(id) ?? id;
  if (node.kind === 'head') return { ...node, source: to(node.source) };
  if (node.kind === 'branch') return { ...node, dense: { ...node.dense, source: to(node.dense.source) } };
  const terms = node.terms.map((term) => ({ ...term, source: to(term.source) }));
  return node.dense ? { ...node, terms, dense: { ...node.dense, source: to(node.dense.source) } } : { ...node, terms };
}

function keyConstant({ bias, bounds }: HeadNode, k: number): number {
  return PALETTE_SIZE * ((bias[k] as number) - bounds.min) + PALETTE_SIZE - 1 - k;
}

/** Byte `i` of a packed sequence that begins at word row `first`. */
function bytePlace(i: number, first: number): Pick<WordRow, 'wordRow' | 'sum' | 'odd'> {
  return { wordRow: first + Math.floor(i / WORD_BYTES), sum: -(256n ** BigInt(WORD_BYTES - 1 - (i % WORD_BYTES))), odd: 0n };
}

/** Without zeros at its ends. */
function trim({ exponent, weights }: Line): Line {
  const first = weights.findIndex((w) => w !== 0);
  if (first < 0) return { exponent, weights: weights.subarray(0, 0) };
  const end = weights.findLastIndex((w) => w !== 0) + 1;
  return { exponent: exponent + first, weights: weights.subarray(first, end) };
}
