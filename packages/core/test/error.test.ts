import { expect, it } from 'vitest';
import { BaseError } from '../src/error.ts';

it('carries code, details, cause and whether a retry may help', () => {
  const cause = new Error('inner');
  const error = new BaseError({ code: 'rpc/down', message: 'Expected an answer, got none.', details: { port: 1 }, cause, retryable: true });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'PentimentoError', code: 'rpc/down', details: { port: 1 }, cause, retryable: true });
});

it('has plain defaults, and no cause of its own', () => {
  const error = new BaseError({ code: 'a/b', message: 'm' });
  expect(error).toMatchObject({ details: {}, retryable: false });
  expect('cause' in error).toBe(false);
});
