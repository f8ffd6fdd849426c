/** Field elements, bytes, errors and the public statement. Depends on nothing else of the project. */
export * from './bytes.ts';
export * from './error.ts';
export * as field from './field.ts';
export * from './statement.ts';
