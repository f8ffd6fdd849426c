/** Before any test: the pages are built once. Two platforms that start at the same time would build them under each other's hands. */
import { buildWeb } from '../../../cli/src/start/web.ts';

export async function setup(): Promise<void> {
  await buildWeb({ json: false, progress: (line) => console.log(line), result: () => undefined });
}
