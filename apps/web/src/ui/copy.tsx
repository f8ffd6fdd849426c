/** A text to copy, with a button that says when it has been copied. */
import { type ReactNode, useState } from 'react';
import { Button } from './button.tsx';

interface CopyProps {
  /** What the text is, for the button's name: `Copy command`. */
  readonly what: string;
  readonly text: string;
}

const SHOWN_MS = 2000;

export function CopyButton({ what, text }: CopyProps): ReactNode {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
  const copy = () => {
    const said = (next: 'done' | 'failed') => {
      setState(next);
      setTimeout(() => setState('idle'), SHOWN_MS);
    };
    navigator.clipboard.writeText(text).then(
      () => said('done'),
      () => said('failed'),
    );
  };
  return (
    <Button weight="quiet" className="text-sm" onClick={copy} aria-live="polite">
      {state === 'idle' ? `Copy ${what}` : state === 'done' ? 'Copied' : 'Copy it by hand'}
    </Button>
  );
}
