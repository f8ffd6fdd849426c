/** A failure in one sentence, with a way to try again. */
import type { ReactNode } from 'react';
import { kindOf, sentenceOf } from '../wallet/sentences.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

interface FailureProps {
  readonly error: unknown;
  readonly title: string;
  readonly onRetry?: (() => void) | undefined;
}

export function Failure({ error, title, onRetry }: FailureProps): ReactNode {
  // Declining in the wallet is a decision, not a failure.
  return (
    <Notice tone={kindOf(error) === 'rejected' ? 'info' : 'failure'} title={title} actions={onRetry && <Button onClick={onRetry}>Try again</Button>}>
      {sentenceOf(error)}
    </Notice>
  );
}
