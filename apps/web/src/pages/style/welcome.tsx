/** Before the first photo: what the page does, shown on a sample. */
import type { ReactNode } from 'react';
import { PAINTED_SAMPLE, SAMPLES } from './samples.ts';

export function Welcome(): ReactNode {
  const [photo] = SAMPLES;
  return (
    <div className="relative aspect-[2/1] overflow-hidden" role="img" aria-label="An example: the photo of a cat, and the pixel painting made of it">
      <img src={photo?.url} alt="" className="absolute inset-y-0 left-0 h-full w-1/2 object-cover" />
      <img src={PAINTED_SAMPLE} alt="" className="crisp absolute inset-y-0 right-0 h-full w-1/2" />
      <span className="absolute inset-y-0 left-1/2 w-1 -translate-x-1/2 bg-trace" />
    </div>
  );
}
