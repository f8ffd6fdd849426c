/** Mint: what it costs and what it says, a trial without signature, then the wallet. */
import type { Hex } from '@pentimento/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useConfig as useWagmiConfig } from 'wagmi';
import { Button } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Failure } from '../../ui/failure.tsx';
import { aboutEther, elapsed, ether, shortened } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { kindOf, sentenceOf } from '../../wallet/sentences.ts';
import { findClaim } from './claims.ts';
import { finishMint, type Offer, planMint, sendMint } from './minting.ts';
import type { MintRecord } from './record.ts';
import { obstacleOf, type Sale } from './sale.ts';
import type { Dispatch } from './use-mint.ts';

interface MintStepProps {
  readonly record: MintRecord;
  readonly dispatch: Dispatch;
  readonly sale: Sale | undefined;
}

export function MintStep({ record, dispatch, sale }: MintStepProps): ReactNode {
  return record.mintTransaction === null ? (
    <Signing record={record} dispatch={dispatch} sale={sale} />
  ) : (
    <Waiting transaction={record.mintTransaction} dispatch={dispatch} />
  );
}

function Signing({ record, dispatch, sale }: MintStepProps): ReactNode {
  const wagmi = useWagmiConfig();
  const [branch, setBranch] = useState('');
  const allowlistProof = (branch.match(/0x[0-9a-fA-F]{64}/g) ?? []) as Hex[];
  // What the button says is what is signed.
  const offer: Offer = { value: sale?.mintCost ?? 0n, allowlistProof };
  const old = useClaimAge(record, dispatch, sale);
  const blocked = sale === undefined || obstacleOf(sale, String) !== undefined;
  const plan = useQuery({
    queryKey: ['plan', record.bundle?.proof, record.salt, branch, offer.value.toString()],
    enabled: old.ready && !blocked && (!sale.allowlist || allowlistProof.length > 0),
    retry: false,
    queryFn: () => planMint(wagmi, record, offer),
  });
  const mint = useMutation({
    mutationFn: (agreed: Offer) => sendMint(wagmi, record, agreed),
    onSuccess: (transaction) => dispatch({ type: 'mint-sent', transaction }),
  });
  const error = mint.error ?? plan.error;
  const again = () => {
    mint.reset();
    void plan.refetch();
  };
  return (
    <>
      <p>
        The proof is valid: {record.model.name} paints exactly this picture. With your signature the collection checks it again, on chain, and the
        painting is yours.
      </p>
      <Facts
        facts={[
          ['Price', sale ? ether(sale.price) : '…'],
          ['Licence fee', sale ? (sale.licenceFee === 0n ? 'none' : `${ether(sale.licenceFee)} to the model’s owner`) : '…'],
          ['Gas', plan.data ? `at most ${plan.data.gasLimit.toLocaleString()} gas, ${aboutEther(plan.data.gasCost)}` : 'estimated before you sign'],
          [
            'What is proven',
            `The model ${shortened(record.model.commitment)} turns this latent into this picture; for you, this collection and this chain only.`,
          ],
          ['What becomes public', 'Latent, pose and picture. Not the photo.'],
        ]}
      />
      {sale?.allowlist && <AllowlistField value={branch} onChange={setBranch} />}
      {!old.ready && <p role="status">The claim can be minted in {elapsed(old.waitMs)}…</p>}
      <div>
        <Button
          weight="primary"
          className="min-h-12 text-lg"
          disabled={plan.data === undefined || blocked || mint.isPending}
          onClick={() => mint.mutate(offer)}
        >
          {mint.isPending ? 'Confirm in your wallet…' : `Mint for ${sale ? ether(offer.value) : '…'}`}
        </Button>
      </div>
      {error !== null && <MintFailure error={error} dispatch={dispatch} onRetry={again} />}
    </>
  );
}

function MintFailure({
  error,
  dispatch,
  onRetry,
}: {
  readonly error: unknown;
  readonly dispatch: Dispatch;
  readonly onRetry: () => void;
}): ReactNode {
  const kind = kindOf(error);
  if (kind === 'claim') {
    return (
      <Notice tone="failure" title="Claim expired" actions={<Button onClick={() => dispatch({ type: 'claim-lost' })}>Claim again</Button>}>
        {sentenceOf(error)} The proof is kept.
      </Notice>
    );
  }
  if (kind === 'rejected')
    return (
      <Notice title="Not signed" actions={<Button onClick={onRetry}>Back to the offer</Button>}>
        {sentenceOf(error)}
      </Notice>
    );
  return <Failure error={error} title="Not minted" onRetry={onRetry} />;
}

function AllowlistField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }): ReactNode {
  return (
    <label className="grid gap-1">
      Your proof of the allowlist, as the collection's owner gave it to you
      <textarea className="field hash" rows={3} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
    </label>
  );
}

/** Whether the claim is old enough, by the chain's clock and this computer's since it was read; a claim that is gone is asked for anew. */
function useClaimAge(record: MintRecord, dispatch: Dispatch, sale: Sale | undefined): { ready: boolean; waitMs: number } {
  const wagmi = useWagmiConfig();
  const claim = useQuery({ queryKey: ['claim', record.collection, record.salt], queryFn: async () => (await findClaim(wagmi, record)) ?? null });
  const gone = claim.data === null;
  useEffect(() => {
    if (gone) dispatch({ type: 'claim-lost' });
  }, [gone, dispatch]);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, []);
  const [read, setRead] = useState({ chain: 0, at: 0 });
  const chainNow = sale?.now ?? 0;
  useEffect(() => setRead({ chain: chainNow, at: Date.now() }), [chainNow]);
  const mintableFrom = claim.data?.mintableFrom ?? record.claim?.mintableFrom ?? 0;
  const waitMs = 1000 * (mintableFrom - read.chain) - (Date.now() - read.at);
  return { ready: read.chain > 0 && waitMs <= 0, waitMs: Math.max(0, waitMs) };
}

function Waiting({ transaction, dispatch }: { readonly transaction: Hex; readonly dispatch: Dispatch }): ReactNode {
  const wagmi = useWagmiConfig();
  const receipt = useQuery({ queryKey: ['receipt', transaction], retry: false, queryFn: () => finishMint(wagmi, transaction) });
  const done = receipt.data;
  useEffect(() => {
    if (done !== undefined) dispatch({ type: 'minted', ...done });
  }, [done, dispatch]);
  return (
    <>
      <p role="status">{receipt.isFetching ? 'Sent. Waiting for the next block…' : ''}</p>
      <p className="hash">{transaction}</p>
      {receipt.error && (
        <Notice
          tone="failure"
          title="Not minted"
          actions={
            <>
              <Button onClick={() => void receipt.refetch()}>Look again</Button>
              <Button onClick={() => dispatch({ type: 'mint-failed' })}>Back to the offer</Button>
            </>
          }
        >
          {sentenceOf(receipt.error)}
        </Notice>
      )}
    </>
  );
}
