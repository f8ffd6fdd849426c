/** Names and values, one row each. */
import { Fragment, type ReactNode } from 'react';

export type Fact = readonly [name: string, value: ReactNode];

export function Facts({ facts }: { readonly facts: readonly Fact[] }): ReactNode {
  return (
    <dl className="grid grid-cols-1 sm:grid-cols-[minmax(6.5rem,30%)_1fr]">
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="pt-2.5 text-sm text-soft sm:border-t sm:border-line sm:pr-4 sm:pb-2">{name}</dt>
          <dd className="min-w-0 border-line pb-2 max-sm:border-b sm:border-t sm:pt-2">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
