/** Everything that moves the painting: directions, blend, wander and pose. */
import { decodePose, encodePose, type Pose } from '@pentimento/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { Slider } from '../../ui/slider.tsx';
import type { Direction } from '../../worker/directions.ts';
import { placeOf } from './place.ts';
import { DIRECTIONS, type Painting } from './use-painting.ts';

export function Controls({ painting, width }: { readonly painting: Painting; readonly width: number }): ReactNode {
  const { edits, edit, settle, directions } = painting;
  if (edits === undefined) return null;
  return (
    <div className="grid gap-6">
      <fieldset className="grid gap-2">
        <legend className="mb-2 font-semibold">Rework</legend>
        {Array.from({ length: DIRECTIONS }, (_, i) => {
          const direction = directions?.[i];
          const amounts = (value: number) => Array.from({ length: DIRECTIONS }, (_, j) => (j === i ? value : (edits.amounts[j] ?? 0)));
          return (
            <Slider
              // biome-ignore lint/suspicious/noArrayIndexKey: a direction is its position
              key={i}
              label={direction === undefined ? `Direction ${i + 1}` : `${i + 1}. ${placeOf(direction.heat, width)}`}
              mark={<Heat direction={direction} width={width} />}
              value={edits.amounts[i] ?? 0}
              {...{ min: -100, max: 100, disabled: direction === undefined }}
              onChange={(value) => edit({ amounts: amounts(value) }, `direction ${i}`)}
              onSettle={settle}
            />
          );
        })}
        <p className="text-sm text-soft" role="status">
          {directions === undefined ? 'Looking for what can be reworked…' : 'Bright pixels show where a slider paints.'}
        </p>
        <Slider label="Wander" value={edits.wander} min={0} max={100} onChange={(wander) => edit({ wander }, 'wander')} onSettle={settle} />
        <Slider
          label="Blend with the chosen variation"
          {...{ value: edits.blend, min: 0, max: 100, disabled: edits.target === null }}
          onChange={(blend) => edit({ blend }, 'blend')}
          onSettle={settle}
        />
      </fieldset>
      <PoseControls painting={painting} />
    </div>
  );
}

function PoseControls({ painting }: { readonly painting: Painting }): ReactNode {
  const { edits, edit, settle } = painting;
  const pose = decodePose(edits?.pose ?? encodePose({ mirror: 0, dx: 0, dy: 0 }));
  const move = (part: Partial<Pose>, gesture = '') => edit({ pose: encodePose({ ...pose, ...part }) }, gesture);
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 font-semibold">Pose</legend>
      <label className="flex min-h-8 items-center gap-3 text-sm font-medium">
        <input
          type="checkbox"
          className="size-5 accent-(--accent)"
          checked={pose.mirror === 1}
          onChange={(event) => move({ mirror: event.currentTarget.checked ? 1 : 0 })}
        />
        Mirrored
      </label>
      <Slider label="Left to right" value={pose.dx} min={-4} max={4} onChange={(dx) => move({ dx }, 'dx')} onSettle={settle} />
      <Slider label="Up to down" value={pose.dy} min={-3} max={3} onChange={(dy) => move({ dy }, 'dy')} onSettle={settle} />
    </fieldset>
  );
}

/** Where a direction paints, as a small picture. */
function Heat({ direction, width }: { readonly direction: Direction | undefined; readonly width: number }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || direction === undefined) return;
    const image = new ImageData(width, direction.heat.length / width);
    direction.heat.forEach((heat, i) => {
      image.data.set([217, 130, 43, Math.round(255 * heat)], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }, [direction, width]);
  return (
    <span aria-hidden="true" className="row-span-2 size-11">
      <canvas ref={canvas} width={width} height={width} className="crisp size-full bg-[#131c19]" />
    </span>
  );
}
