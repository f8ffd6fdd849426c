/** `pentimento cost`: counts before any key exists. */
import { loadModel } from '@pentimento/layers/node';
import type { Declare } from '../command.ts';
import { EXIT } from '../exit.ts';
import { modelFolder } from '../home.ts';
import { compileFor, countersOf } from '../prover.ts';

export function costCommand(command: Declare): void {
  command('cost [model]', 'count the circuit of a model, before any key exists', async (output, name: string | undefined) => {
    const model = await loadModel(modelFolder(name ?? 'nouns-m'));
    const [fast, gas] = [countersOf(compileFor(model, 'fast')), countersOf(compileFor(model, 'gas'))];
    const table = Object.keys(fast).map((key) => `${key.padEnd(16)} ${String(fast[key]).padStart(10)} ${String(gas[key]).padStart(10)}`);
    output.result({ fast, gas }, [`${''.padEnd(16)} ${'fast'.padStart(10)} ${'gas'.padStart(10)}`, ...table].join('\n'));
    return EXIT.ok;
  });
}
