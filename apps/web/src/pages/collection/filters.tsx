/** Order, filters and search; each is a part of the address, so that what is seen can be sent to someone. */
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Choices } from '../../ui/choices.tsx';
import { useSession } from '../../wallet/session.tsx';
import { type GallerySearch, parseGallerySearch } from './search.ts';

interface FiltersProps {
  readonly address: string;
  readonly search: GallerySearch;
}

export function Filters({ address, search }: FiltersProps): ReactNode {
  const navigate = useNavigate();
  const { account } = useSession();
  // A change begins at the first page again.
  const set = (part: Record<string, string>) =>
    void navigate({ to: '/collection/$address', params: { address }, search: parseGallerySearch({ ...search, cursor: '', ...part }) });
  const whose = search.owner !== undefined ? 'owned' : search.creator !== undefined ? 'created' : 'all';
  const someone = [search.owner, search.creator].find((filter) => filter !== undefined && filter !== 'me');
  return (
    <div className="flex flex-wrap items-end gap-x-6 gap-y-4">
      <SearchField text={search.search ?? ''} onSearch={(text) => set({ search: text })} />
      <Choices
        legend="Order"
        options={[
          { value: 'newest', label: 'Newest' },
          { value: 'oldest', label: 'Oldest' },
        ]}
        value={search.sort ?? 'newest'}
        onChange={(sort) => set({ sort })}
      />
      {(account !== undefined || whose !== 'all') && (
        <Choices
          legend={someone === undefined ? 'Whose' : `Whose (${someone.slice(0, 8)}…)`}
          options={[
            { value: 'all', label: 'All' },
            { value: 'created', label: someone === undefined ? 'Painted by me' : 'Painted' },
            { value: 'owned', label: someone === undefined ? 'Owned by me' : 'Owned' },
          ]}
          value={whose}
          onChange={(value) => set({ creator: value === 'created' ? (someone ?? 'me') : '', owner: value === 'owned' ? (someone ?? 'me') : '' })}
        />
      )}
    </div>
  );
}

function SearchField({ text, onSearch }: { readonly text: string; readonly onSearch: (text: string) => void }): ReactNode {
  const [value, setValue] = useState(text);
  useEffect(() => setValue(text), [text]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(value);
  };
  return (
    <search className="min-w-0 flex-1 basis-72">
      <form onSubmit={submit} className="flex items-end gap-2">
        <label className="grid min-w-0 flex-1 gap-1 text-sm font-medium">
          Number, token id or address
          <input type="search" className="field text-base font-normal" value={value} onChange={(event) => setValue(event.currentTarget.value)} />
        </label>
        <Button type="submit">Search</Button>
      </form>
    </search>
  );
}
