/** What kind of file some bytes begin like. A name or a declared type can say anything; these bytes choose the parser. */

/** Signatures by format: `[offset, bytes as Latin-1]`, all of which have to be there. Sources: the formats' own specifications. */
const SIGNATURES: readonly (readonly [format: string, ...marks: readonly (readonly [offset: number, mark: string])[]])[] = [
  ['jpeg', [0, '\xff\xd8\xff']],
  ['png', [0, '\x89PNG\r\n\x1a\n']],
  ['webp', [0, 'RIFF'], [8, 'WEBP']],
  ['gif', [0, 'GIF8']],
  ['tiff', [0, 'II*\0']],
  ['tiff', [0, 'MM\0*']],
  ['heif or avif', [4, 'ftyp']],
  ['bmp', [0, 'BM']],
  ['pdf', [0, '%PDF-']],
  ['svg', [0, '<svg']],
  ['svg or xml', [0, '<?xml']],
];

/** `jpeg`, `png`, `webp`, the name of a format that is not read, or nothing for bytes of no format known here. An animated PNG is `apng`. */
export function sniff(bytes: Uint8Array): string | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (offset: number, mark: string) => data.subarray(offset, offset + mark.length).toString('latin1') === mark;
  const format = SIGNATURES.find(([, ...marks]) => marks.every(([offset, mark]) => has(offset, mark)))?.[0];
  return format === 'png' && isAnimatedPng(data) ? 'apng' : format;
}

/** The chunk `acTL` comes before the first `IDAT`. */
function isAnimatedPng(data: Buffer): boolean {
  for (let at = 8; at + 8 <= data.length; at += 12 + data.readUInt32BE(at)) {
    const chunk = data.toString('latin1', at + 4, at + 8);
    if (chunk === 'acTL' || chunk === 'IDAT') return chunk === 'acTL';
  }
  return false;
}
