/** Helpers for tests of other packages. */
export { type Anvil, type AnvilOptions, freePort, isFree, startAnvil } from './testing/anvil.ts';
