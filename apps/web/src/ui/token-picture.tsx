/** A token's picture, drawn from its proven bytes; a skeleton until they are there, words when only their hash can be had. */
import { hexToBytes } from '@pentimento/core';
import { type ReactNode, useMemo } from 'react';
import type { PictureForm } from '../picture/pixels.ts';
import type { Token } from '../services/indexer.ts';
import { PictureView } from './picture-view.tsx';

interface TokenPictureProps {
  readonly token: Pick<Token, 'picture' | 'pose' | 'number'>;
  readonly form: PictureForm | undefined;
  readonly label: string;
}

export function TokenPicture({ token, form, label }: TokenPictureProps): ReactNode {
  const { picture: hex, pose } = token;
  const picture = useMemo(() => (form === undefined || hex === null ? undefined : { form, bytes: hexToBytes(hex), pose }), [form, hex, pose]);
  if (hex === null)
    return (
      <p className="flex aspect-square items-center justify-center bg-surface p-4 text-center text-soft">
        Only the hash of this picture is known here.
      </p>
    );
  return picture === undefined ? <div className="skeleton aspect-square" /> : <PictureView picture={picture} label={label} />;
}
