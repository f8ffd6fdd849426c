/** A wall of variations of the painting; the chosen one is blended in. */
import { bytesToHex, hexToBytes } from '@pentimento/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useConfig } from '../../services/context.ts';
import { formOf, type ModelInfo, requestVariations, type Variation } from '../../services/model-server.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PictureView } from '../../ui/picture-view.tsx';
import { Slider } from '../../ui/slider.tsx';
import type { Painting } from './use-painting.ts';

const COUNT = 8;

interface VariationsProps {
  readonly model: ModelInfo;
  readonly painting: Painting;
}

export function Variations({ model, painting }: VariationsProps): ReactNode {
  const { modelServer } = useConfig();
  const { base, edits } = painting;
  const [strength, setStrength] = useState(40);
  const [settledStrength, setSettledStrength] = useState(strength);
  const [round, setRound] = useState(1);
  const variations = useQuery({
    queryKey: ['variations', model.name, base && bytesToHex(base), edits?.seed, round, settledStrength],
    enabled: base !== undefined && edits !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () =>
      requestVariations(modelServer, {
        model,
        latent: base as Uint8Array,
        pose: edits?.pose ?? 0,
        count: COUNT,
        strength: settledStrength / 100,
        seed: (edits?.seed ?? 1) * 1000 + round,
      }),
  });
  const choose = ({ latent, pose }: Variation) => painting.edit({ target: hexToBytes(latent), blend: 100, pose });
  return (
    <section aria-labelledby="variations" className="grid gap-4">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <h2 id="variations">Variations</h2>
        <div className="flex flex-wrap items-end gap-4">
          <div className="w-36">
            <Slider
              label="Distance"
              value={strength}
              min={5}
              max={100}
              step={5}
              onChange={setStrength}
              onSettle={() => setSettledStrength(strength)}
            />
          </div>
          <Button onClick={() => setRound(round + 1)}>Eight others</Button>
        </div>
      </div>
      {variations.error ? (
        <Failure error={variations.error} title="No variations" onRetry={() => void variations.refetch()} />
      ) : (
        <Wall model={model} variations={variations.data} chosen={edits?.target ?? null} onChoose={choose} />
      )}
    </section>
  );
}

interface WallProps {
  readonly model: ModelInfo;
  readonly variations: readonly Variation[] | undefined;
  readonly chosen: Uint8Array | null;
  readonly onChoose: (variation: Variation) => void;
}

function Wall({ model, variations, chosen, onChoose }: WallProps): ReactNode {
  const chosenHex = chosen === null ? '' : bytesToHex(chosen);
  return (
    <ul className="grid grid-cols-4 gap-2 sm:grid-cols-8">
      {Array.from({ length: COUNT }, (_, i) => {
        const variation = variations?.[i];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a place on the wall
          <li key={i}>
            {variation === undefined ? (
              <div className="skeleton aspect-square" />
            ) : (
              <button
                type="button"
                aria-label={`Variation ${i + 1}`}
                aria-pressed={variation.latent === chosenHex}
                onClick={() => onChoose(variation)}
                className="block w-full outline-offset-2 aria-pressed:outline-4 aria-pressed:outline-trace hover:outline-2 hover:outline-ink focus-visible:outline-accent"
              >
                <PictureView picture={{ form: formOf(model), bytes: hexToBytes(variation.picture), pose: variation.pose }} label="" />
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
