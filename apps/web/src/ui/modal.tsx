/** A dialog by the browser's own element: focus stays within, Escape closes it, focus returns to where it was. */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './button.tsx';

interface ModalProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Modal({ title, onClose, children }: ModalProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose} className="p-6">
      <div className="mb-4 flex items-start justify-between gap-4">
        <h2 id={heading}>{title}</h2>
        <Button weight="quiet" onClick={onClose}>
          Close
        </Button>
      </div>
      {children}
    </dialog>
  );
}
