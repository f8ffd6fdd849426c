/**
 * Requests to the services. Every failure becomes a BaseError with one sentence: the service's own (RFC 9457, `application/problem+json`),
 * or `service/unreachable` when there was no answer.
 */
import { BaseError, problemFor } from '@pentimento/core';
import { type Decoder, label } from './check.ts';

export interface Service {
  /** What people call it: `the model server`. */
  readonly name: string;
  readonly url: string;
}

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** The response, when the service accepted the request. */
export async function send(service: Service, path: string, options: RequestOptions = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${service.url}${path}`, options as RequestInit);
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    const message = `Expected ${service.name} at ${service.url} to answer, but it cannot be reached.`;
    throw new BaseError({ code: 'service/unreachable', message, cause, retryable: true });
  }
  if (!response.ok) throw await problemOf(service, response);
  return response;
}

export async function getJson<T>(service: Service, path: string, decode: Decoder<T>, signal?: AbortSignal): Promise<T> {
  return readJson(service, await send(service, path, { signal }), decode);
}

export async function postJson<T>(
  service: Service,
  path: string,
  body: unknown,
  decode: Decoder<T>,
  headers: Record<string, string> = {},
): Promise<T> {
  const options = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } } as const;
  return readJson(service, await send(service, path, options), decode);
}

/** What the answer says. Throws `service/unexpected-answer` when it is no JSON or not what `decode` reads. */
export async function readJson<T>(service: Service, response: Response, decode: Decoder<T>): Promise<T> {
  const value: unknown = await response.json().catch((cause: unknown) => {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new BaseError({ code: 'service/unexpected-answer', message: `Expected JSON from ${service.name}, got something else.`, cause });
  });
  return decode(value, service.name);
}

/** Characters of a service's sentence that are shown. */
const SENTENCE = 500;

/** The error that a refusing answer describes. */
async function problemOf(service: Service, response: Response): Promise<BaseError> {
  const problem = ((await response.json().catch(() => null)) ?? {}) as { detail?: unknown; code?: unknown; retryable?: unknown };
  const { status } = response;
  const code = typeof problem.code === 'string' ? problem.code : `service/status-${status}`;
  const otherwise = problemFor(code)?.sentence ?? `Expected ${service.name} to accept the request, but it answered ${status}.`;
  return new BaseError({
    code,
    message: typeof problem.detail === 'string' ? label(SENTENCE)(problem.detail, service.name) : otherwise,
    retryable: problem.retryable === true || status >= 500 || status === 429,
    details: { status },
  });
}
