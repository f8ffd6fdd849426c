/** One of the owner's collections: how its sale stands, pause, withdraw, and the settings of the sale. */
import type { Hex } from '@pentimento/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Collection } from '../../services/indexer.ts';
import { Button } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Failure } from '../../ui/failure.tsx';
import { dateTime, ether } from '../../ui/format.ts';
import { useSession } from '../../wallet/session.tsx';
import { SaleForm } from './sale-form.tsx';
import { pauseCall, saleCall, useOwnerCall, withdrawCall } from './use-owner-call.ts';

interface CollectionPanelProps {
  readonly collection: Collection;
  readonly onChange: () => void;
}

export function CollectionPanel({ collection, onChange }: CollectionPanelProps): ReactNode {
  const { account, rightNetwork } = useSession();
  const call = useOwnerCall(account, onChange);
  const { name, proceeds, paused } = collection;
  const address = collection.address as Hex;
  const disabled = call.isPending || !rightNetwork;
  const heading = `collection-${address}`;
  return (
    <section aria-labelledby={heading} className="grid gap-5 border-t-4 border-ink pt-5">
      <h2 id={heading}>
        <Link to="/collection/$address" params={{ address }} className="no-underline hover:underline">
          {name}
        </Link>
      </h2>
      <div className="grid gap-8 lg:grid-cols-2">
        <div className="grid content-start gap-4">
          <State collection={collection} />
          <div className="flex flex-wrap gap-2">
            <Button disabled={disabled} onClick={() => call.mutate(pauseCall(address, !paused))}>
              {paused ? 'Resume minting' : 'Pause minting'}
            </Button>
            <Button disabled={disabled || proceeds === '0'} onClick={() => call.mutate(withdrawCall(address))}>
              Withdraw {proceeds === '0' ? 'proceeds' : ether(proceeds)}
            </Button>
          </div>
          <p role="status">{call.isPending ? 'Confirm in your wallet…' : call.isSuccess ? 'Done. The chain has it.' : ''}</p>
          {call.error && <Failure error={call.error} title="Not done" />}
        </div>
        <SaleForm collection={collection} disabled={disabled} onSave={(settings) => call.mutate(saleCall(address, settings))} />
      </div>
    </section>
  );
}

function State({ collection }: { readonly collection: Collection }): ReactNode {
  const { minted, maxSupply, price, licenceFee, start, end, walletLimit, paused, royaltyBps, allowlist } = collection;
  return (
    <Facts
      facts={[
        ['Minted', `${minted} of ${maxSupply}`],
        ['Minting', paused ? 'paused' : 'not paused'],
        ['Price', ether(price)],
        ['Licence fee', licenceFee === '0' ? 'none' : `${ether(licenceFee)} for each mint, to the model’s owner`],
        ['Opens', start > 0 ? dateTime(start * 1000) : 'at once'],
        ['Ends', end > 0 ? dateTime(end * 1000) : 'never'],
        ['For each wallet', walletLimit > 0 ? `${walletLimit} at most` : 'no limit'],
        ['Royalty', royaltyBps === null ? 'not known now' : `${royaltyBps / 100} %`],
        ['Allowlist', allowlist ? 'yes' : 'no'],
      ]}
    />
  );
}
