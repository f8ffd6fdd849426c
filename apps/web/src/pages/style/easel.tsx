/** The picture, large, and the photo that lies beneath it. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Picture } from '../../picture/pixels.ts';
import { PictureView } from '../../ui/picture-view.tsx';
import { Slider } from '../../ui/slider.tsx';
import type { Crop } from './crop.ts';
import { drawSquare, type Photo } from './photo.ts';

interface EaselProps {
  readonly picture: Picture | undefined;
  readonly photo: Photo;
  readonly crop: Crop;
  readonly busy: boolean;
}

export function Easel({ picture, photo, crop, busy }: EaselProps): ReactNode {
  const [reveal, setReveal] = useState(0);
  return (
    <div>
      <div className="relative" aria-busy={busy}>
        {picture ? <PictureView picture={picture} label="Your painting" /> : <div className="skeleton aspect-square w-full" />}
        <PhotoBeneath photo={photo} crop={crop} share={picture ? reveal : 0} />
        <p role="status" className="absolute bottom-0 left-0 bg-ground px-3 py-1 font-medium empty:hidden">
          {busy ? 'Searching for your photo in this style…' : ''}
        </p>
      </div>
      <div className="mt-1 md:mt-3">
        <Slider label="Photo beneath" value={reveal} min={0} max={100} valueText={`${reveal} %`} onChange={setReveal} />
      </div>
    </div>
  );
}

/** Uncovers the photo from the left; its edge is the ochre trace. */
function PhotoBeneath({ photo, crop, share }: { readonly photo: Photo; readonly crop: Crop; readonly share: number }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) drawSquare(canvas.current, photo, crop);
  }, [photo, crop]);
  return (
    <div
      aria-hidden="true"
      className={`absolute inset-y-0 left-0 overflow-hidden ${share > 0 ? 'border-r-4 border-trace' : ''}`}
      style={{ width: `${share}%` }}
    >
      <canvas ref={canvas} width="512" height="512" className="block h-full max-w-none" style={{ width: share > 0 ? `${10000 / share}%` : '100%' }} />
    </div>
  );
}
