/** A user's photo as numbers, and a painting as a PNG. */
export * from './painting.ts';
export * from './photo.ts';
