/** Pictures to try without one's own; a photograph (examples/README.md names its source) and three drawings. */
export interface Sample {
  readonly name: string;
  readonly url: string;
}

export const SAMPLES: readonly Sample[] = [
  { name: 'Cat', url: new URL('./samples/cat.png', import.meta.url).href },
  { name: 'Portrait', url: new URL('./samples/portrait.svg', import.meta.url).href },
  { name: 'Lake', url: new URL('./samples/lake.svg', import.meta.url).href },
  { name: 'Fruit', url: new URL('./samples/fruit.svg', import.meta.url).href },
];

/** What nouns-m paints of the first sample, with the dial on-brand and seed 1. */
export const PAINTED_SAMPLE: string = new URL('./samples/cat-painted.svg', import.meta.url).href;
