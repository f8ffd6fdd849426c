/** Usage and fees of the account's models. */
import type { Hex } from '@pentimento/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useConfig } from '../../services/context.ts';
import { type RegisteredModel, readChain } from '../../services/indexer.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { ether, shortened } from '../../ui/format.ts';
import { useOwnerCall, withdrawFeesCall } from './use-owner-call.ts';

interface ModelPanelProps {
  readonly account: Hex;
  readonly models: readonly RegisteredModel[];
  /** Wei that the registry owes to the account. */
  readonly owed: string | undefined;
  readonly onChange: () => void;
}

export function ModelPanel({ account, models, owed, onChange }: ModelPanelProps): ReactNode {
  const { proofServer } = useConfig();
  const chain = useQuery({ queryKey: ['chain'], queryFn: ({ signal }) => readChain(proofServer, signal) });
  const call = useOwnerCall(account, onChange);
  const registry = chain.data?.registry;
  const nothing = owed === undefined || owed === '0';
  return (
    <section aria-labelledby="models" className="grid gap-4">
      <h2 id="models">Your models</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by the keyboard (WCAG 2.1.1) */}
      <section className="overflow-x-auto" aria-label="Table of your models" tabIndex={0}>
        <table className="w-full min-w-[36rem] text-left">
          <thead className="text-sm text-soft">
            <tr>
              <th className="py-2 pr-4 font-normal">Model</th>
              <th className="py-2 pr-4 font-normal">Commitment</th>
              <th className="py-2 pr-4 font-normal">Uses</th>
              <th className="py-2 pr-4 font-normal">Licence fee</th>
              <th className="py-2 font-normal">Fees so far</th>
            </tr>
          </thead>
          <tbody>
            {models.map((model) => (
              <tr key={model.modelId} className="border-t border-line">
                <td className="py-2 pr-4 font-semibold">{model.name ?? 'not named here'}</td>
                <td className="hash py-2 pr-4">{shortened(model.commitment)}</td>
                <td className="py-2 pr-4">{model.uses}</td>
                <td className="py-2 pr-4">{ether(model.licenceFee)}</td>
                <td className="py-2">{model.feesPaid === '0' ? 'none' : ether(model.feesPaid)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div className="flex flex-wrap items-center gap-4">
        <Button
          disabled={nothing || registry === undefined || call.isPending}
          onClick={() => registry && call.mutate(withdrawFeesCall(registry, account))}
        >
          {call.isPending ? 'Confirm in your wallet…' : 'Withdraw fees'}
        </Button>
        <p role="status">{nothing ? 'No fees wait for you.' : `${ether(owed)} waits for you.`}</p>
      </div>
      {call.error && <Failure error={call.error} title="Not withdrawn" />}
    </section>
  );
}
