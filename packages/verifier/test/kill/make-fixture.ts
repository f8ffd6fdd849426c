/** Writes test/fixtures/everything.json with the engine: run it when the circuit beside it or the key format changes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bigIntToBytes, bytesToHex } from '@pentimento/core';
import { generateKeys, openProver, setupDevelopmentSrs } from '@pentimento/engine';
import { deriveChallenges, prepare } from '../../src/index.ts';
import { everythingCircuit } from './circuit.ts';

const folder = mkdtempSync(join(tmpdir(), 'pentimento-fixture-'));
const { circuit, witness } = everythingCircuit();
const srsPath = await setupDevelopmentSrs(circuit.ir.k, folder);
const { vk } = await generateKeys({ circuit, srsPath, keyDir: folder });
const prover = await openProver(folder, srsPath);
const { proof } = await prover.prove(witness);
prover.close();
rmSync(folder, { recursive: true });
const { plan, transcriptRepr } = prepare(circuit.ir, vk);
const word = (value: bigint) => bytesToHex(bigIntToBytes(value, 32));
const challenges = [...deriveChallenges(plan, transcriptRepr, proof, witness.instances).values()].map(word);
const instances = witness.instances.map((column) => column.map(word));
const fixture = { name: 'everything', ir: circuit.ir, vk, proof: bytesToHex(proof), instances, challenges };
writeFileSync(new URL('../fixtures/everything.json', import.meta.url), `${JSON.stringify(fixture, null, 1)}\n`);
