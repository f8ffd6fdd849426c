/** Who asks, as far as limits go: nobody logs in, so it is an address; behind a proxy all clients are one. */
import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

const IPV6_GROUPS = 8;
const NETWORK_GROUPS = 4;

/** What a client is counted by: its IPv4 address, or the network of 64 bits that one customer of IPv6 has. */
export function clientOf({ ip }: Pick<FastifyRequest, 'ip'>): string {
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:([\d.]+)$/i.exec(ip);
  if (mapped) return mapped[1] as string;
  const [head = [], tail = []] = ip.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = new Array<string>(IPV6_GROUPS - head.length - tail.length).fill('0');
  return `${[...head, ...zeros, ...tail].slice(0, NETWORK_GROUPS).join(':')}::/64`;
}
