/** From a photo to a latent and a pose. Nothing here is proven; needs Node, because ONNX Runtime and the model's files do. */
export { type Encoded, type EncodeOptions, encodePhoto } from './encoder.ts';
export type { Answer, Styled, StyleOptions, Styler } from './styler.ts';
export { openStyle } from './styler.ts';
