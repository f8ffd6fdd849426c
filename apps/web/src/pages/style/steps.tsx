/** Undo, redo and reset; also by the usual keys. */
import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import type { Painting } from './use-painting.ts';

export function Steps({ painting }: { readonly painting: Painting }): ReactNode {
  const { history, undo, redo, reset } = painting;
  useKeys(undo, redo);
  return (
    <div className="flex flex-wrap gap-1">
      <Button onClick={undo} disabled={history?.past.length === 0}>
        Undo
      </Button>
      <Button onClick={redo} disabled={history?.future.length === 0}>
        Redo
      </Button>
      <Button onClick={reset} disabled={history?.past.length === 0}>
        Reset
      </Button>
    </div>
  );
}

/** Ctrl or Command with Z, and with Shift for redo; in a text field they belong to the field. */
function useKeys(undo: () => void, redo: () => void): void {
  const latest = useRef({ undo, redo });
  latest.current = { undo, redo };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const field = event.target instanceof HTMLInputElement && event.target.type !== 'range';
      if (field || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
      event.preventDefault();
      (event.shiftKey ? latest.current.redo : latest.current.undo)();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
