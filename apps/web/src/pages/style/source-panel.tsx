/** Photo, collection, dial and seed. */
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Choices } from '../../ui/choices.tsx';
import { Failure } from '../../ui/failure.tsx';
import { CropView } from './crop-view.tsx';
import { PhotoPicker } from './photo-picker.tsx';
import type { Source } from './use-source.ts';

const DIAL_LABELS: Readonly<Record<string, string>> = { 'on-brand': 'On-brand', faithful: 'Faithful' };
const MAX_SEED = 0xffff_ffff;

export function SourcePanel({ source }: { readonly source: Source }): ReactNode {
  const { photo, crop, choice } = source;
  return (
    <div className="grid gap-5">
      {photo && <CropView photo={photo} crop={crop} onChange={source.setCrop} onSettle={source.settleCrop} />}
      {photo && <PhotoPicker onPhoto={source.open} large={false} />}
      <CollectionChoice source={source} />
      {choice && choice.model.dials.length > 0 && (
        <Choices
          legend="Stay close to"
          options={choice.model.dials.map((value) => ({ value, label: DIAL_LABELS[value] ?? value }))}
          value={source.dial ?? ''}
          onChange={source.setDial}
        />
      )}
      <SeedField seed={source.seed} onChange={source.setSeed} />
    </div>
  );
}

function CollectionChoice({ source }: { readonly source: Source }): ReactNode {
  const { choices, choice } = source;
  const { models, collections } = choices;
  return (
    <div className="grid gap-2">
      <label className="grid gap-1 text-sm font-medium">
        Collection
        <select className="field text-base font-normal" value={choice?.id ?? ''} onChange={(event) => source.setChoiceId(event.currentTarget.value)}>
          {choice === undefined && <option value="">{models.isLoading ? 'Loading…' : 'None'}</option>}
          {choices.list.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {models.error && <Failure error={models.error} title="No models" onRetry={() => void models.refetch()} />}
      {collections.error && (
        <p role="status" className="text-sm text-soft">
          The list of collections cannot be read now. You can paint; minting has to wait.
        </p>
      )}
    </div>
  );
}

function SeedField({ seed, onChange }: { readonly seed: number; readonly onChange: (seed: number) => void }): ReactNode {
  return (
    <div className="flex items-end gap-2">
      <label className="grid flex-1 gap-1 text-sm font-medium">
        Seed
        <input
          type="number"
          inputMode="numeric"
          className="field text-base font-normal"
          {...{ min: 0, max: MAX_SEED, step: 1, value: seed }}
          onChange={(event) => {
            const value = event.currentTarget.valueAsNumber;
            if (Number.isInteger(value) && value >= 0 && value <= MAX_SEED) onChange(value);
          }}
        />
      </label>
      <Button onClick={() => onChange(crypto.getRandomValues(new Uint32Array(1))[0] ?? 1)}>New seed</Button>
    </div>
  );
}
