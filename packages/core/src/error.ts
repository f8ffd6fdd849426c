/**
 * The one error class. An expected negative result is a value, never an exception; everything that is thrown has a stable code
 * and one sentence that says what was expected and what was found.
 */
export interface ErrorOptions {
  /** Stable, namespaced, kebab-case: `image/too-large`. */
  readonly code: string;
  /** One sentence: what was expected, what was found. */
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** True when the same call may succeed later without any change by the caller. */
  readonly retryable?: boolean;
}

export class BaseError extends Error {
  override readonly name = 'PentimentoError';
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;

  constructor(options: ErrorOptions) {
    super(options.message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = options.code;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
  }
}
