/** The square of the photo: drag it, or move it with the arrow keys; the slider enlarges. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef } from 'react';
import { Slider } from '../../ui/slider.tsx';
import { type Crop, dragged, MAX_ZOOM, zoomed } from './crop.ts';
import { drawSquare, type Photo } from './photo.ts';

interface CropViewProps {
  readonly photo: Photo;
  readonly crop: Crop;
  readonly onChange: (crop: Crop) => void;
  /** The gesture ended: the square is to be painted. */
  readonly onSettle: (crop: Crop) => void;
}

const KEY_STEP = 0.05;
const KEYS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function CropView({ photo, crop, onChange, onSettle }: CropViewProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) drawSquare(canvas.current, photo, crop);
  }, [photo, crop]);
  const move = (dx: number, dy: number) => dragged(crop, dx, dy, photo.width, photo.height);
  const drag = (event: PointerEvent<HTMLButtonElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const size = event.currentTarget.clientWidth;
    onChange(move(event.movementX / size, event.movementY / size));
  };
  const press = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = move(step[0] * KEY_STEP, step[1] * KEY_STEP);
    onChange(next);
    onSettle(next);
  };
  return (
    <div className="grid grid-cols-[6rem_1fr] items-center gap-4">
      <button
        type="button"
        aria-label="Square of the photo; drag it or use the arrow keys"
        className="touch-none cursor-move border border-edge"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onPointerUp={() => onSettle(crop)}
        onKeyDown={press}
      >
        <canvas ref={canvas} width="192" height="192" className="block w-full" />
      </button>
      <Slider
        label="Zoom"
        value={Math.round(crop.zoom * 100)}
        min={100}
        max={MAX_ZOOM * 100}
        step={5}
        valueText={`${Math.round(crop.zoom * 100)} %`}
        onChange={(value) => onChange(zoomed(crop, value / 100))}
        onSettle={() => onSettle(crop)}
      />
    </div>
  );
}
