/** A failure in one sentence, with a way to try again. */
import type { ReactNode } from 'react';
import { kindOf, sentenceOf } from '../wallet/sentences.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

interface FailureProps {
  readonly error: unknown;
  readonly title: string;
  readonly onRetry?: (() => void) | undefined;
  /** A link to where there is something else. */
  readonly elsewhere?: ReactNode;
}

export function Failure({ error, title, onRetry, elsewhere }: FailureProps): ReactNode {
  // Declining in the wallet is a decision, not a failure.
  const tone = kindOf(error) === 'rejected' ? 'info' : 'failure';
  const actions = (onRetry || elsewhere) && (
    <>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
      {elsewhere}
    </>
  );
  return (
    <Notice tone={tone} title={title} actions={actions}>
      {sentenceOf(error)}
    </Notice>
  );
}
