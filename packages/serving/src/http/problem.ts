/** Errors as RFC 9457 problems: what the one table of codes (packages/core) says about them, and the sentence of this time. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { BaseError, problemFor } from '@pentimento/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const MEDIA_TYPE = 'application/problem+json';

/** What a client gets: `detail` is one sentence, `code` is stable. */
export interface Answered {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly retryable: boolean;
}

/** The problem that a thrown value is; of an unexpected one it says nothing but that it happened. A code without a row is a defect, 500. */
export function problemOf(error: unknown): Answered {
  const known = error instanceof BaseError ? error : fromFastify(error);
  const status = problemFor(known.code)?.status ?? 500;
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: known.message, code: known.code, retryable: known.retryable };
}

/** Answers everything that goes wrong in `app` with a problem. `unknown` may answer a path that nothing is at, when it is one of another protocol. */
export function answerProblems(app: FastifyInstance, unknown?: (path: string, request: FastifyRequest) => object | undefined): void {
  app.setErrorHandler((error, request, reply) => {
    if (problemOf(error).status >= 500) request.log.error({ err: error }, 'request failed');
    return sendProblem(reply, error);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = `${request.method} ${request.url.slice(0, 200)}`;
    const foreign = unknown?.(path, request);
    if (foreign) return reply.code(404).send(foreign);
    return sendProblem(reply, new BaseError({ code: 'request/not-found', message: `Expected a documented path, got ${path}.` }));
  });
}

/** What Node could not read as a request reaches no route; it is answered on the bare connection, which then ends. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error);
  const problem = problemOf(unreadable(error.code));
  const body = JSON.stringify(problem);
  const headers = [`content-type: ${MEDIA_TYPE}`, `content-length: ${Buffer.byteLength(body)}`, 'connection: close'];
  socket.end([`HTTP/1.1 ${problem.status} ${problem.title}`, ...headers, '', body].join('\r\n'));
}

function unreadable(code: string | undefined): BaseError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new BaseError({ code: 'request/timeout', message: 'Expected a whole request within 30 s, got a part.' });
  if (code === 'HPE_HEADER_OVERFLOW')
    return new BaseError({ code: 'request/headers-too-large', message: 'Expected headers of at most 16 KiB, got more.' });
  return new BaseError({ code: 'request/malformed', message: `Expected a request in HTTP/1.1, got other bytes (${code}).` });
}

/** Sends what an error is. */
export function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const problem = problemOf(error);
  return retryAfter(reply, error).code(problem.status).type(MEDIA_TYPE).send(problem);
}

/** Says when to come back, where that can help. */
export function retryAfter(reply: FastifyReply, error: unknown): FastifyReply {
  const seconds = error instanceof BaseError ? error.details.retryAfterSeconds : undefined;
  if (typeof seconds === 'number') return reply.header('retry-after', String(Math.max(1, Math.ceil(seconds))));
  return problemOf(error).retryable && !reply.hasHeader('retry-after') ? reply.header('retry-after', '1') : reply;
}

/** Fastify's and Node's own errors by their codes. */
function fromFastify(error: unknown): BaseError {
  const { code = '', statusCode = 500, message = '' } = error as { code?: string; statusCode?: number; message?: string };
  const as = (to: string, text: string) => new BaseError({ code: to, message: text, cause: error });
  if (code === 'FST_ERR_VALIDATION') return as('request/invalid', `Expected a request of the documented form: ${message}.`);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return as('request/too-large', 'Expected a body within the documented size, got a larger one.');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return as('request/media-type', 'Expected a body of a documented content type, got another.');
  if (statusCode >= 400 && statusCode < 500) return as('request/malformed', `Expected a well-formed request: ${message.replace(/\.$/, '')}.`);
  const failed = 'Expected to answer this request, but something failed here; it is in the log.';
  return new BaseError({ code: 'internal/error', message: failed, cause: error, retryable: true });
}
