/** Verify: the proof is checked in this browser before anything is signed. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useConfig as useWagmiConfig } from 'wagmi';
import { useConfig } from '../../services/context.ts';
import { readPinnedModel } from '../../services/pinned-model.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Notice } from '../../ui/notice.tsx';
import { verifyInBrowser } from '../../worker/verifier.ts';
import { isProofOf, type MintRecord } from './record.ts';
import type { Dispatch } from './use-mint.ts';

interface VerifyStepProps {
  readonly record: MintRecord;
  readonly dispatch: Dispatch;
}

export function VerifyStep({ record, dispatch }: VerifyStepProps): ReactNode {
  const { proofServer } = useConfig();
  const wagmi = useWagmiConfig();
  const { bundle } = record;
  const verdict = useQuery({
    queryKey: ['verdict', bundle, record.creator, record.collection, record.latent, record.pose],
    enabled: bundle !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      if (bundle === null) throw new RangeError('Expected a proof.');
      return isProofOf(bundle, record) ? verifyInBrowser(proofServer, bundle, await readPinnedModel(wagmi, record.collection)) : null;
    },
  });
  // Null is the verdict on a proof of something else.
  const valid = verdict.data === undefined ? undefined : (verdict.data?.valid ?? false);
  const { verifyMs, setup } = verdict.data ?? {};
  const srs = setup?.name;
  useEffect(() => {
    if (valid && verifyMs !== undefined && srs !== undefined) dispatch({ type: 'checked', verifyMs, srs });
  }, [valid, verifyMs, srs, dispatch]);
  const proveAgain = <Button onClick={() => dispatch({ type: 'proof-wanted' })}>Prove again</Button>;
  return (
    <>
      <p role="status">{verdict.isFetching ? 'Checking the proof here, in your browser…' : ''}</p>
      {verdict.error && <Failure error={verdict.error} title="Not checked" onRetry={() => void verdict.refetch()} elsewhere={proveAgain} />}
      {valid === false && (
        <Notice tone="failure" title="Proof not valid" actions={proveAgain}>
          The proof does not prove this painting for you. Nothing was signed; a new proof can be made with the same claim.
        </Notice>
      )}
    </>
  );
}
