/** Where chain and servers listen: chosen and checked before anything is started. */
import { BaseError } from '@pentimento/core';
import { isFree } from '@pentimento/verifier/testing';

export interface Ports {
  readonly chain: number;
  readonly model: number;
  /** The model server's gRPC. */
  readonly grpc: number;
  readonly proof: number;
  readonly web: number;
}

/** The port on which Ethereum nodes listen by custom, and the services' own. */
export const DEFAULT_PORTS = { chain: 8545, model: 8000, proof: 8100, web: 3000 };

const OPTIONS: Readonly<Record<keyof Ports, string>> = {
  chain: '--port',
  model: '--model-port',
  grpc: '--model-port',
  proof: '--proof-port',
  web: '--web-port',
};

/** Throws `cli/port-busy` for the first port that is taken or named twice. */
export async function assertFree(ports: Ports): Promise<void> {
  const owners = new Map<number, string>();
  for (const [name, port] of Object.entries(ports) as [keyof Ports, number][]) {
    const other = owners.get(port);
    if (other !== undefined) busy(`each service to have a port of its own, got ${port} for ${other} and ${name}`, name);
    owners.set(port, name);
    await assertPortFree(name, port);
  }
}

/** Throws `cli/port-busy`. */
export async function assertPortFree(name: keyof Ports, port: number): Promise<void> {
  if (!(await isFree(port))) busy(`port ${port} (${name}) to be free, but another program listens on it`, name);
}

function busy(expected: string, name: keyof Ports): never {
  throw new BaseError({ code: 'cli/port-busy', message: `Expected ${expected}; choose another one with ${OPTIONS[name]}.` });
}
