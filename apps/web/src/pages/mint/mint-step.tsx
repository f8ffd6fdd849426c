/** Mint: what it costs and what it says, a trial without signature, then the wallet. */
import type { Hex } from '@pentimento/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useId, useMemo, useState } from 'react';
import { useConfig as useWagmiConfig } from 'wagmi';
import { Button } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Failure } from '../../ui/failure.tsx';
import { aboutEther, elapsed, ether, shortened } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { kindOf, sentenceOf } from '../../wallet/sentences.ts';
import { type Listing, listingIn } from './allowlist.ts';
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
  const { listing, listText, setListText } = useListing(record, sale);
  // What the button says is what is signed.
  const offer: Offer = { value: sale?.mintCost ?? 0n, allowlistProof: listing.branch ?? [] };
  const old = useClaimAge(record, dispatch, sale);
  const blocked = sale === undefined || obstacleOf(sale, record.model.commitment, String) !== undefined;
  const plan = useQuery({
    queryKey: ['plan', record.bundle?.proof, record.salt, offer.allowlistProof, offer.value.toString()],
    enabled: old.ready && !blocked && listing.branch !== undefined,
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
      {sale?.allowlistRoot && <AllowlistField value={listText} onChange={setListText} listing={listing} />}
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

/** What was written for the collection's allowlist, and what it gives; without an allowlist the branch is empty. */
function useListing({ creator }: MintRecord, sale: Sale | undefined) {
  const [listText, setListText] = useState('');
  const root = sale?.allowlistRoot;
  const listing = useMemo<Listing>(
    () => (root === undefined || creator === null ? { branch: [], problem: undefined } : listingIn(listText, { account: creator, root })),
    [listText, creator, root],
  );
  return { listing, listText, setListText };
}

interface AllowlistFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly listing: Listing;
}

function AllowlistField({ value, onChange, listing: { problem } }: AllowlistFieldProps): ReactNode {
  const id = useId();
  return (
    <div className="grid gap-2">
      <label htmlFor={id} className="font-semibold">
        Allowlist
      </label>
      <p id={`${id}-hint`} className="max-w-[65ch]">
        Only accounts on the collection's allowlist may mint. Paste the list that its owner published, one address a line, or the proof that the owner
        gave you for your account. The list stays in this page.
      </p>
      <textarea
        {...{ id, value }}
        className="field hash"
        rows={4}
        spellCheck={false}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-hint ${id}-problem`}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <p id={`${id}-problem`} role="alert" className="text-danger empty:hidden">
        {problem}
      </p>
    </div>
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
