/** The second checker, `recheck.py`, against honest witnesses, named faults, and the mock prover's judgement of random ones. */
import { type Column, type Ir, mockProve, type Witness } from '@pentimento/circuit';
import { describe, expect, it } from 'vitest';
import { modelFor, SLOTS } from '../../layers/test/forge.ts';
import { recheck } from '../src/index.ts';
import { generator, HEADS, type Subject, satisfied, smallModel } from './subjects.ts';

const idsOf = (failures: readonly { readonly id: string }[]) => [...new Set(failures.map(({ id }) => id))].sort();

describe.each(SLOTS)('honest witnesses with %i slots', (slots) => {
  it('are accepted in the tiny model', async () => {
    const { circuit, witness } = satisfied(modelFor(slots), slots);
    expect(await recheck(circuit, witness)).toMatchObject({ ok: true, failures: [], constraints: circuit.ir.gates.length, rows: circuit.usable });
  });

  it.each(HEADS)('are accepted with the head %s', async (head) => {
    const { circuit, witness } = satisfied(smallModel(head), slots);
    expect(await recheck(circuit, witness)).toMatchObject({ ok: true, failures: [] });
  });
});

describe('named faults', () => {
  const subject = satisfied(smallModel('paletteArgmax'), 2);
  const { circuit, witness } = subject;
  const { ir } = circuit;

  it('a changed cell ends the sum elsewhere', async () => {
    const found = await recheck(circuit, withCell(witness, 0, circuit.plan.placed.get('conv')?.baseRow as number));
    expect(found.failures).toEqual([{ id: 'sum/edge', row: circuit.usable - 2 }]);
  });

  it('a changed public word ends the sum elsewhere', async () => {
    expect(idsOf((await recheck(circuit, withWord(witness, 0))).failures)).toEqual(['sum/edge']);
  });

  it('a broadcast cell of its own is a wrong copy', async () => {
    const peak = ir.advice.findIndex(({ name }) => name === 'peak');
    expect(idsOf((await recheck(circuit, withCell(witness, peak, 3))).failures)).toContain('copy/peak');
  });

  it('a gate without its selector fails on the rows of the blinding, and only there', async () => {
    const step = ir.fixed.indexOf('step');
    const one = ir.nodes.length;
    const bare = (node: Ir['nodes'][number]) => (node[0] === 'fixed' && node[1] === step && node[2] === 0 ? (['const', '1'] as const) : node);
    // Only the helper's gate takes the changed nodes: a copy of all nodes stands behind the first ones.
    const shifted = ir.nodes.map(bare).map((node): Ir['nodes'][number] => {
      if (node[0] === 'neg') return ['neg', node[1] + one];
      return node[0] === 'add' || node[0] === 'mul' ? [node[0], node[1] + one, node[2] + one] : node;
    });
    const gates = ir.gates.map((gate) => (gate.id === 'lookup/helper0' ? { ...gate, poly: gate.poly + one } : gate));
    const faulty = { ...circuit, ir: { ...ir, nodes: [...ir.nodes, ...shifted], gates } };
    const { failures } = await recheck(faulty, witness);
    const blinding = Array.from({ length: 2 ** ir.k - circuit.usable }, (_, i) => circuit.usable + i);
    // The last usable row holds the definition's value, which satisfies the gate.
    expect(failures).toEqual(blinding.map((row) => ({ id: 'lookup/helper0', row })));
    expect(mockProve(faulty, witness).map(({ id, row }) => ({ id, row }))).toEqual(failures);
  });

  it('a copy from another row is wrong', async () => {
    const position = ir.copies.findIndex(([, , j]) => ir.advice[ir.equality[j]?.[1] as number]?.name === 'pi');
    const copies = ir.copies.map((copy, i) => (i === position ? ([copy[0], copy[1] + 1, copy[2], copy[3]] as const) : copy));
    const faulty = { ...circuit, ir: { ...ir, copies } };
    expect((await recheck(faulty, witness)).failures).toEqual([{ id: 'copy/pi', row: ir.copies[position]?.[3] }]);
  });
});

describe('random faults', () => {
  const subjects = HEADS.flatMap((head) => SLOTS.map((slots) => satisfied(smallModel(head), slots)));
  const faults = Array.from({ length: 30 }, (_, seed) => ({
    seed,
    ...randomFault(subjects[seed % subjects.length] as Subject, generator(7 * seed + 3)),
  }));

  it.each(faults)('$seed: $what is judged like by the mock prover', async ({ circuit, witness }) => {
    const [first, second] = [mockProve(circuit, witness, { limit: 10_000 }), await recheck(circuit, witness)];
    expect(second.ok).toBe(first.length === 0);
    for (const id of idsOf(second.failures)) expect(idsOf(first)).toContain(id);
    if (second.failures.length < 20) expect(idsOf(first)).toEqual(idsOf(second.failures));
  });

  it('some are accepted and most are not', () => {
    const accepted = faults.filter(({ circuit, witness }) => mockProve(circuit, witness).length === 0).length;
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(faults.length / 2);
  });
});

/** A changed witness cell, public word, fixed cell, copy or gate constant. */
function randomFault({ circuit, witness }: Subject, random: (low: number, high: number) => number): Subject & { readonly what: string } {
  const { ir, fixed } = circuit;
  const subject = { circuit, witness };
  const row = random(0, circuit.usable - 1);
  const fault = random(0, 4);
  if (fault === 0)
    return { ...subject, what: `a cell in row ${row}`, witness: { ...witness, ...withCell(witness, random(0, witness.advice.length - 1), row) } };
  if (fault === 1) {
    const word = random(0, circuit.plan.instanceCount - 1);
    return { ...subject, what: `public word ${word}`, witness: { ...witness, ...withWord(witness, word) } };
  }
  if (fault === 2) {
    const column = random(0, fixed.length - 1);
    const changed = fixed.map((values, i) => (i === column ? bumped(values, row) : values));
    return { ...subject, what: `fixed cell ${ir.fixed[column]} in row ${row}`, circuit: { ...circuit, fixed: changed } };
  }
  if (fault === 3) {
    const position = random(0, ir.copies.length - 1);
    const copies = ir.copies.map((copy, i) => (i === position ? ([copy[0], row, copy[2], copy[3]] as const) : copy));
    return { ...subject, what: `copy ${position} from row ${row}`, circuit: { ...circuit, ir: { ...ir, copies } } };
  }
  const gates = ir.gates.filter((_, i) => i !== row % ir.gates.length);
  const changed = { ...witness, ...withCell(witness, random(0, witness.advice.length - 1), row) };
  return { what: `gate ${row % ir.gates.length} deleted and a cell in row ${row}`, circuit: { ...circuit, ir: { ...ir, gates } }, witness: changed };
}

function withCell<W extends Witness>(witness: W, column: number, row: number): Pick<Witness, 'advice' | 'instances'> {
  return { instances: witness.instances, advice: witness.advice.map((values, i) => (i === column ? bumped(values, row) : values)) };
}

function withWord<W extends Witness>(witness: W, word: number): Pick<Witness, 'advice' | 'instances'> {
  return { advice: witness.advice, instances: witness.instances.map((words) => words.map((value, i) => (i === word ? value + 1n : value))) };
}

/** One more in a row that the column may not have reached. */
function bumped(values: Column, row: number): bigint[] {
  const all = Array.from({ length: Math.max(values.length, row + 1) }, (_, i) => BigInt(values[i] ?? 0));
  all[row] = (all[row] as bigint) + 1n;
  return all;
}
