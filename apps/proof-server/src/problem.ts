/** Errors as RFC 9457 problems: one table from error codes to HTTP statuses. */
import { STATUS_CODES } from 'node:http';
import { BaseError } from '@pentimento/core';
import type { FastifyInstance, FastifyReply } from 'fastify';

const PROBLEM = 'application/problem+json';

/** First matching prefix wins; what is not here is a defect of ours, 500. */
const STATUSES: readonly (readonly [prefix: string, status: number])[] = [
  ['request/not-found', 404],
  ['request/too-large', 413],
  ['request/media-type', 415],
  ['request/timeout', 408],
  ['request/', 400],
  ['rate/', 429],
  ['queue/', 503],
  ['idempotency/', 422],
  ['proof/not-found', 404],
  ['proof/finished', 409],
  ['proof/not-ready', 409],
  ['proof/too-large', 422],
  ['model/not-found', 404],
  ['model/', 422],
  ['statement/', 422],
  ['context/', 422],
  ['bytes/', 422],
  ['circuit/', 422],
  ['indexer/not-found', 404],
  ['indexer/cursor', 400],
  ['indexer/', 503],
  ['chain/', 503],
  ['database/', 503],
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
function problemOf(error: unknown): Problem {
  const known = error instanceof BaseError ? error : fromFastify(error);
  const status = STATUSES.find(([prefix]) => known.code.startsWith(prefix))?.[1] ?? 500;
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: known.message, code: known.code, retryable: known.retryable };
}

/** Fastify's and Node's own errors by their codes. */
function fromFastify(error: unknown): BaseError {
  const { code = '', statusCode = 500, message = '' } = error as { code?: string; statusCode?: number; message?: string };
  const as = (to: string, text: string) => new BaseError({ code: to, message: text, cause: error });
  if (code === 'FST_ERR_VALIDATION') return as('request/invalid', `Expected a request of the documented form: ${message}.`);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return as('request/too-large', 'Expected a body within the documented size, got a larger one.');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return as('request/media-type', 'Expected a body of application/json, got another type.');
  if (statusCode >= 400 && statusCode < 500) return as('request/malformed', `Expected a well-formed request: ${message.replace(/\.$/, '')}.`);
  return new BaseError({
    code: 'internal/error',
    message: 'Expected to answer this request, but something failed here; it is in the log.',
    retryable: true,
  });
}

function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const problem = problemOf(error);
  const retryAfter = error instanceof BaseError ? error.details.retryAfterSeconds : undefined;
  if (typeof retryAfter === 'number') reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfter))));
  return reply.code(problem.status).type(PROBLEM).send(problem);
}

/** Answers everything that goes wrong in `app` with a problem. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    if (problemOf(error).status >= 500) request.log.error({ err: error }, 'request failed');
    return sendProblem(reply, error);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new BaseError({ code: 'request/not-found', message: `Expected a documented path, got ${request.method} ${request.url.slice(0, 200)}.` }),
    ),
  );
}
