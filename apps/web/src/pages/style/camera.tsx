/** Takes a picture with the camera; the stream ends with the dialog. */
import { BaseError } from '@pentimento/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Modal } from '../../ui/modal.tsx';

interface CameraProps {
  readonly onClose: () => void;
  readonly onPicture: (picture: Blob) => void;
}

export function Camera({ onClose, onPicture }: CameraProps): ReactNode {
  const video = useRef<HTMLVideoElement>(null);
  const { failure, ready } = useStream(video);
  const shoot = async () => {
    const picture = await frameOf(video.current);
    if (picture !== null) onPicture(picture);
    onClose();
  };
  return (
    <Modal title="Camera" onClose={onClose}>
      {failure === undefined ? (
        <div className="grid gap-4">
          <video ref={video} playsInline muted className="aspect-square w-full bg-line object-cover" aria-label="What the camera sees" />
          <Button weight="primary" disabled={!ready} onClick={() => void shoot()}>
            Take the picture
          </Button>
        </div>
      ) : (
        <Failure error={failure} title="No camera" />
      )}
    </Modal>
  );
}

function useStream(video: { readonly current: HTMLVideoElement | null }): { failure: unknown; ready: boolean } {
  const [failure, setFailure] = useState<unknown>();
  const [ready, setReady] = useState(false);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let closed = false;
    const start = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1024, height: 1024, facingMode: 'user' } });
      if (closed || video.current === null) return stop(stream);
      video.current.srcObject = stream;
      await video.current.play();
      setReady(true);
    };
    start().catch((cause: unknown) => {
      if (closed) return;
      setFailure(
        new BaseError({
          code: 'photo/no-camera',
          message: 'No camera can be used: there is none, or this page may not use it. Choose a photo instead.',
          cause,
        }),
      );
    });
    return () => {
      closed = true;
      stop(stream);
    };
  }, [video]);
  return { failure, ready };
}

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

async function frameOf(video: HTMLVideoElement | null): Promise<Blob | null> {
  if (video === null) return null;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
