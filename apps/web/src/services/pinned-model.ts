/** What a collection pins of its model, read from the chain itself, so that no server is believed: shape, palette, and the keys of its proofs. */
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import type { Hex } from '@pentimento/core';
import { useQuery } from '@tanstack/react-query';
import type { Config as WagmiConfig } from 'wagmi';
import { useConfig as useWagmiConfig } from 'wagmi';
import type { PictureForm } from '../picture/pixels.ts';
import { readerOf } from '../wallet/transact.ts';

export interface PinnedModel {
  readonly commitment: Hex;
  /** Elements. */
  readonly latentLength: number;
  readonly form: PictureForm;
  /** keccak256 of the verifier's code. */
  readonly verifierCodeHash: Hex;
  /** keccak256 of the code that holds the verifying key. */
  readonly vkCodeHash: Hex;
}

export async function readPinnedModel(wagmi: WagmiConfig, collection: Hex): Promise<PinnedModel> {
  const model = await readerOf(wagmi).readContract({ address: collection, abi: pentimentoCollectionAbi, functionName: 'model' });
  const { commitment, verifierCodeHash, vkCodeHash } = model;
  const palette = (model.palette.slice(2).match(/.{6}/g) ?? []).map((colour) => `#${colour}`);
  const form: PictureForm = { kind: palette.length > 0 ? 'palette' : 'rgb', width: Number(model.width), height: Number(model.height), palette };
  return { commitment, latentLength: Number(model.latentLength), form, verifierCodeHash, vkCodeHash };
}

export function usePinnedModel(collection: Hex) {
  const wagmi = useWagmiConfig();
  const queryFn = () => readPinnedModel(wagmi, collection);
  return useQuery({ queryKey: ['pinned', collection], queryFn, staleTime: Number.POSITIVE_INFINITY });
}

/** How the bytes of a collection's pictures are read; undefined until the chain has told. */
export const useForm = (collection: Hex): PictureForm | undefined => usePinnedModel(collection).data?.form;
