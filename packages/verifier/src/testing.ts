/** Helpers for tests of other packages. */
export { type Anvil, type AnvilOptions, freePort, startAnvil } from './testing/anvil.ts';
