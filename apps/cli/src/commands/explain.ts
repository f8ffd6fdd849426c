/** `pentimento explain`: a constraint of the circuit in words, as the book states it. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseError } from '@pentimento/core';
import { PROJECT } from '@pentimento/core/node';
import type { Declare } from '../command.ts';
import { EXIT } from '../exit.ts';

interface Explained {
  readonly id: string;
  readonly polynomial: string;
  readonly degree: number;
  /** What could be proven if the constraint were missing. */
  readonly withoutIt: string;
}

export function explainCommand(command: Declare): void {
  command('explain [constraint]', 'say what a constraint demands and what would be possible without it', async (output, id: string | undefined) => {
    const table = parseConstraints(await readFile(join(PROJECT, 'book/circuit.md'), 'utf8'));
    if (id === undefined) {
      output.result({ constraints: table.map((entry) => entry.id) }, table.map((entry) => entry.id).join('\n'));
      return EXIT.ok;
    }
    const found = table.find((entry) => entry.id === id);
    if (!found) {
      const ids = table.map((entry) => entry.id).join(', ');
      throw new BaseError({ code: 'cli/usage', message: `Expected one of ${ids}, got ${id.slice(0, 60)}.` });
    }
    output.result(
      { ...found },
      `${found.id}, degree ${found.degree}\n  demands: ${found.polynomial}\n  without it: ${found.withoutIt}\n  tested in: packages/layers/test/kill.test.ts, with the attacks of packages/layers/test/kills.ts and book/kill-matrix.md`,
    );
    return EXIT.ok;
  });
}

/** The rows `| id | polynomial | degree | without it |` of the section "Constraints". */
function parseConstraints(book: string): Explained[] {
  const section = book.slice(book.indexOf('## Constraints'), book.indexOf('## Soundness'));
  return [...section.matchAll(/^\| `([^`]+)` \| (.*) \| (\d+) \| ([^|]*) \|$/gm)].map(([, id = '', polynomial = '', degree, withoutIt = '']) => ({
    id,
    polynomial: polynomial.replaceAll('`', ''),
    degree: Number(degree),
    withoutIt,
  }));
}
