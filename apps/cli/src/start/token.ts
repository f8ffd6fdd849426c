/** From a picture to a minted token through the services: styled by the model server, claimed, proven by the proof server, minted. */
import { readFile } from 'node:fs/promises';
import { claim, type Minted, mint } from '@pentimento/chain';
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { BaseError, type Bundle, bytesToHex, encodePrompt, type Hex, hexToBytes } from '@pentimento/core';
import { keccak256 } from 'viem';
import type { Output } from '../output.ts';
import { type Preview, preview, proveThere } from './clients.ts';
import type { Platform, Wanted } from './platform.ts';

export interface Styled extends Preview {
  readonly tokenId: bigint;
  readonly prompt: Hex;
}

/** @param path PNG, JPEG or WebP */
export async function style({ modelServer }: Platform, { model }: Wanted, path: string, seed = 0): Promise<Styled> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new BaseError({ code: 'image/unreadable', message: `Expected to read a picture at ${path}, got: ${cause.message}.`, cause });
  });
  const styled = await preview(modelServer.url, model.manifest.name, bytes, seed);
  const prompt = bytesToHex(encodePrompt(hexToBytes(styled.latent), styled.pose));
  return { ...styled, prompt, tokenId: BigInt(keccak256(prompt)) };
}

export async function isMinted({ connection, deployment }: Platform, tokenId: bigint): Promise<boolean> {
  const call = { address: deployment.collection, abi: pentimentoCollectionAbi, functionName: 'ownerOf', args: [tokenId] } as const;
  return connection.reader.readContract(call).then(
    () => true,
    () => false,
  );
}

/** Claims the token and has it proven: the claim ages meanwhile. */
export async function proveClaimed(
  platform: Platform,
  { model, objective }: Wanted,
  styled: Styled,
  output: Output,
): Promise<{ bundle: Bundle; claimGas: bigint }> {
  const { connection, deployment, proofServer } = platform;
  const { claimGas } = await claim(connection, deployment.collection, styled.prompt);
  const { latent, pose } = styled;
  const context = { chainId: connection.chainId, collection: deployment.collection, creator: connection.account.address };
  const request = { model: model.manifest.commitment, objective, latent, pose, ...context };
  const bundle = await proveThere(proofServer.url, request, (phase) => output.progress(`  proof: ${phase}`));
  return { bundle, claimGas };
}

export const mintProven = ({ connection }: Platform, bundle: Bundle): Promise<Minted> => mint(connection, bundle);
