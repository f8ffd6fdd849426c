/** A token's picture, drawn from its proven bytes; a skeleton until they are there, words when they cannot be shown. */
import { hexToBytes } from '@pentimento/core';
import { type ReactNode, useMemo } from 'react';
import { isWhole, type Picture, type PictureForm } from '../picture/pixels.ts';
import type { Token } from '../services/indexer.ts';
import { PictureView } from './picture-view.tsx';

interface TokenPictureProps {
  readonly token: Pick<Token, 'picture' | 'pose' | 'number'>;
  readonly form: PictureForm | undefined;
  readonly label: string;
}

export function TokenPicture({ token, form, label }: TokenPictureProps): ReactNode {
  const picture = useTokenPicture(token, form);
  if (picture !== undefined) return <PictureView picture={picture} label={label} />;
  if (form === undefined && token.picture !== null) return <div className="skeleton aspect-square" />;
  return (
    <p className="flex aspect-square items-center justify-center bg-surface p-4 text-center text-soft">
      {token.picture === null ? 'Only the hash of this picture is known here.' : 'What the indexer sent is no picture of this collection.'}
    </p>
  );
}

/** Undefined until it can be drawn, and when what the indexer sent is not of the form that the collection pins. */
export function useTokenPicture({ picture: hex, pose }: Pick<Token, 'picture' | 'pose'>, form: PictureForm | undefined): Picture | undefined {
  return useMemo(() => {
    if (form === undefined || hex === null) return undefined;
    const picture = { form, bytes: hexToBytes(hex), pose };
    return isWhole(picture) ? picture : undefined;
  }, [form, hex, pose]);
}
