/** Errors of the preview interface as RFC 9457 problems: one table from error codes to HTTP statuses. */
import { STATUS_CODES } from 'node:http';
import { BaseError } from '@pentimento/core';
import type { FastifyReply } from 'fastify';

/** First matching prefix wins; what is not here is a defect of ours, 500. */
const STATUSES: readonly (readonly [prefix: string, status: number])[] = [
  ['request/not-found', 404],
  ['request/method', 405],
  ['request/too-large', 413],
  ['request/media-type', 415],
  ['request/timeout', 408],
  ['request/', 400],
  ['rate/', 429],
  ['preview/', 503],
  ['image/too-large', 413],
  ['image/format', 415],
  ['image/', 422],
  ['style/unknown-dial', 422],
  ['style/bad-seed', 422],
  ['style/not-found', 422],
  ['model/not-found', 404],
  ['model/latent', 422],
  ['bytes/', 422],
  ['statement/', 422],
  ['v2/', 503],
];

export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** One sentence. */
  readonly detail: string;
  /** Stable, `subject/what`. */
  readonly code: string;
  readonly retryable: boolean;
}

/** The problem that a thrown value is; of an unexpected one it says nothing but that it happened. */
export function problemOf(error: unknown): Problem {
  const known = error instanceof BaseError ? error : fromFastify(error);
  const status = STATUSES.find(([prefix]) => known.code.startsWith(prefix))?.[1] ?? 500;
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: known.message, code: known.code, retryable: known.retryable };
}

export function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const problem = problemOf(error);
  if (problem.retryable && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  return reply.code(problem.status).type('application/problem+json').send(problem);
}

/** Fastify's and Node's own errors by their codes. */
function fromFastify(error: unknown): BaseError {
  const { code = '', statusCode = 500, message = '' } = error as { code?: string; statusCode?: number; message?: string };
  const as = (to: string, text: string) => new BaseError({ code: to, message: text, cause: error });
  if (code === 'FST_ERR_VALIDATION') return as('request/invalid', `Expected a request of the documented form: ${message}.`);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return as('request/too-large', 'Expected a body within the documented size, got a larger one.');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return as('request/media-type', 'Expected the documented content type (image/png, image/jpeg or image/webp for a photo), got another.');
  if (statusCode >= 400 && statusCode < 500) return as('request/malformed', `Expected a well-formed request: ${message.replace(/\.$/, '')}.`);
  return new BaseError({
    code: 'internal/error',
    message: 'Expected to answer this request, but something failed here; it is in the log.',
    retryable: true,
  });
}
