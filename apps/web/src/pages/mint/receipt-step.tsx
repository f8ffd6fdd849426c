/** The receipt, and the way to the token. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { tokenIdOf } from '../../picture/token-id.ts';
import { linkButton } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Facts } from '../../ui/facts.tsx';
import { ether, shortened } from '../../ui/format.ts';
import type { MintRecord } from './record.ts';

export function ReceiptStep({ record }: { readonly record: MintRecord }): ReactNode {
  const { receipt, collection, creator, checked, claim } = record;
  if (receipt === null) return null;
  const tokenId = tokenIdOf(record);
  const to = { address: collection, tokenId };
  return (
    <>
      <p role="status">Your painting is minted, and the proof was checked on chain.</p>
      <Facts
        facts={[
          [
            'Token',
            <span key="token" className="hash">
              {shortened(tokenId)}
            </span>,
          ],
          ['Paid', ether(receipt.paid)],
          ['Gas', `${BigInt(receipt.gas).toLocaleString()}${claim?.gas ? `, and ${BigInt(claim.gas).toLocaleString()} for the claim` : ''}`],
          [
            'Creator',
            <span key="creator" className="hash">
              {shortened(creator ?? '')}
            </span>,
          ],
          ['Verified here', checked ? `in ${Math.round(checked.verifyMs)} ms, before you signed` : 'no'],
          [
            'Transaction',
            <span key="transaction" className="flex flex-wrap items-center justify-between gap-2">
              <span className="hash">{shortened(receipt.transaction)}</span>
              <CopyButton what="transaction" text={receipt.transaction} />
            </span>,
          ],
        ]}
      />
      <div className="flex flex-wrap gap-2">
        <Link to="/collection/$address/$tokenId" params={to} className={linkButton('primary')}>
          See it in the collection
        </Link>
        <Link to="/" className={linkButton('plain')}>
          Paint another
        </Link>
        <CopyButton what="link" text={`${location.origin}/collection/${collection}/${tokenId}`} />
      </div>
    </>
  );
}
