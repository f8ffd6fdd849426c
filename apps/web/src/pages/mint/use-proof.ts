/** Follows a proof: its state by server-sent events, and the bundle when it is made. */
import { BaseError, type Bundle } from '@pentimento/core';
import { useEffect, useState } from 'react';
import { useConfig } from '../../services/context.ts';
import { subscribe } from '../../services/events.ts';
import { decodeProof, fetchBundle, type Proof, proofEventsUrl, readProof } from '../../services/proof-server.ts';
import { sentenceOf } from '../../wallet/sentences.ts';
import type { Dispatch } from './use-mint.ts';

export interface Followed {
  readonly proof: Proof | undefined;
  /** The server cannot be heard; what it does goes on there. */
  readonly silent: boolean;
}

const POLL_MS = 4000;

export function useProof(id: string | null, dispatch: Dispatch): Followed {
  const { proofServer } = useConfig();
  const [proof, setProof] = useState<Proof | undefined>();
  const [silent, setSilent] = useState(false);
  useEffect(() => {
    if (id === null) return;
    let ended = false;
    const take = async (next: Proof) => {
      if (ended || next.id !== id) return;
      setProof(next);
      const event = await outcomeOf(next, () => fetchBundle(proofServer, id));
      if (ended || event === undefined) return;
      ended = true;
      dispatch(event);
    };
    // The read answers also when events are lost, and tells a proof that the server does not know from a server that is down.
    const read = () =>
      readProof(proofServer, id).then(
        (next) => {
          setSilent(false);
          return take(next).catch(() => setSilent(true));
        },
        (error: unknown) => {
          if (ended) return;
          if (error instanceof BaseError && error.details.status === 404) {
            ended = true;
            dispatch({ type: 'proof-stopped', sentence: 'The proof server does not know this proof any more. Start it again; your claim is kept.' });
          } else setSilent(true);
        },
      );
    void read();
    const timer = setInterval(() => void read(), POLL_MS);
    const close = subscribe({
      url: proofEventsUrl(proofServer, id),
      events: { proof: decodeProof },
      onEvent: (_name, next) => {
        setSilent(false);
        take(next).catch(() => setSilent(true));
      },
    });
    return () => {
      ended = true;
      clearInterval(timer);
      close();
    };
  }, [id, proofServer, dispatch]);
  return { proof: proof?.id === id ? proof : undefined, silent };
}

/** What an ended proof means for the mint; undefined while it goes on. */
async function outcomeOf(proof: Proof, bundle: () => ReturnType<typeof fetchBundle>) {
  if (proof.status === 'succeeded') return bundle().then(proven, notReadable);
  if (proof.status === 'cancelled') return { type: 'proof-stopped', sentence: 'The proof was cancelled. Your claim is kept.' } as const;
  if (proof.status !== 'failed') return undefined;
  const { error } = proof;
  return { type: 'proof-stopped', sentence: error === null ? 'The proof failed.' : sentenceOf(new BaseError(error)) } as const;
}

const proven = (bundle: Bundle) => ({ type: 'proven', bundle }) as const;

/** What is no bundle will not become one by waiting. */
function notReadable(error: unknown) {
  if (!(error instanceof BaseError && error.code.startsWith('bundle/'))) throw error;
  return { type: 'proof-stopped', sentence: `The proof server sent no whole proof. ${error.message}` } as const;
}
