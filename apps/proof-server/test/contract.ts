/** What the proof service promises over HTTP, as tests that run on either database. Proofs are real ones of the smallest model. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instancesFor, parseBundle } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import { loadModel } from '@pentimento/layers/node';
import { prepare, verifyProof } from '@pentimento/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ask,
  events,
  MANIFEST,
  MODEL,
  makeHome,
  type Proof,
  post,
  proofOf,
  type Running,
  removeHome,
  startServer,
  submission,
  submit,
  TERMINAL,
  until,
  untilEnd,
} from './harness.ts';

/** `databaseUrl` gives the address of a new database each time, or undefined for the embedded one. */
export function serviceContract(name: string, databaseUrl: () => Promise<string | undefined>): void {
  describe(`proof service on ${name}`, () => {
    let folder: string;
    let env: Record<string, string>;
    let server: Running;

    beforeAll(async () => {
      folder = makeHome();
      const url = await databaseUrl();
      env = url === undefined ? {} : { DATABASE_URL: url };
      server = await startServer(folder, env);
    });
    afterAll(async () => {
      await server?.end('SIGTERM');
      removeHome(folder);
    });

    const refused = async (body: unknown, headers = {}) => {
      const { status, headers: got, body: problem } = await post<Record<string, unknown>>(`${server.url}/v1/proofs`, body, headers);
      expect(got.get('content-type')).toContain('application/problem+json');
      expect(problem).toMatchObject({ type: 'about:blank', status, retryable: expect.any(Boolean) });
      expect(String(problem.detail)).toMatch(/^Expected .*\.$/);
      return `${status} ${problem.code}`;
    };

    it('proves, streams every phase with its time to go, and gives a bundle that verifies with the circuit it serves', async () => {
      const response = await post<Proof>(`${server.url}/v1/proofs`, submission(1));
      expect(response.status).toBe(202);
      expect(response.headers.get('location')).toBe(`/v1/proofs/${response.body.id}`);
      expect(response.body).toMatchObject({ status: 'queued', progress: 0, bundle: null, error: null });
      const seen = await events(server, response.body.id);
      const changes = seen.filter(({ id }) => id !== undefined);
      expect(changes.map(({ id }) => id)).toEqual(changes.map((_, i) => i + 1));
      const phases = changes.map(({ proof }) => proof.phase).filter((phase) => phase !== null);
      expect(phases).toEqual([
        'waiting',
        'keys',
        'decoder',
        'witness',
        'definitions',
        'commit',
        'permutation',
        'quotient',
        'opening',
        'check',
        'verify',
      ]);
      const progress = seen.map(({ proof }) => proof.progress);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(changes.find(({ proof }) => proof.phase === 'commit')?.proof.etaMs).toBeGreaterThan(0);
      expect(changes.at(-1)?.proof).toMatchObject({ status: 'succeeded', progress: 1, bundle: `/v1/proofs/${response.body.id}/bundle` });

      const resumed = await events(server, response.body.id, 7);
      expect(resumed).toEqual(changes.slice(7));

      const bundle = await ask<object>(`${server.url}/v1/proofs/${response.body.id}/bundle`);
      const model = await loadModel(join(PROJECT, 'models', MODEL));
      const circuit = await ask<{ ir: never; vk: never }>(`${server.url}/v1/circuits/${MANIFEST.commitment}/fast`, {
        headers: { 'accept-encoding': 'gzip' },
      });
      expect(circuit.headers.get('content-encoding')).toBe('gzip');
      const parsed = parseBundle(JSON.stringify(bundle.body), 'the bundle');
      expect(parsed).toMatchObject({ latent: submission(1).latent, pose: 31, chainId: '31337', creator: submission(1).creator });
      const instances = instancesFor(parsed, model.manifest);
      const prepared = prepare(circuit.body.ir, circuit.body.vk);
      const proof = Buffer.from(parsed.proof.slice(2), 'hex');
      expect(verifyProof(prepared, proof, [instances])).toBe(true);
      proof[100] = (proof[100] ?? 0) ^ 1;
      expect(verifyProof(prepared, proof, [instances])).toBe(false);

      const etag = circuit.headers.get('etag') ?? '';
      expect((await fetch(`${server.url}/v1/circuits/${MANIFEST.commitment}/fast`, { headers: { 'if-none-match': etag } })).status).toBe(304);
      const bundleTag = bundle.headers.get('etag') ?? '';
      expect((await fetch(`${server.url}/v1/proofs/${response.body.id}/bundle`, { headers: { 'if-none-match': bundleTag } })).status).toBe(304);
    });

    it('refuses what it cannot prove with one sentence and a stable code', async () => {
      const { latent: _, ...incomplete } = submission(2);
      expect(await refused('{"model":')).toBe('400 request/malformed');
      expect(await refused(incomplete)).toBe('400 request/invalid');
      expect(await refused(submission(2, { pose: '31' }))).toBe('400 request/invalid');
      expect(await refused(submission(2, { pose: null }))).toBe('400 request/invalid');
      expect(await refused(submission(2, { objective: 'cheap' }))).toBe('400 request/invalid');
      expect(await refused(submission(2, { image: '0x00' }))).toBe('400 request/invalid');
      expect(await refused(submission(2), { 'content-type': 'text/plain' })).toBe('415 request/media-type');
      expect(await refused(submission(2, { model: 'nouns-xxl' }))).toBe('404 model/not-found');
      expect(await refused(submission(2, { latent: '0x0102' }))).toBe('422 model/latent-length');
      expect(await refused(submission(2, { latent: `${submission(2).latent}00` }))).toBe('422 model/latent-length');
      expect(await refused(submission(2, { latent: `0x80${submission(2).latent.slice(4)}` }))).toBe('422 statement/latent-out-of-range');
      expect(await refused(submission(2, { latent: `0xzz${submission(2).latent.slice(4)}` }))).toBe('422 bytes/not-hex');
      expect(await refused(submission(2, { pose: 126 }))).toBe('422 statement/pose-out-of-range');
      expect(await refused(submission(2, { pose: -1 }))).toBe('422 statement/pose-out-of-range');
      expect(await refused(submission(2, { chainId: '0' }))).toBe('422 context/chain-id');
      expect(await refused(submission(2, { chainId: '18446744073709551616' }))).toBe('422 context/chain-id');
      expect(await refused(submission(2, { creator: '0x1234' }))).toBe('422 context/address');
      expect(await refused(submission(2, { creator: `0x${'0'.repeat(40)}` }))).toBe('422 context/address');
      expect(await refused(submission(2, { collection: '0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96046' }))).toBe('422 context/address');
      expect(await refused(submission(2, { latent: `0x${'00'.repeat(100_000)}` }))).toBe('413 request/too-large');
      expect(await refused(submission(2), { 'idempotency-key': 'k'.repeat(201) })).toBe('400 request/invalid');
      expect((await ask<{ code: string }>(`${server.url}/v1/proofs/none`)).body.code).toBe('proof/not-found');
      expect((await ask<{ code: string }>(`${server.url}/v1/proofs/none/events`)).body.code).toBe('proof/not-found');
      expect((await ask<{ code: string }>(`${server.url}/v1/proofs/none`, { method: 'DELETE' })).body.code).toBe('proof/not-found');
      expect((await ask<{ code: string }>(`${server.url}/v1/circuits/0x00/fast`)).body.code).toBe('model/not-found');
      expect((await ask<{ code: string }>(`${server.url}/v2`)).body.code).toBe('request/not-found');
    });

    it('takes a repeated request for the same one, and identical statements for one proof', async () => {
      const first = await submit(server, submission(3), 'key-3');
      expect((await submit(server, submission(3), 'key-3')).id).toBe(first.id);
      expect(await refused(submission(4), { 'idempotency-key': 'key-3' })).toBe('422 idempotency/other-request');
      const many = await Promise.all(Array.from({ length: 30 }, (_, i) => submit(server, submission(3), i % 2 ? `other-${i % 5}` : undefined)));
      expect(new Set(many.map(({ id }) => id))).toEqual(new Set([first.id]));
      const upper = submission(3).latent.toUpperCase().replace('0X', '0x');
      expect((await submit(server, submission(3, { latent: upper, model: MANIFEST.commitment }))).id).toBe(first.id);
      expect((await untilEnd(server, first.id)).status).toBe('succeeded');
      expect((await submit(server, submission(3))).status).toBe('succeeded');
      const estimate = (await post<Record<string, number>>(`${server.url}/v1/proofs/estimate`, submission(3))).body;
      expect(estimate.proveMs).toBeGreaterThan(50);
      expect(estimate).toMatchObject({
        queueMs: 0,
        memoryBytes: expect.any(Number),
        proofBytes: 0.5 * (await bundleProofLength(first.id)),
        verifyGas: expect.any(Number),
      });
    });

    const bundleProofLength = async (id: string) => (await ask<{ proof: string }>(`${server.url}/v1/proofs/${id}/bundle`)).body.proof.length - 2;
    const running = (id: string) => until(server, id, ({ phase }) => phase === 'commit');
    const remove = (id: string) => ask<Proof & { code: string }>(`${server.url}/v1/proofs/${id}`, { method: 'DELETE' });

    it('cancels a waiting and a running proof, and frees the prover within two seconds', async () => {
      const first = await submit(server, submission(5));
      const second = await submit(server, submission(6));
      const third = await submit(server, submission(7));
      expect(third.position).toBeGreaterThan(0);
      expect((await remove(second.id)).body).toMatchObject({ status: 'cancelled', position: null });
      await running(first.id);
      const began = performance.now();
      expect((await remove(first.id)).body.status).toBe('cancelled');
      await until(server, third.id, ({ status }) => status !== 'queued');
      expect(performance.now() - began).toBeLessThan(2000);
      expect((await remove(first.id)).status).toBe(202);
      expect((await untilEnd(server, third.id)).status).toBe('succeeded');
      expect((await remove(third.id)).body.code).toBe('proof/finished');
      expect((await ask<{ code: string }>(`${server.url}/v1/proofs/${first.id}/bundle`)).body.code).toBe('proof/not-ready');
      const streamed = await events(server, first.id);
      expect(streamed.at(-1)?.proof).toMatchObject({ status: 'cancelled', bundle: null });
      const again = await submit(server, submission(5));
      expect(again.id).not.toBe(first.id);
      expect((await remove(again.id)).status).toBe(202);
    });

    it('kills a proving process that does not answer, within two seconds of the cancellation', async () => {
      const { id } = await submit(server, submission(8));
      await running(id);
      const [prover] = server.provers();
      process.kill(prover as number, 'SIGSTOP');
      await remove(id);
      const began = performance.now();
      while (server.provers().includes(prover as number)) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(performance.now() - began).toBeLessThan(2000);
      const next = await submit(server, submission(9));
      expect((await untilEnd(server, next.id)).status).toBe('succeeded');
      expect((await proofOf(server, id)).status).toBe('cancelled');
    });

    it('proves again after kill -9 of the proving process, and gives up at the third time', async () => {
      const { id } = await submit(server, submission(10));
      await running(id);
      process.kill(server.provers()[0] as number, 'SIGKILL');
      const streamed = await events(server, id);
      expect(streamed.at(-1)?.proof.status).toBe('succeeded');
      expect(streamed.filter(({ proof }) => proof.status === 'running' && proof.phase === 'commit')).toHaveLength(2);

      const poison = await submit(server, submission(11));
      const killed = new Set<number>();
      while (!TERMINAL.includes((await proofOf(server, poison.id)).status)) {
        for (const prover of server.provers()) if (killed.add(prover)) process.kill(prover, 'SIGKILL');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const failed = await proofOf(server, poison.id);
      expect(failed).toMatchObject({ status: 'failed', bundle: null, error: { code: 'prover/died', retryable: true } });
      const retried = await submit(server, submission(11));
      expect(retried.id).not.toBe(poison.id);
      expect((await untilEnd(server, retried.id)).status).toBe('succeeded');
    });

    it('does not hand out a stored proof that was damaged, and proves it anew', async () => {
      const { id } = await submit(server, submission(9));
      const digest = (await fetch(`${server.url}/v1/proofs/${id}/bundle`)).headers.get('etag')?.replaceAll('"', '') ?? '';
      const file = join(folder, 'proofs', digest.slice(0, 2), `${digest}.json`);
      expect(existsSync(file)).toBe(true);
      writeFileSync(file, '{}');
      expect((await ask<{ code: string }>(`${server.url}/v1/proofs/${id}/bundle`)).body.code).toBe('artifact/damaged');
      expect((await proofOf(server, id)).status).toBe('failed');
      const again = await submit(server, submission(9));
      expect(again.id).not.toBe(id);
      expect((await untilEnd(server, again.id)).status).toBe('succeeded');
    });

    it('hands a running proof back on SIGTERM and ends it at the next start', async () => {
      const { id } = await submit(server, submission(12));
      await running(id);
      expect(await server.end('SIGTERM')).toBe(0);
      server = await startServer(folder, env);
      expect((await untilEnd(server, id)).status).toBe('succeeded');
    });

    it('loses and doubles nothing when the server is killed with -9 in the middle, three times', async () => {
      const accepted = new Map<number, string>();
      for (let round = 0; round < 3; round++) {
        for (const seed of [20, 21].map((first) => first + 2 * round))
          accepted.set(seed, (await submit(server, submission(seed), `kill-${seed}`)).id);
        await new Promise((resolve) => setTimeout(resolve, 200 + 400 * round));
        const provers = server.provers();
        await server.end('SIGKILL');
        await gone(provers);
        server = await startServer(folder, env);
      }
      for (const [seed, id] of accepted) {
        expect((await submit(server, submission(seed), `kill-${seed}`)).id).toBe(id);
        expect((await untilEnd(server, id)).status).toBe('succeeded');
        const ids = (await events(server, id)).map((event) => event.id);
        expect(ids).toEqual(ids.map((_, i) => i + 1));
      }
      const published = await Promise.all(
        [...accepted.values()].map(async (id) => (await fetch(`${server.url}/v1/proofs/${id}/bundle`)).headers.get('etag')),
      );
      expect(new Set(published).size).toBe(accepted.size);
    });

    it('bounds the queue and the requests of a client, and says when to come back', async () => {
      const small = makeHome();
      const url = await databaseUrl();
      const limits = { PENTIMENTO_QUEUE: '1', PENTIMENTO_RATE: '4', ...(url === undefined ? {} : { DATABASE_URL: url }) };
      const bounded = await startServer(small, limits);
      let held = 0;
      try {
        const first = await submit(bounded, submission(30));
        await until(bounded, first.id, ({ status }) => status === 'running');
        held = bounded.provers()[0] as number;
        process.kill(held, 'SIGSTOP');
        await submit(bounded, submission(31));
        const full = await post<{ code: string; retryable: boolean }>(`${bounded.url}/v1/proofs`, submission(32));
        expect([full.status, full.body.code, full.body.retryable]).toEqual([503, 'queue/full', true]);
        expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
        expect((await submit(bounded, submission(31))).status).toBe('queued');
        const many = await post<{ code: string; retryable: boolean }>(`${bounded.url}/v1/proofs`, submission(32));
        expect([many.status, many.body.code, many.body.retryable]).toEqual([429, 'rate/exceeded', true]);
        expect(Number(many.headers.get('retry-after'))).toBeGreaterThan(0);
      } finally {
        await bounded.end('SIGKILL');
        // What is stopped does not see that its server has gone.
        if (held > 0) process.kill(held, 'SIGKILL');
        removeHome(small);
      }
    });
  });
}

/** The proving processes end with their server. */
async function gone(pids: readonly number[]): Promise<void> {
  const alive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  for (const deadline = Date.now() + 60_000; pids.some(alive); ) {
    if (Date.now() > deadline) throw new Error(`still alive: ${pids.filter(alive)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
