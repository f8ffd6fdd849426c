/**
 * What is known of the trusted setup behind a verifying key, by the key's points on G2 alone: a key says its setup's name itself, and whoever
 * sends it may say anything. The ceremonies are those of the engine (packages/engine/rust/srs_ceremonies.rs, with the sources).
 */
import type { G2Hex, VkDescriptor } from './vk.ts';

export interface Setup {
  readonly name: string;
  /** True unless it is a ceremony's that is known here: for all that is known, somebody can forge proofs. */
  readonly insecure: boolean;
}

const GENERATOR: G2Hex = [
  ['0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed', '0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2'],
  ['0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa', '0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b'],
];

/** Each ceremony's `s * G2`. */
export const CEREMONIES: Readonly<Record<string, G2Hex>> = {
  'perpetual-powers-of-tau-0071': [
    ['0x17944351223333f260ddc3b4af45191b856689eda9eab5cbcddbbe570ce860d2', '0x186282957db913abd99f91db59fe69922e95040603ef44c0bd7aa3adeef8f5ac'],
    ['0x297772d34bc9aa8ae56162486363ffe417b02dc7e8c207fc2cc20203e67a02ad', '0x298adc7396bd3865cbf6d6df91bae406694e6d2215baa893bdeadb63052895f4'],
  ],
  'perpetual-powers-of-tau-0085': [
    ['0x2ae0c8c3a090f7200ff398ee9845bbae8f8c1445ae7b632212775f60a0e21600', '0x172aa93c41f16e1e04d62ac976a5d945f4be0acab990c6dc19ac4a7cf68bf77b'],
    ['0x1459fe6cc8a1222fd4290864ff9e47d4b8cf7a403593c7107c39538ddefd857e', '0x1754a9fc3b7e4da9197c283c7401773208190c5555caf254e644e99c29366704'],
  ],
};

const UNRECOGNISED = 'unrecognised';

/** The setup of a key. Another G2 than the generator hides another secret than the ceremony's, so that both points count. */
export function setupOf({ g2, sG2, srs }: VkDescriptor): Setup {
  const [name] = Object.entries(CEREMONIES).find(([, power]) => same(power, sG2) && same(GENERATOR, g2)) ?? [];
  if (name !== undefined) return { name, insecure: false };
  return { name: srs.insecure && !(srs.name in CEREMONIES) ? srs.name : UNRECOGNISED, insecure: true };
}

function same(a: G2Hex, b: G2Hex): boolean {
  const numbers = (point: G2Hex) => point.flat().map(BigInt).join();
  return numbers(a) === numbers(b);
}
