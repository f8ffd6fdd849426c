/** Prove: the proof server makes the proof; this page only watches, and can be closed. */
import type { Hex } from '@pentimento/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useConfig } from '../../services/context.ts';
import { cancelProof, estimateProof, type Proof, type ProofRequest, submitProof } from '../../services/proof-server.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { duration, elapsed } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import type { MintRecord } from './record.ts';
import type { Dispatch } from './use-mint.ts';
import { useProof } from './use-proof.ts';

interface ProveStepProps {
  readonly record: MintRecord;
  readonly dispatch: Dispatch;
}

function requestOf(record: MintRecord): ProofRequest {
  const { model, latent, pose, chainId, collection, creator } = record;
  return { model: model.commitment, latent, pose, chainId: String(chainId), collection, creator: creator as Hex };
}

export function ProveStep({ record, dispatch }: ProveStepProps): ReactNode {
  const { proofServer } = useConfig();
  const { proof, silent } = useProof(record.proofId, dispatch);
  const submit = useMutation({
    mutationFn: () => submitProof(proofServer, requestOf(record)),
    onSuccess: ({ id }) => dispatch({ type: 'proof-submitted', id }),
  });
  const estimate = useQuery({
    queryKey: ['estimate', record.model.commitment],
    queryFn: () => estimateProof(proofServer, requestOf(record)),
    retry: false,
  });
  const { mutate } = submit;
  const started = useRef(false);
  // The claim is made, so the proof begins by itself; one that was cancelled or failed waits for a wish.
  useEffect(() => {
    if (record.proofId !== null || record.stopped !== null || started.current) return;
    started.current = true;
    mutate();
  }, [record.proofId, record.stopped, mutate]);
  return (
    <>
      <p>
        The proof server computes a proof that {record.model.name} paints exactly this picture. You can leave this page: it goes on there, and this
        page takes it up again.{' '}
        {estimate.data &&
          `It takes ${duration(estimate.data.proveMs)}${estimate.data.queueMs > 1000 ? `, after ${duration(estimate.data.queueMs)} of waiting` : ''}.`}
      </p>
      {proof && <Progress proof={proof} />}
      {!proof && record.proofId !== null && <p role="status">Asking for the state of the proof…</p>}
      {submit.isPending && <p role="status">Handing the painting over…</p>}
      {silent && (
        <Notice tone="warning" title="Proof server not heard">
          It cannot be reached just now. An accepted proof is not lost; this page asks again every few seconds.
        </Notice>
      )}
      {submit.error && record.proofId === null && <Failure error={submit.error} title="Proof not started" onRetry={() => mutate()} />}
      {record.stopped !== null && (
        <Notice tone="failure" title="No proof yet" actions={<Button onClick={() => mutate()}>Start the proof again</Button>}>
          {record.stopped}
        </Notice>
      )}
      {record.proofId !== null && <Cancel id={record.proofId} />}
    </>
  );
}

function Cancel({ id }: { readonly id: string }): ReactNode {
  const { proofServer } = useConfig();
  const cancel = useMutation({ mutationFn: () => cancelProof(proofServer, id) });
  return (
    <div className="grid gap-3">
      <div>
        <Button disabled={cancel.isPending || cancel.isSuccess} onClick={() => cancel.mutate()}>
          {cancel.isPending || cancel.isSuccess ? 'Cancelling…' : 'Cancel the proof'}
        </Button>
      </div>
      {cancel.error && <Failure error={cancel.error} title="Not cancelled" onRetry={() => cancel.mutate()} />}
    </div>
  );
}

/** The prover's phases in words. */
const PHASES: Readonly<Record<string, string>> = {
  waiting: 'Waiting for memory',
  keys: 'Loading the keys',
  decoder: 'Painting once more',
  witness: 'Writing down each step of the painting',
  definitions: 'Adding the checks',
  commit: 'Committing to it',
  permutation: 'Tying the values together',
  quotient: 'Proving the arithmetic',
  opening: 'Opening the commitments',
  check: 'Checking the statement',
  verify: 'Verifying the proof',
};

function Progress({ proof }: { readonly proof: Proof }): ReactNode {
  const percent = Math.round(100 * proof.progress);
  const place = proof.position === 0 ? 'Next in the queue' : `${proof.position} before you in the queue`;
  const text = proof.status === 'queued' ? place : (PHASES[proof.phase ?? ''] ?? proof.phase ?? 'Working');
  return (
    <div className="grid gap-2">
      <div
        role="progressbar"
        aria-label="Progress of the proof"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        className="grid h-4 grid-cols-[repeat(25,1fr)] gap-0.5"
      >
        {Array.from({ length: 25 }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a block of the bar
          <span key={i} className={percent >= 4 * (i + 1) ? 'bg-accent' : 'bg-line'} />
        ))}
      </div>
      <p className="flex flex-wrap justify-between gap-x-6">
        <span role="status">{text}</span>
        <Elapsed proof={proof} />
      </p>
    </div>
  );
}

function Elapsed({ proof }: { readonly proof: Proof }): ReactNode {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="text-soft">
      {proof.startedAt !== null && elapsed(now - Date.parse(proof.startedAt))}
      {proof.etaMs !== null && ` so far, ${duration(proof.etaMs)} to go`}
    </span>
  );
}
