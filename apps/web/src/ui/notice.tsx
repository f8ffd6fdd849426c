/** What happened or what to do, in one sentence and a way on. Failures are announced; colour is never the only sign. */
import type { ReactNode } from 'react';

type Tone = 'info' | 'good' | 'warning' | 'failure';

const SIGNS: Readonly<Record<Tone, string>> = { info: 'Note', good: 'Done', warning: 'Careful', failure: 'Not done' };
const EDGES: Readonly<Record<Tone, string>> = {
  info: 'border-edge bg-surface',
  good: 'border-accent bg-surface',
  warning: 'border-trace bg-(--warn-ground) text-(--warn-ink)',
  failure: 'border-danger bg-surface',
};

interface NoticeProps {
  readonly tone?: Tone;
  readonly title?: string;
  readonly children: ReactNode;
  /** Buttons or links. */
  readonly actions?: ReactNode;
}

export function Notice({ tone = 'info', title, children, actions }: NoticeProps): ReactNode {
  return (
    <div role={tone === 'failure' ? 'alert' : 'status'} className={`border-l-8 px-4 py-3 ${EDGES[tone]}`}>
      <p className={`font-semibold ${tone === 'failure' ? 'text-danger' : ''}`}>{title ?? SIGNS[tone]}</p>
      <div className="mt-1">{children}</div>
      {actions && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
