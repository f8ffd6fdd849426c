/** What can be painted with: the models of the model server, and the collections on chain with the model of each. */
import { useQuery } from '@tanstack/react-query';
import { useConfig } from './context.ts';
import { listCollections } from './indexer.ts';
import { listModels, type ModelInfo } from './model-server.ts';

export function useModels() {
  const { modelServer } = useConfig();
  return useQuery({ queryKey: ['models'], queryFn: ({ signal }) => listModels(modelServer, signal), staleTime: 60_000 });
}

/** The first page of collections; few installations have more. */
export function useCollections() {
  const { proofServer } = useConfig();
  return useQuery({ queryKey: ['collections', 'first'], queryFn: ({ signal }) => listCollections(proofServer, undefined, signal) });
}

export function modelOf(models: readonly ModelInfo[] | undefined, commitment: string | undefined): ModelInfo | undefined {
  return models?.find((model) => model.commitment === commitment);
}
