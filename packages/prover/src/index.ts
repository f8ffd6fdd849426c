/** From a model and a latent to a proof bundle: circuits, keys kept on disk, proofs. For Node, because the engine is native. */
export * from './kit.ts';
export * from './prove.ts';
