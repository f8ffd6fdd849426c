/** How the bytes of a collection's pictures are read: from the model's record on chain, so that no server is believed. */
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import type { Hex } from '@pentimento/core';
import { useQuery } from '@tanstack/react-query';
import type { Config as WagmiConfig } from 'wagmi';
import { useConfig as useWagmiConfig } from 'wagmi';
import type { PictureForm } from '../picture/pixels.ts';
import { readerOf } from '../wallet/transact.ts';

async function readForm(wagmi: WagmiConfig, collection: Hex): Promise<PictureForm> {
  const model = await readerOf(wagmi).readContract({ address: collection, abi: pentimentoCollectionAbi, functionName: 'model' });
  const palette = (model.palette.slice(2).match(/.{6}/g) ?? []).map((colour) => `#${colour}`);
  return { kind: palette.length > 0 ? 'palette' : 'rgb', width: Number(model.width), height: Number(model.height), palette };
}

export function useForm(collection: Hex): PictureForm | undefined {
  const wagmi = useWagmiConfig();
  const form = useQuery({ queryKey: ['form', collection], queryFn: () => readForm(wagmi, collection), staleTime: Number.POSITIVE_INFINITY });
  return form.data;
}
