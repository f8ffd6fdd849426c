/** `pentimento train`: a folder of images becomes a model that `cost` and `style` accept; the work is done by training/, in Python. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { type Declare, integer } from '../command.ts';
import { EXIT } from '../exit.ts';
import { runTraining } from '../python.ts';

/** Collections that the training makes itself. */
const OWN = ['nouns', 'strokes'];

interface TrainOptions {
  readonly name: string;
  readonly preset: string;
  readonly profile: string;
  readonly device: string;
  readonly seed: number;
  readonly threads: number;
  readonly out?: string;
  readonly work?: string;
  readonly steps?: number;
  readonly rate?: number;
  readonly background?: string;
}

export function trainCommand(command: Declare): void {
  command(
    'train <folder>',
    'train a model on a folder of images (or on `nouns` or `strokes`), and export it',
    async (output, folder: string, options: TrainOptions) => {
      const { status, out } = await runTraining([...trainingArguments(folder, options), ...(output.json ? ['--json'] : [])]);
      if (status !== EXIT.ok) return status;
      const metrics = JSON.parse(out) as { folder: string; model: string; int8Loss: number; floatControlLoss: number; seconds: number };
      output.result(
        metrics,
        `Trained ${metrics.model} in ${Math.round(metrics.seconds)} s: int8 loss ${metrics.int8Loss}, float control ${metrics.floatControlLoss}. ` +
          `The model, its card and its sheet of results are in ${metrics.folder}.`,
      );
      return EXIT.ok;
    },
  )
    .requiredOption('--name <name>', "the model's name")
    .addOption(new Option('--preset <preset>', 'size and head of the decoder').choices(['S', 'M', 'L64', 'RGB']).default('M'))
    .addOption(new Option('--profile <profile>', 'full, or smoke: seconds, and a worthless model').choices(['full', 'smoke']).default('full'))
    .addOption(new Option('--device <device>', 'where to train').choices(['auto', 'cpu', 'cuda']).default('cpu'))
    .addOption(
      new Option('--seed <number>', 'the same seed gives the same integers on the same machine').argParser(integer(0, 2 ** 31 - 1)).default(0),
    )
    .addOption(new Option('--threads <number>', 'CPU threads').argParser(integer(1, 1024)).default(1))
    .addOption(new Option('--steps <number>', 'float steps; the int8 phase takes a tenth, 20 at the least').argParser(integer(20, 10_000_000)))
    .addOption(new Option('--rate <number>', 'highest learning rate of the float phase').argParser(positive))
    .option('--background <#rrggbb>', 'colour under transparent images; without it they are refused')
    .option('--out <folder>', "the model's folder (default: models/<name> of the project)")
    .option('--work <folder>', 'checkpoints; a run found there is continued (default: training/runs/<name>)');
}

function trainingArguments(folder: string, options: TrainOptions): string[] {
  const collection = OWN.includes(folder) && !existsSync(resolve(folder)) ? folder : resolve(folder);
  const given = {
    collection,
    name: options.name,
    preset: options.preset,
    profile: options.profile,
    device: options.device,
    seed: options.seed,
    threads: options.threads,
    steps: options.steps,
    rate: options.rate,
    background: options.background,
    out: options.out && resolve(options.out),
    work: options.work && resolve(options.work),
  };
  return ['train', ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))];
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('Expected a positive number.');
  return value;
}
