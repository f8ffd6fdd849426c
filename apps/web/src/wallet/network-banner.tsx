/** Says that the wallet is on another chain, on every page, until it is not; nothing is switched without being asked. */
import type { ReactNode } from 'react';
import { useSwitchChain } from 'wagmi';
import { useConfig } from '../services/context.ts';
import { Button } from '../ui/button.tsx';
import { sentenceOf } from './sentences.ts';
import { useSession } from './session.tsx';

export function NetworkBanner(): ReactNode {
  const { account, rightNetwork, settling } = useSession();
  const { chain } = useConfig();
  if (account === undefined || rightNetwork || settling) return null;
  return (
    <div role="status" className="mx-auto mt-3 w-full max-w-[80rem] px-4 sm:px-8">
      <div className="flex flex-wrap items-center justify-between gap-3 border-l-4 border-trace bg-(--warn-ground) px-4 py-2 text-(--warn-ink)">
        <p>Your wallet is on another network. Minting happens on {chain.name}.</p>
        <SwitchNetwork />
      </div>
    </div>
  );
}

/** Asks the wallet to change to the chain, and to add it when it does not know it (wagmi does both). */
export function SwitchNetwork(): ReactNode {
  const { chain } = useConfig();
  const change = useSwitchChain();
  return (
    <div className="grid justify-items-start gap-1">
      <Button disabled={change.isPending} onClick={() => change.mutate({ chainId: chain.id })}>
        Switch to {chain.name}
      </Button>
      {change.error && <p role="alert">{sentenceOf(change.error)}</p>}
    </div>
  );
}
