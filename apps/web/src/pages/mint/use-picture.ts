/** The picture of a mint, painted here from its latent: what is shown is what will be proven. */
import { hexToBytes } from '@pentimento/core';
import { useQuery } from '@tanstack/react-query';
import type { Picture } from '../../picture/pixels.ts';
import { useConfig } from '../../services/context.ts';
import { openDecoder } from '../../worker/decoder.ts';
import type { MintRecord } from './record.ts';

export function usePicture({ model, latent, pose }: Pick<MintRecord, 'model' | 'latent' | 'pose'>): Picture | undefined {
  const { modelServer } = useConfig();
  const painted = useQuery({
    queryKey: ['painted', model.commitment, latent],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const decoder = openDecoder(modelServer, model);
      try {
        const { form } = await decoder.ready;
        return { form, bytes: await decoder.decode(hexToBytes(latent)) };
      } finally {
        decoder.stop();
      }
    },
  });
  return painted.data && { ...painted.data, pose };
}
