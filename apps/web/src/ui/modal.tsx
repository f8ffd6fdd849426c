/** A dialog by the browser's own element: focus stays within, Escape closes it, focus returns to where it was. */
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { Button } from './button.tsx';

interface ModalProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Modal({ title, onClose, children }: ModalProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // In the layout phase the element is still in the page when it closes, so that the focus finds its way back.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  // The event comes late: strict mode closes the dialog and opens it again before it does.
  const closed = () => {
    if (!dialog.current?.open) onClose();
  };
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={closed} className="p-6">
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
