/** The contract, the rules of leases, and an outage, on PostgreSQL. */
import { describe, expect, it } from 'vitest';
import { serviceContract } from './contract.ts';
import { ask, makeHome, post, removeHome, startServer, submission, submit, until, untilEnd } from './harness.ts';
import { leaseContract } from './leases.ts';
import { onPostgres, type Postgres } from './postgres.ts';

await onPostgres('service', (server, fresh) => {
  leaseContract('PostgreSQL', fresh);
  serviceContract('PostgreSQL', fresh);
  outage(server, fresh);
});

/** Last in this file, because all of it uses the one server. */
function outage(postgres: Postgres, fresh: () => Promise<string>): void {
  describe('an outage of PostgreSQL', () => {
    it('is answered with 503, and what was accepted goes on after it', async () => {
      const home = makeHome();
      const server = await startServer(home, { DATABASE_URL: await fresh(), PENTIMENTO_LOG: 'silent' });
      try {
        const running = await submit(server, submission(1));
        await until(server, running.id, ({ status }) => status === 'running');
        const waiting = await submit(server, submission(2));
        await postgres.down();
        const refused = await post<{ code: string; retryable: boolean }>(`${server.url}/v1/proofs`, submission(3));
        expect([refused.status, refused.body.code, refused.body.retryable]).toEqual([503, 'database/unreachable', true]);
        expect(refused.headers.get('retry-after')).toBe('5');
        expect((await ask(`${server.url}/readyz`)).status).toBe(503);
        expect((await ask(`${server.url}/healthz`)).status).toBe(200);
        await postgres.up();
        expect((await untilEnd(server, running.id)).status).toBe('succeeded');
        expect((await untilEnd(server, waiting.id)).status).toBe('succeeded');
        expect((await untilEnd(server, (await submit(server, submission(3))).id)).status).toBe('succeeded');
      } finally {
        await server.end('SIGTERM');
        removeHome(home);
      }
    });
  });
}
