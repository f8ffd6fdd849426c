/** What the picture shows without knowing more: its pose and its colours. */
import { decodePose } from '@pentimento/core';
import { type ReactNode, useMemo } from 'react';
import { coloursOf, type Picture, type PictureForm } from '../../picture/pixels.ts';

interface TraitsProps {
  /** 0..125. */
  readonly pose: number;
  readonly form: PictureForm | undefined;
  /** Undefined while it cannot be drawn. */
  readonly picture: Picture | undefined;
}

export function Traits({ pose, form, picture }: TraitsProps): ReactNode {
  const colours = useMemo(() => (picture === undefined ? [] : coloursOf(picture)), [picture]);
  return (
    <section aria-labelledby="traits" className="grid gap-3">
      <h2 id="traits">Traits</h2>
      <p>{poseInWords(pose)}</p>
      {form !== undefined && (
        <p>
          {form.width} by {form.height} pixels{form.kind === 'rgb' ? ', full colour' : picture === undefined ? '' : `, ${colours.length} colours`}
        </p>
      )}
      <ul className="flex h-8 empty:hidden" aria-label="Colours by area">
        {colours.map(({ colour, pixels }) => (
          <li key={colour} style={{ background: colour, flexGrow: pixels }} className="min-w-1.5">
            <span className="sr-only">{`${colour}, ${pixels} pixels`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `Mirrored, moved 2 to the right and 1 up`. */
export function poseInWords(pose: number): string {
  const { mirror, dx, dy } = decodePose(pose);
  const moves = [dx === 0 ? '' : `${Math.abs(dx)} to the ${dx > 0 ? 'right' : 'left'}`, dy === 0 ? '' : `${Math.abs(dy)} ${dy > 0 ? 'down' : 'up'}`];
  const moved = moves.filter(Boolean).join(' and ');
  const parts = [mirror === 1 ? 'mirrored' : '', moved === '' ? '' : `moved ${moved}`].filter(Boolean);
  const text = parts.length === 0 ? 'as painted' : parts.join(', ');
  return `Pose: ${text}.`;
}
