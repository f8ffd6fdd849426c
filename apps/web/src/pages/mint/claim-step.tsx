/** Claim: a hidden mark on chain that this account had the painting first. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useConfig as useWagmiConfig } from 'wagmi';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { aboutEther, duration } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { sentenceOf } from '../../wallet/sentences.ts';
import { useSession } from '../../wallet/session.tsx';
import { estimateClaim, findClaim, newSalt, sendClaim } from './claims.ts';
import type { MintRecord } from './record.ts';
import type { Sale } from './sale.ts';
import { obstacleOf } from './sale.ts';
import type { Dispatch } from './use-mint.ts';

interface ClaimStepProps {
  readonly record: MintRecord;
  readonly dispatch: Dispatch;
  readonly sale: Sale | undefined;
}

export function ClaimStep({ record, dispatch, sale }: ClaimStepProps): ReactNode {
  const wagmi = useWagmiConfig();
  const { account } = useSession();
  useEarlierClaim(record, dispatch);
  const estimate = useQuery({
    queryKey: ['claim-gas', record.collection, account],
    enabled: account !== undefined,
    queryFn: () => estimateClaim(wagmi, record, account as `0x${string}`),
  });
  const claim = useMutation({
    mutationFn: async () => {
      const creator = account as `0x${string}`;
      const salt = record.creator === creator && record.salt !== null ? record.salt : newSalt();
      dispatch({ type: 'claiming', creator, salt });
      const { mintableFrom, gas } = await sendClaim(wagmi, record, creator, salt);
      dispatch({ type: 'claimed', mintableFrom, gas });
    },
  });
  // Nothing is signed before the chain has said that the painting can be had.
  const blocked = sale === undefined || obstacleOf(sale, record.model.commitment, String)?.temporary === false;
  return (
    <>
      {isLost(record) && (
        <Notice tone="warning" title="Claim expired">
          Your claim is not on chain any more: it holds for 24 hours. {record.bundle !== null && 'The proof is kept; only the claim is made anew.'}
        </Notice>
      )}
      {sale?.allowlistRoot && (
        <Notice tone="warning" title="For listed accounts">
          Only accounts on the collection's allowlist may mint here. You show that yours is one at the last step, by the list or by a proof that its
          owner gave you; the gas of a claim is not paid back.
        </Notice>
      )}
      <p>
        A claim marks on chain that you had this painting first, without showing which one it is. It protects you while the proof is made, and can be
        minted {sale ? `after ${duration(sale.claimDelay * 1000)}` : 'a little later'}, for 24 hours.
      </p>
      <p>
        {estimate.data
          ? `Costs gas only: ${estimate.data.gas.toLocaleString()} gas, about ${aboutEther(estimate.data.cost)}.`
          : estimate.error
            ? `The gas cannot be estimated now. ${sentenceOf(estimate.error)}`
            : 'Estimating the gas…'}
      </p>
      <div>
        <Button weight="primary" disabled={claim.isPending || blocked || account === undefined} onClick={() => claim.mutate()}>
          {claim.isPending ? 'Waiting for wallet and chain…' : 'Claim this painting'}
        </Button>
      </div>
      <p role="status" className="sr-only">
        {claim.isPending ? 'Confirm the claim in your wallet.' : ''}
      </p>
      {claim.error && <Failure error={claim.error} title="Not claimed" onRetry={() => claim.mutate()} />}
    </>
  );
}

/** There was a claim of this creator; nothing else leaves a creator without a salt. */
const isLost = ({ creator, salt }: MintRecord): boolean => creator !== null && salt === null;

/** A claim that was signed before the page was left is found on chain. */
function useEarlierClaim(record: MintRecord, dispatch: Dispatch): void {
  const wagmi = useWagmiConfig();
  const { account } = useSession();
  const earlier = useQuery({
    queryKey: ['earlier-claim', record.collection, record.salt, account],
    enabled: record.salt !== null && record.creator === account,
    queryFn: async () => (await findClaim(wagmi, record)) ?? null,
    refetchInterval: 3000,
  });
  const mintableFrom = earlier.data?.mintableFrom;
  useEffect(() => {
    if (mintableFrom !== undefined) dispatch({ type: 'claimed', mintableFrom, gas: null });
  }, [mintableFrom, dispatch]);
}
