/** Circuits at the edges of what is allowed, made of one gate each: what their plan must be, or the code with which they are refused. */
import type { Ir } from '@pentimento/circuit';
import type { Plan, VkDescriptor } from '../../src/index.ts';
import { blindingFactors, collectQueries } from '../../src/queries.ts';
import { loadFixture } from '../fixtures.ts';

export interface Edge {
  readonly name: string;
  readonly ir: Ir;
  readonly vk: VkDescriptor;
  /** Code of the refusal, or what must hold of the plan. */
  readonly expected: string | ((plan: Plan) => boolean);
}

interface Shape {
  readonly degree: number;
  /** Phase of each advice column. */
  readonly phases?: readonly (0 | 1)[];
  readonly challenges?: number;
  /** Equality columns, the first advice columns. */
  readonly equality?: number;
  readonly instanceRows?: number;
  /** The gate: the last of these nodes. */
  readonly nodes?: Ir['nodes'];
}

const base = loadFixture('toy3');

/** A circuit of this shape and a key that fits it; its commitments are any points. */
function circuit({ degree, phases = [0, 0], challenges = 0, equality = 0, instanceRows = 0, nodes = SUM }: Shape): Pick<Edge, 'ir' | 'vk'> {
  const ir: Ir = {
    ...base.ir,
    degree,
    advice: phases.map((phase, i) => ({ name: `a${i}`, phase })),
    fixed: [],
    instances: [{ name: 'i', rows: instanceRows }],
    challenges: Array.from({ length: challenges }, (_, i) => ({ name: `c${i}` })) as unknown as Ir['challenges'],
    nodes,
    gates: [{ id: 'gate', poly: nodes.length - 1 }],
    equality: Array.from({ length: equality }, (_, i) => ['advice', i] as const),
  };
  const { fixed, advice, instance } = collectQueries(ir);
  const vk: VkDescriptor = {
    ...base.vk,
    degree,
    blindingFactors: blindingFactors(advice),
    numInstances: [instanceRows],
    fixedQueries: fixed,
    adviceQueries: advice,
    instanceQueries: instance,
    permutation: ir.equality,
    fixedCommitments: [],
    sigmaCommitments: Array.from({ length: equality }, () => base.vk.g1),
  };
  return { ir, vk };
}

const SUM: Ir['nodes'] = [
  ['advice', 0, 0],
  ['advice', 1, 0],
  ['add', 0, 1],
];
const NEGATED_FOURTH_POWER: Ir['nodes'] = [
  ['advice', 0, 0],
  ['mul', 0, 0],
  ['mul', 1, 1],
  ['neg', 2],
];
const USABLE = 2 ** base.vk.k - 5 - 1;

export const EDGES: readonly Edge[] = [
  { name: 'degree 2 without a permutation', ...circuit({ degree: 2 }), expected: ({ permutation }) => permutation.products === 0 },
  { name: 'degree 2 with one equality column', ...circuit({ degree: 2, equality: 1 }), expected: 'verifier/degree-too-small' },
  { name: 'one equality column', ...circuit({ degree: 3, equality: 1 }), expected: ({ permutation }) => permutation.products === 1 },
  { name: 'a negated fourth power at degree 3', ...circuit({ degree: 3, nodes: NEGATED_FOURTH_POWER }), expected: 'verifier/degree-too-small' },
  {
    name: 'two phases without a challenge between them',
    ...circuit({ degree: 3, phases: [0, 1] }),
    expected: ({ steps: [first] }) => first?.kind === 'points' && first.slots.join() === 'a0,a1',
  },
  {
    name: 'a challenge without a second phase',
    ...circuit({ degree: 3, challenges: 1 }),
    expected: ({ steps }) => steps.every((step) => step.kind !== 'points' || step.slots.length > 0),
  },
  { name: 'as many instances as usable rows', ...circuit({ degree: 3, instanceRows: USABLE }), expected: () => true },
  { name: 'an instance more than usable rows', ...circuit({ degree: 3, instanceRows: USABLE + 1 }), expected: 'verifier/too-many-instances' },
];
