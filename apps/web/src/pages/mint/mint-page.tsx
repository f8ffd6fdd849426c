/** The mint page: takes up the painting of the address, or of the style page, or lists what was begun. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { tokenIdOf } from '../../picture/token-id.ts';
import { useConfig } from '../../services/context.ts';
import { readDraft } from '../../services/draft.ts';
import { Button, linkButton } from '../../ui/button.tsx';
import { shortened } from '../../ui/format.ts';
import { useTitle } from '../../ui/title.ts';
import { dropRecord, keyOf, listRecords, loadRecord, type MintRecord, recordOf, saveRecord } from './record.ts';
import { Stepper } from './stepper.tsx';

export function MintPage(): ReactNode {
  useTitle('Mint');
  const { chain } = useConfig();
  const { collection, token } = useSearch({ from: '/mint' });
  const navigate = useNavigate();
  const key = collection !== undefined && token !== undefined ? keyOf(chain.id, collection, token) : undefined;
  useEffect(() => {
    if (key !== undefined) return;
    const draft = readDraft(localStorage);
    // Coming from the style page: the address names the collection. Without it, the list of what was begun is shown.
    if (draft === undefined || collection === undefined || draft.collection !== collection) return;
    const record = recordOf({ ...draft, collection }, chain.id);
    const tokenId = tokenIdOf(record);
    if (loadRecord(localStorage, keyOf(chain.id, collection, tokenId)) === undefined) saveRecord(localStorage, record);
    void navigate({ to: '/mint', search: { collection, token: tokenId }, replace: true });
  }, [key, collection, chain.id, navigate]);
  if (key !== undefined && loadRecord(localStorage, key) !== undefined) return <Stepper key={key} recordKey={key} />;
  return <Begun />;
}

/** Mints of this browser, and where paintings come from. */
function Begun(): ReactNode {
  const { chain } = useConfig();
  const [records, setRecords] = useState(() => listRecords(localStorage, chain.id));
  const drop = (record: MintRecord) => {
    dropRecord(localStorage, record);
    setRecords(listRecords(localStorage, chain.id));
  };
  return (
    <div className="grid max-w-3xl gap-6">
      <h1>{records.length === 0 ? 'No painting to mint yet' : 'Your mints'}</h1>
      <p>{records.length === 0 ? 'Paint one first; it takes a minute.' : 'Each goes on where you left it. They are kept in this browser only.'}</p>
      <ul className="grid gap-3 empty:hidden">
        {records.map((record) => (
          <BegunMint key={tokenIdOf(record) + record.collection} record={record} onDrop={() => drop(record)} />
        ))}
      </ul>
      <p>
        <Link to="/" className={linkButton(records.length === 0 ? 'primary' : 'plain')}>
          Paint a photo
        </Link>
      </p>
    </div>
  );
}

function BegunMint({ record, onDrop }: { readonly record: MintRecord; readonly onDrop: () => void }): ReactNode {
  const token = tokenIdOf(record);
  const action = record.receipt === null ? 'Go on' : 'Receipt';
  const state =
    record.receipt !== null ? 'Minted' : record.bundle !== null ? 'Proven, not minted' : record.claim !== null ? 'Claimed' : 'Not claimed yet';
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-3">
      <span>
        <span className="font-semibold">{record.model.name}</span> <span className="hash">{shortened(token)}</span>
        <span className="block text-sm text-soft">{state}</span>
      </span>
      <span className="flex gap-2">
        <Link
          to="/mint"
          search={{ collection: record.collection, token }}
          className={linkButton('plain')}
          aria-label={`${action}: mint ${shortened(token)}`}
        >
          {action}
        </Link>
        <Button weight="quiet" onClick={onDrop} aria-label={`Forget: mint ${shortened(token)}`}>
          Forget
        </Button>
      </span>
    </li>
  );
}
