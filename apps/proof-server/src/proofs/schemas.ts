/** The proof service's messages as JSON Schema: what Fastify checks and what the OpenAPI document says. */
import { OBJECTIVES } from '@pentimento/core';

const nullable = (type: string, rest: object = {}) => ({ type: [type, 'null'], ...rest });
const hex = { type: 'string', pattern: '^0x[0-9a-f]*$' };
const time = { type: 'string', format: 'date-time' };
const objective = { type: 'string', enum: OBJECTIVES };

export const PROBLEM_SCHEMA = {
  $id: 'Problem',
  type: 'object',
  description: 'RFC 9457; `code` is stable, and when `retryable` the same request may succeed later.',
  required: ['type', 'title', 'status', 'detail', 'code', 'retryable'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    retryable: { type: 'boolean' },
  },
} as const;

export const PROOF_SCHEMA = {
  $id: 'Proof',
  type: 'object',
  required: ['id', 'status', 'model', 'objective', 'latent', 'pose', 'chainId', 'collection', 'creator', 'progress', 'createdAt'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    status: { type: 'string', enum: ['queued', 'running', 'succeeded', 'failed', 'cancelled'] },
    model: { type: 'object', required: ['name', 'commitment'], properties: { name: { type: 'string' }, commitment: hex } },
    objective,
    latent: hex,
    pose: { type: 'integer' },
    chainId: { type: 'string' },
    collection: hex,
    creator: hex,
    position: nullable('integer', { description: 'Proofs that are to run before this one; null unless queued.' }),
    phase: nullable('string', {
      description: 'While running: waiting (for memory), keys, decoder, witness, definitions, commit, permutation, quotient, opening, check, verify.',
    }),
    progress: { type: 'number', minimum: 0, maximum: 1 },
    etaMs: nullable('integer', { description: 'Expected time to the end, while it can be told.' }),
    createdAt: time,
    startedAt: nullable('string', { format: 'date-time' }),
    finishedAt: nullable('string', { format: 'date-time' }),
    error: {
      type: ['object', 'null'],
      properties: { code: { type: 'string' }, message: { type: 'string' }, retryable: { type: 'boolean' } },
    },
    bundle: nullable('string', { description: 'Where the bundle is, once the proof has succeeded.' }),
  },
} as const;

export const SUBMISSION_SCHEMA = {
  $id: 'Submission',
  type: 'object',
  additionalProperties: false,
  required: ['model', 'latent', 'pose', 'chainId', 'collection', 'creator'],
  properties: {
    model: { type: 'string', maxLength: 100, description: 'A model here: its commitment or its name.' },
    objective: { ...objective, description: 'Default: that of the collection’s key; without a chain `fast`.' },
    latent: { type: 'string', maxLength: 10_000, description: '0x and two digits an element, each 0..127.' },
    pose: { type: 'integer', description: '0..125; 31 is the identity.' },
    chainId: { type: 'string', maxLength: 20, description: 'Decimal.' },
    collection: { type: 'string', maxLength: 42 },
    creator: { type: 'string', maxLength: 42, description: 'Who may mint.' },
  },
} as const;

export const ESTIMATE_SCHEMA = {
  $id: 'Estimate',
  type: 'object',
  required: ['proveMs', 'queueMs', 'memoryBytes', 'proofBytes', 'verifyGas'],
  properties: {
    proveMs: { type: 'integer', description: 'Mean of the last proofs with these keys; before the first, predicted from the circuit.' },
    queueMs: { type: 'integer', description: 'Until a prover is free.' },
    memoryBytes: { type: 'integer' },
    proofBytes: { type: 'integer' },
    verifyGas: { type: 'integer' },
  },
} as const;

const problem = { description: 'Problem', content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } } };

/** What every operation may answer besides its own. */
export const PROBLEMS = { '4xx': problem, '5xx': problem } as const;
