/** The probe's partial evaluation against the mock prover's full one. */
import { type Columns, mockProve } from '@pentimento/circuit';
import { field } from '@pentimento/core';
import { describe, expect, it } from 'vitest';
import { SLOTS } from '../../layers/test/forge.ts';
import { type Change, Probe } from '../src/index.ts';
import { generator, HEADS, type Subject, satisfied, smallModel, without } from './subjects.ts';

const SUBJECTS = HEADS.flatMap((head) => SLOTS.map((slots) => ({ name: `${head}, ${slots} slots`, subject: satisfied(smallModel(head), slots) })));

/** Phase-0 cells and words are changed before the definitions are evaluated, so that later columns follow them. */
function fullJudgement({ circuit, witness }: Subject, changes: readonly Change[]): string[] {
  const offset = circuit.ir.advice.length;
  const usable = circuit.usable;
  const early = (columns: readonly (ArrayLike<number> | readonly bigint[])[], first: number) =>
    columns.map((column, i) => {
      const own = changes.filter((c) => c.column === first + i && c.row < usable);
      const values = Array.from(column as ArrayLike<number | bigint>, BigInt);
      for (const { row, value } of own) {
        while (values.length <= row) values.push(0n);
        values[row] = value;
      }
      return values;
    });
  const tamper = ({ advice }: Columns) => {
    for (const { column, row, value } of changes) if (column < offset && row >= usable) (advice[column] as bigint[])[row] = value;
  };
  const changed = { advice: early(witness.advice, 0), instances: early(witness.instances, offset) };
  return [...new Set(mockProve(circuit, changed, { limit: 10_000, tamper }).map(({ id }) => id))];
}

describe.each(SUBJECTS)('$name', ({ subject }) => {
  const { circuit, witness } = subject;
  const { ir, plan } = circuit;
  const phase0 = witness.advice.map((_, column) => column);

  it('agrees with the mock prover on random changes of witness, words and blinding', () => {
    const probe = new Probe(circuit, witness);
    const random = generator(11);
    for (let i = 0; i < 25; i++) {
      const changes = Array.from({ length: 1 + (i % 3) }, (): Change => {
        const word = i % 4 === 0;
        const column = word ? ir.advice.length : (phase0[random(0, phase0.length - 1)] as number);
        const row = random(0, (word ? plan.instanceCount : 2 ** ir.k) - 1);
        return { column, row, value: field.fr(probe.value(column, row) + BigInt(random(-2, 2))) };
      });
      const [verdict, full] = [probe.judge(changes), fullJudgement(subject, changes)];
      if (verdict === undefined) expect(full).toEqual([]);
      else expect(full).toContain(verdict);
    }
  });

  it('follows a sum whose end is not checked, as the mock prover does', () => {
    const open = without(subject, ['sum/edge']);
    const probe = new Probe(open.circuit, open.witness);
    const row = plan.placed.get('conv')?.baseRow as number;
    const column = ir.advice.findIndex(({ name }) => name === 'o0');
    const changes = [{ column, row, value: field.add(probe.value(column, row), 1n) }];
    expect(probe.judge(changes)).toBeUndefined();
    expect(fullJudgement(open, changes)).toEqual([]);
  });
});

describe('edges of the rows', () => {
  const { circuit, witness } = satisfied(smallModel('rgb'), 2);
  const probe = new Probe(circuit, witness);
  const column = (name: string) => probe.columns.indexOf(name);
  const change = (name: string, row: number) => probe.judge([{ column: column(name), row, value: field.add(probe.value(column(name), row), 5n) }]);

  it('the first row is the next one of the last of all', () => {
    expect(change('rho', 0)).toBeDefined();
    expect(change('sum', 0)).toBeDefined();
    const only = (id: string) => {
      const kept = without(
        { circuit, witness },
        circuit.ir.gates.map((gate) => gate.id).filter((other) => other !== id),
      );
      const ir = { ...kept.circuit.ir, copies: [] };
      return new Probe({ ...kept.circuit, ir }, witness);
    };
    for (const [id, name] of [
      ['power/first', 'rho'],
      ['sum/edge', 'sum'],
    ] as const) {
      const alone = only(id);
      const at = column(name);
      expect(alone.judge([{ column: at, row: 0, value: 7n }])).toBe(id);
    }
  });

  it('blinding rows have any value', () => {
    for (const name of circuit.ir.advice.map((c) => c.name)) {
      for (let row = circuit.usable; row < 2 ** circuit.ir.k; row++) expect(change(name, row)).toBeUndefined();
    }
  });

  it('refuses a witness that is not accepted', () => {
    const wrong = { ...witness, instances: witness.instances.map((words) => words.map((word) => word + 1n)) };
    expect(() => new Probe(circuit, wrong)).toThrow(/rejected by sum\/edge/);
  });
});
