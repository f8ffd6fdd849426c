/** Ways to bring a photo: drop, paste, pick, camera, samples. */
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Camera } from './camera.tsx';
import { openPhoto, openSample, type Photo } from './photo.ts';
import { SAMPLES } from './samples.ts';

interface PhotoPickerProps {
  readonly onPhoto: (photo: Photo) => void;
  /** Fills the easel while there is no photo. */
  readonly large: boolean;
}

export function PhotoPicker({ onPhoto, large }: PhotoPickerProps): ReactNode {
  const [failure, setFailure] = useState<unknown>();
  const [camera, setCamera] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (opening: Promise<Photo>) => {
    setFailure(undefined);
    opening.then(onPhoto, setFailure);
  };
  const takeFile = (file: File | undefined) => file && take(openPhoto(file, file.name || 'the pasted picture'));
  usePaste(takeFile);
  return (
    <DropArea onFile={takeFile} large={large}>
      {large && <p className="mb-4 font-display text-3xl leading-none font-bold">Drop a photo here, or paste it</p>}
      <div className="flex flex-wrap gap-2">
        <input
          ref={input}
          type="file"
          accept="image/*"
          className="sr-only"
          tabIndex={-1}
          aria-label="Photo file"
          onChange={(event) => {
            takeFile(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
        <Button weight={large ? 'primary' : 'plain'} onClick={() => input.current?.click()}>
          {large ? 'Choose a photo' : 'Another photo'}
        </Button>
        <Button onClick={() => setCamera(true)}>Use camera</Button>
      </div>
      <SampleList onSample={(url, name) => take(openSample(url, name))} />
      {failure !== undefined && (
        <div className="mt-4">
          <Failure error={failure} title="Photo not opened" />
        </div>
      )}
      {camera && <Camera onClose={() => setCamera(false)} onPicture={(blob) => take(openPhoto(blob, 'the camera’s picture'))} />}
    </DropArea>
  );
}

function DropArea({
  onFile,
  large,
  children,
}: {
  readonly onFile: (file: File | undefined) => void;
  readonly large: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
  };
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(event.type === 'dragover');
  };
  return (
    <section
      aria-label="Photo"
      onDrop={drop}
      onDragOver={drag}
      onDragLeave={drag}
      className={large ? `p-5 sm:p-6 ${over ? 'bg-line' : 'bg-surface'}` : over ? 'bg-line' : ''}
    >
      {children}
    </section>
  );
}

function SampleList({ onSample }: { readonly onSample: (url: string, name: string) => void }): ReactNode {
  return (
    <div className="mt-4">
      <p className="text-sm text-soft" id="samples">
        Or try one of these
      </p>
      <ul aria-labelledby="samples" className="mt-1 flex gap-2">
        {SAMPLES.map(({ name, url }) => (
          <li key={name}>
            <button type="button" aria-label={`Sample: ${name}`} onClick={() => onSample(url, name)} className="block border border-edge">
              <img src={url} alt="" width="56" height="56" className="size-14 object-cover" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function usePaste(onFile: (file: File | undefined) => void): void {
  const latest = useRef(onFile);
  latest.current = onFile;
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (file !== undefined) latest.current(file);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}
