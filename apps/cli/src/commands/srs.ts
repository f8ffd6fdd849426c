/** `pentimento srs`: setups that others made, as halo2's raw `.srs` or as snarkjs' `.ptau`. */
import { home } from '@pentimento/core/node';
import { checkSrs, importSrs, readSrsInfo, type SrsInfo } from '@pentimento/engine';
import { Argument } from 'commander';
import { type Declare, integer } from '../command.ts';
import { EXIT } from '../exit.ts';

interface SrsOptions {
  readonly k?: number;
  readonly sha256?: string;
}

export function srsCommand(command: Declare): void {
  command('srs', 'look at, check or import a trusted setup', async (output, action: 'info' | 'check' | 'import', file: string, o: SrsOptions) => {
    if (action === 'import') {
      output.progress('Checking every power that is taken over');
      const path = await importSrs({ path: file, cacheDir: home('srs'), ...o });
      const info = await readSrsInfo(path);
      output.result({ path, ...info }, `${sentence(info)}\nImported: ${path}\nUse it with PENTIMENTO_SRS=${path}`);
      return EXIT.ok;
    }
    const info = action === 'check' ? await checkSrs(file) : await readSrsInfo(file);
    const checked = action === 'check' ? 'Every point is a power of one secret.' : 'Only the first points were read; `srs check` checks all.';
    output.result({ checked: action === 'check', ...info }, `${sentence(info)}\n${checked}`);
    return EXIT.ok;
  })
    .addArgument(new Argument('<action>', 'what to do').choices(['info', 'check', 'import']))
    .argument('<file>', 'halo2 raw .srs or snarkjs .ptau')
    .option('--k <number>', 'import: cut to 2^k powers', integer(3, 24))
    .option('--sha256 <digest>', 'import: digest that the file must have');
}

function sentence({ format, k, srs, sha256 }: SrsInfo): string {
  const whose = srs.insecure
    ? `INSECURE: ${srs.name === 'unrecognised' ? 'not a ceremony that is known here' : srs.name}; refused outside local chains`
    : `known ceremony ${srs.name}`;
  return `${format}, 2^${k} powers, ${whose}\nSHA-256 ${sha256}`;
}
