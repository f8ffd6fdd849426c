/** The address book of a chain: what was deployed there, as one JSON file. It only records; what is on chain decides. */
import { readFile } from 'node:fs/promises';
import { BaseError, type Hex } from '@pentimento/core';
import { home, writeWhole } from '@pentimento/core/node';

export interface RegisteredModel {
  readonly name: string;
  readonly commitment: Hex;
  readonly objective: string;
  readonly verifier: Hex;
  readonly verifierBytes: number;
  readonly vk: Hex;
  readonly vkBytes: number;
  readonly vkCodeHash: Hex;
}

export interface AddressBook {
  readonly format: 'pentimento-addresses';
  readonly version: 1;
  readonly chainId: number;
  /** No event of the platform is in an earlier block; absent in books of older programs. */
  readonly block?: number;
  readonly factory: Hex;
  readonly registry: Hex;
  readonly renderer: Hex;
  readonly models: Readonly<Record<Hex, RegisteredModel>>;
  /** The one that was deployed or asked for last is the last. */
  readonly collections: readonly { readonly address: Hex; readonly name: string; readonly modelId: Hex }[];
}

export interface Deployment extends Omit<RegisteredModel, 'name' | 'commitment'> {
  readonly chainId: number;
  readonly model: string;
  readonly modelCommitment: string;
  readonly modelId: Hex;
  readonly registry: Hex;
  readonly factory: Hex;
  readonly collection: Hex;
}

const bookPath = (chainId: number) => home('deployments', `${chainId}.json`);

export async function readBook(chainId: number): Promise<AddressBook | undefined> {
  const text = await readFile(bookPath(chainId), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const refused = (cause?: unknown) =>
    new BaseError({ code: 'chain/address-book', message: `Expected ${bookPath(chainId)} to be a pentimento-addresses file of version 1.`, cause });
  let book: Partial<AddressBook>;
  try {
    book = JSON.parse(text) as Partial<AddressBook>;
  } catch (cause) {
    throw refused(cause);
  }
  if (book.format !== 'pentimento-addresses' || book.version !== 1 || book.chainId !== chainId) throw refused();
  return book as AddressBook;
}

export const writeBook = (book: AddressBook) => writeWhole(bookPath(book.chainId), `${JSON.stringify(book, null, 2)}\n`);

/** The last collection that `deploy` made or found for this chain and model. */
export async function readDeployment(chainId: number, model: string): Promise<Deployment> {
  const book = await readBook(chainId);
  const collection = book?.collections.findLast(({ modelId }) => book.models[modelId]?.name === model);
  const registered = collection && book?.models[collection.modelId];
  if (!book || !collection || !registered) {
    throw new BaseError({
      code: 'chain/not-deployed',
      message: `Expected a collection of ${model} on chain ${chainId} (pentimento deploy), but ${bookPath(chainId)} names none.`,
    });
  }
  const { name, commitment, ...rest } = registered;
  const { registry, factory } = book;
  return {
    chainId,
    model: name,
    modelCommitment: commitment,
    modelId: collection.modelId,
    registry,
    factory,
    collection: collection.address,
    ...rest,
  };
}
