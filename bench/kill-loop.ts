/**
 * The proof service under kill -9: requests of every sort go to a server that is killed 25 times, and its proving process in between. Counted
 * afterwards: accepted proofs without an end (lost), and statements with more than one successful proof (duplicated). Every published proof is
 * verified. `submitOverheadMs` is what the service adds to proving on an idle queue with open keys: mean of five, request to last event.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Answer,
  ask,
  events,
  makeHome,
  type Proof,
  post,
  type Running,
  removeHome,
  startServer,
  submission,
  TERMINAL,
  untilEnd,
} from '../apps/proof-server/test/harness.ts';
import { instancesFor, parseBundle } from '../packages/core/src/index.ts';
import { loadModel } from '../packages/layers/src/node.ts';
import { prepare, verifyProof } from '../packages/verifier/src/index.ts';
import { type Figures, ROOT } from './record.ts';

const ROUNDS = 25;
const REQUESTS = 200;
/** Statements that the requests are about: each is asked for by several. */
const STATEMENTS = 90;
const TIMED = 5;

interface Client {
  /** Every accepted id with its statement. */
  readonly accepted: Map<string, number>;
  readonly random: () => number;
}

export async function killLoop(): Promise<Figures> {
  const home = makeHome();
  try {
    const submitOverheadMs = await overhead(home);
    const accepted = await killedAgainAndAgain(home);
    const server = await startServer(home);
    try {
      return { ...(await count(server, accepted)), submitOverheadMs };
    } finally {
      await server.end('SIGTERM');
    }
  } finally {
    removeHome(home);
  }
}

async function overhead(home: string): Promise<number> {
  const server = await startServer(home);
  const timed = async (seed: number) => {
    const began = performance.now();
    const { body } = await post<Proof>(`${server.url}/v1/proofs`, submission(seed));
    await events(server, body.id);
    return performance.now() - began;
  };
  await timed(5000);
  let sum = 0;
  for (let i = 1; i <= TIMED; i++) sum += await timed(5000 + i);
  const { body } = await post<{ proveMs: number }>(`${server.url}/v1/proofs/estimate`, submission(5000));
  await server.end('SIGTERM');
  return Math.round(sum / TIMED - body.proveMs);
}

async function killedAgainAndAgain(home: string): Promise<Map<string, number>> {
  const client: Client = { accepted: new Map(), random: randomFrom(7007) };
  for (let round = 0, sent = 0; round < ROUNDS; round++) {
    const server = await startServer(home);
    const share = Math.ceil((REQUESTS - sent) / (ROUNDS - round));
    const requests = Array.from({ length: share }, async (_, i) => {
      await sleep(client.random() * 1500);
      await request(server, client, sent + i);
    });
    const ending = sleep(client.random() * 2000).then(() => (round % 3 === 0 ? killProvers(server) : undefined));
    await Promise.all([ending, sleep(300 + client.random() * 2500)]);
    await server.end('SIGKILL');
    await Promise.all(requests);
    sent += share;
    process.stderr.write(`kill loop: round ${round + 1} of ${ROUNDS}, ${client.accepted.size} proofs accepted\n`);
  }
  return client.accepted;
}

/** Submits, mostly with a key and often a statement that is known; now and then looks or cancels. No answer is no promise. */
async function request(server: Running, { accepted, random }: Client, number: number): Promise<void> {
  const seed = 6000 + Math.floor(random() * STATEMENTS);
  const headers = random() < 0.7 ? { 'idempotency-key': `${seed}-${number % 3}` } : {};
  const known = [...accepted.keys()];
  const any = known[Math.floor(random() * known.length)];
  const dice = random();
  try {
    if (any !== undefined && dice < 0.1) await ask(`${server.url}/v1/proofs/${any}`, { method: 'DELETE' });
    else if (any !== undefined && dice < 0.2) await events(server, any);
    const answer: Answer<Proof> = await post(`${server.url}/v1/proofs`, submission(seed), headers);
    if (answer.status === 202) accepted.set(answer.body.id, seed);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

function killProvers(server: Running): void {
  for (const pid of server.provers()) process.kill(pid, 'SIGKILL');
}

async function count(server: Running, accepted: ReadonlyMap<string, number>): Promise<Figures> {
  const model = await loadModel(`${ROOT}models/nouns-s`);
  const circuit = await ask<{ ir: never; vk: never }>(`${server.url}/v1/circuits/${model.manifest.commitment}/fast`);
  const prepared = prepare(circuit.body.ir, circuit.body.vk);
  const successful = new Map<number, number>();
  let killLoopLost = 0;
  for (const [id, seed] of accepted) {
    const { status } = await untilEnd(server, id, 120_000).catch(() => ({ status: 'lost' }));
    if (!TERMINAL.includes(status)) killLoopLost++;
    if (status !== 'succeeded') continue;
    successful.set(seed, (successful.get(seed) ?? 0) + 1);
    const bundle = parseBundle(JSON.stringify((await ask(`${server.url}/v1/proofs/${id}/bundle`)).body), id);
    const verified = verifyProof(prepared, Buffer.from(bundle.proof.slice(2), 'hex'), [instancesFor(bundle, model.manifest)]);
    if (!verified || bundle.latent !== submission(seed).latent) throw new Error(`the published proof ${id} does not verify`);
  }
  if (accepted.size < STATEMENTS / 2 || successful.size < STATEMENTS / 4) throw new Error(`only ${accepted.size} proofs were accepted`);
  process.stderr.write(`kill loop: ${accepted.size} proofs accepted, ${successful.size} statements proven\n`);
  const killLoopDuplicated = [...successful.values()].reduce((sum, proofs) => sum + proofs - 1, 0);
  return { killLoopLost, killLoopDuplicated };
}

/** The same requests and moments at every run: a linear congruential generator (Numerical Recipes). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
