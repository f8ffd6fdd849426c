/**
 * The kill table: every attack is rejected by exactly the constraint it names, and accepted once that constraint is deleted; so no
 * constraint is redundant and each does what its name says.
 */
import { mockProve } from '@pentimento/circuit';
import { describe, expect, it } from 'vitest';
import { forge, SLOTS } from './forge.ts';
import { attempt, constraintIds, killCircuit, killsOf, LATENT } from './kills.ts';

describe.each(SLOTS)('kill table with %i cell triples a row', (slots) => {
  const circuit = killCircuit(slots);
  const kills = killsOf(circuit);

  it('names every constraint of the circuit', () => {
    expect([...new Set(kills.map(({ id }) => id))].sort()).toEqual(constraintIds(circuit.ir));
  });

  it('starts from a witness that is accepted', () => {
    expect(mockProve(circuit, forge(circuit, LATENT))).toEqual([]);
  });

  it.each(kills)('$id alone rejects: $attack', (kill) => {
    expect(attempt(circuit, kill)).toEqual({ rejectedBy: [kill.id], without: [] });
  });
});
