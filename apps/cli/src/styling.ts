/** From a photo file to a painting: what the commands `style` and `start` share. */
import { type Model, runDecoder } from '@pentimento/layers';
import { type Painting, readPhoto } from '@pentimento/pictures';
import { type EncodeOptions, encodePhoto } from '@pentimento/style';

export interface Styled extends Painting {
  /** 0..127 each. */
  readonly latent: Uint8Array;
  /** The dial that was used; absent where the model has no style package. */
  readonly dial?: string;
}

export interface StyleOptions extends EncodeOptions {
  /** Instead of the pose that the search finds. */
  readonly pose?: number | undefined;
}

export async function stylePhoto(model: Model, modelDir: string, photo: string, options: StyleOptions = {}): Promise<Styled> {
  const encoded = await encodePhoto(model, modelDir, await readPhoto(photo), options);
  const { index, image } = runDecoder(model, encoded.latent);
  return { ...encoded, index, image, pose: options.pose ?? encoded.pose };
}
