/** The picture as PNG and SVG. */
import { type ReactNode, useState } from 'react';
import type { Picture } from '../../picture/pixels.ts';
import { pngOf } from '../../picture/png.ts';
import { svgOf } from '../../picture/svg.ts';
import type { Collection, Token } from '../../services/indexer.ts';
import { Button } from '../../ui/button.tsx';
import { saveFile } from '../../ui/save-file.ts';

interface DownloadsProps {
  readonly token: Token;
  /** Undefined while it cannot be drawn. */
  readonly picture: Picture | undefined;
  readonly collection: Collection;
}

export function Downloads({ token, picture, collection }: DownloadsProps): ReactNode {
  const [failed, setFailed] = useState(false);
  if (picture === undefined) return null;
  const name = `${collection.symbol}-${token.number}`.replace(/[^\w-]+/g, '-');
  const png = () =>
    pngOf(picture).then(
      (blob) => saveFile(blob, `${name}.png`),
      () => setFailed(true),
    );
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => void png()}>Download PNG</Button>
      <Button onClick={() => saveFile(new Blob([svgOf(picture)], { type: 'image/svg+xml' }), `${name}.svg`)}>Download SVG</Button>
      {failed && <p role="alert">This browser could not make the PNG. The SVG has the same pixels.</p>}
    </div>
  );
}
