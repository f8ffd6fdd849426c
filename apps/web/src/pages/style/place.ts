/** In words, where in the picture a direction paints most. */

const ROWS: readonly string[] = ['upper', 'middle', 'lower'];
const COLUMNS: readonly string[] = ['left', '', 'right'];
/** Share of the whole change that one part must hold to be named; an even change puts a third into each. */
const NAMED = 0.44;

/** `heat` `[H*W]` in 0..1. */
export function placeOf(heat: readonly number[], width: number): string {
  const height = heat.length / width;
  const rows = [0, 0, 0];
  const columns = [0, 0, 0];
  let total = 0;
  heat.forEach((value, i) => {
    const row = Math.floor((3 * Math.floor(i / width)) / height);
    const column = Math.floor((3 * (i % width)) / width);
    rows[row] = (rows[row] as number) + value;
    columns[column] = (columns[column] as number) + value;
    total += value;
  });
  const row = named(rows, total, ROWS);
  const column = named(columns, total, COLUMNS);
  if (row === undefined && column === undefined) return 'All over';
  if (row === 'middle' && column === '') return 'Centre';
  return capitalised(
    [row ?? '', column === '' ? 'centre' : (column ?? '')].filter(Boolean).join(' ') +
      (column === undefined ? ' part' : row === undefined ? ' side' : ''),
  );
}

function named(shares: readonly number[], total: number, names: readonly string[]): string | undefined {
  const largest = shares.indexOf(Math.max(...shares));
  return total > 0 && (shares[largest] as number) / total >= NAMED ? names[largest] : undefined;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
