/** Price, window and limit of a sale. */
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { Collection } from '../../services/indexer.ts';
import { Button } from '../../ui/button.tsx';
import { fieldsOf, type SaleFields, settingsOf } from './sale-input.ts';
import type { SaleSettings } from './use-owner-call.ts';

interface SaleFormProps {
  readonly collection: Collection;
  readonly disabled: boolean;
  readonly onSave: (settings: SaleSettings) => void;
}

const FIELDS = [
  { name: 'price', label: 'Price in ETH', type: 'text' },
  { name: 'walletLimit', label: 'Mints for each wallet (0: no limit)', type: 'text' },
  { name: 'start', label: 'Opens (empty: at once)', type: 'datetime-local' },
  { name: 'end', label: 'Ends (empty: never)', type: 'datetime-local' },
] as const;

export function SaleForm({ collection, disabled, onSave }: SaleFormProps): ReactNode {
  const [fields, setFields] = useState(() => fieldsOf(collection));
  const [problems, setProblems] = useState<Partial<Record<keyof SaleFields, string>>>({});
  const save = (event: FormEvent) => {
    event.preventDefault();
    const result = settingsOf(fields);
    setProblems('problems' in result ? result.problems : {});
    if ('settings' in result) onSave(result.settings);
  };
  return (
    <form onSubmit={save} noValidate className="grid content-start gap-4">
      <h3>Sale</h3>
      <div className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map(({ name, label, type }) => (
          <Field
            key={name}
            {...{ label, type, value: fields[name], problem: problems[name] }}
            onChange={(value) => setFields({ ...fields, [name]: value })}
          />
        ))}
      </div>
      <div>
        <Button type="submit" disabled={disabled}>
          Change the sale
        </Button>
      </div>
    </form>
  );
}

interface FieldProps {
  readonly label: string;
  readonly type: string;
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (value: string) => void;
}

function Field({ label, type, value, problem, onChange }: FieldProps): ReactNode {
  const id = useId();
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        {...{ id, type, value }}
        className="field"
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
    </div>
  );
}
