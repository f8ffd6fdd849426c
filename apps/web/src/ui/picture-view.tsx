/** A picture on a canvas with hard pixel edges. */
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { Picture } from '../picture/pixels.ts';
import { paint } from '../picture/png.ts';

interface PictureViewProps {
  readonly picture: Picture;
  /** Describes the picture; empty when the text beside it does. */
  readonly label: string;
  readonly className?: string;
}

export function PictureView({ picture, label, className = '' }: PictureViewProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current !== null) paint(canvas.current, picture);
  }, [picture]);
  const naming = label === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return <canvas ref={canvas} {...naming} className={`crisp block aspect-square w-full ${className}`} />;
}
