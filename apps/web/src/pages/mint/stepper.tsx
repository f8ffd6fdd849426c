/** The steps of one mint: those behind in a line, the present one open, those ahead by name. */
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { tokenIdOf } from '../../picture/token-id.ts';
import { linkButton } from '../../ui/button.tsx';
import { dateTime } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { PictureView } from '../../ui/picture-view.tsx';
import { useSession } from '../../wallet/session.tsx';
import { ClaimStep } from './claim-step.tsx';
import { ConnectStep, ForeignAccount, NetworkStep } from './connect-steps.tsx';
import { MintStep } from './mint-step.tsx';
import { ProveStep } from './prove-step.tsx';
import { ReceiptStep } from './receipt-step.tsx';
import { isForeign, type MintRecord, STEPS, type Step, stepOf } from './record.ts';
import { obstacleOf, type Sale } from './sale.ts';
import { type Dispatch, useRecord, useSale } from './use-mint.ts';
import { usePicture } from './use-picture.ts';
import { VerifyStep } from './verify-step.tsx';

const NAMES: Readonly<Record<Step, string>> = {
  connect: 'Connect a wallet',
  network: 'Choose the network',
  claim: 'Claim',
  prove: 'Prove',
  verify: 'Verify',
  mint: 'Mint',
  receipt: 'Receipt',
};

export function Stepper({ recordKey }: { readonly recordKey: string }): ReactNode {
  const { record, dispatch } = useRecord(recordKey);
  return record === undefined ? null : <Steps record={record} dispatch={dispatch} />;
}

interface StepsProps {
  readonly record: MintRecord;
  readonly dispatch: Dispatch;
}

function Steps({ record, dispatch }: StepsProps): ReactNode {
  const session = useSession();
  const sale = useSale(record, session.account);
  const step = stepOf(record, session);
  const foreign = isForeign(record, session);
  const position = STEPS.indexOf(step);
  return (
    <div className="grid gap-x-12 gap-y-6 md:grid-cols-[minmax(0,24rem)_minmax(0,1fr)]">
      <Work record={record} sale={sale.data} />
      <div className="grid content-start gap-6">
        <h1>{step === 'receipt' ? 'It hangs' : 'Mint your painting'}</h1>
        {step !== 'receipt' && record.mintTransaction === null && <Obstacle record={record} sale={sale.data} account={session.account} />}
        {foreign && <ForeignAccount record={record} dispatch={dispatch} />}
        <p role="status" className="sr-only">
          Step {position + 1} of {STEPS.length}: {NAMES[step]}
        </p>
        <ol className="grid">
          {STEPS.map((name, i) => (
            <StepFrame key={name} name={NAMES[name]} number={i + 1} state={i < position ? 'done' : i === position ? 'now' : 'ahead'}>
              {name === step && !foreign && <StepBody step={step} record={record} dispatch={dispatch} sale={sale.data} />}
            </StepFrame>
          ))}
        </ol>
      </div>
    </div>
  );
}

function StepBody({ step, record, dispatch, sale }: StepsProps & { readonly step: Step; readonly sale: Sale | undefined }): ReactNode {
  switch (step) {
    case 'connect':
      return <ConnectStep />;
    case 'network':
      return <NetworkStep />;
    case 'claim':
      return <ClaimStep record={record} dispatch={dispatch} sale={sale} />;
    case 'prove':
      return <ProveStep record={record} dispatch={dispatch} />;
    case 'verify':
      return <VerifyStep record={record} dispatch={dispatch} />;
    case 'mint':
      return <MintStep record={record} dispatch={dispatch} sale={sale} />;
    case 'receipt':
      return <ReceiptStep record={record} />;
  }
}

interface StepFrameProps {
  readonly name: string;
  readonly number: number;
  readonly state: 'done' | 'now' | 'ahead';
  readonly children: ReactNode;
}

function StepFrame({ name, number, state, children }: StepFrameProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(state);
  // When a step opens, the keyboard goes on there.
  useEffect(() => {
    if (before.current !== 'now' && state === 'now') heading.current?.focus();
    before.current = state;
  }, [state]);
  const square = { done: 'bg-accent text-on-accent', now: 'bg-ink text-ground', ahead: 'border-2 border-line text-soft' }[state];
  return (
    <li aria-current={state === 'now' ? 'step' : undefined} className="grid grid-cols-[2.25rem_minmax(0,1fr)] gap-x-4">
      <div className="flex flex-col items-center">
        <span aria-hidden="true" className={`flex size-9 items-center justify-center font-display text-xl font-semibold ${square}`}>
          {state === 'done' ? '✓' : number}
        </span>
        <span className={`w-0.5 flex-1 ${state === 'done' ? 'bg-accent' : 'bg-line'} ${number === STEPS.length ? 'hidden' : ''}`} />
      </div>
      <div className="min-h-12 pb-4">
        <h2 ref={heading} tabIndex={-1} className={`pt-1.5 outline-none ${state === 'ahead' ? 'text-soft' : ''}`}>
          {name}
          {state === 'done' && <span className="sr-only"> (done)</span>}
        </h2>
        {children && <div className="mt-4 grid gap-4">{children}</div>}
      </div>
    </li>
  );
}

function Work({ record, sale }: { readonly record: MintRecord; readonly sale: Sale | undefined }): ReactNode {
  const picture = usePicture(record);
  return (
    <figure className="md:sticky md:top-4 md:self-start">
      <div className="max-md:mx-auto max-md:max-w-48">
        {picture ? <PictureView picture={picture} label="The painting to mint" /> : <div className="skeleton aspect-square" />}
      </div>
      <figcaption className="mt-3 text-sm text-soft max-md:text-center">
        {sale ? captionOf(sale, record) : 'Reading the collection…'}
        <br />
        Painted by {record.model.name}
      </figcaption>
    </figure>
  );
}

/** The place is the next one, so it is not this painting's any more once this one hangs. */
const captionOf = ({ name, minted, maxSupply }: Sale, { receipt }: MintRecord): string =>
  receipt === null ? `${name}, painting ${minted + 1} of ${maxSupply}` : name;

interface ObstacleProps {
  readonly record: MintRecord;
  readonly sale: Sale | undefined;
  readonly account: string | undefined;
}

function Obstacle({ record, sale, account }: ObstacleProps): ReactNode {
  const obstacle = sale && obstacleOf(sale, record.model.commitment, (seconds) => dateTime(seconds * 1000));
  if (obstacle === undefined) return null;
  // A mint that was signed after the page had been left.
  if (sale?.tokenOwner !== undefined && sale.tokenOwner.toLowerCase() === account) return <AlreadyYours record={record} />;
  const action = obstacle.code === 'taken' ? { to: '/', label: 'Paint a variation' } : { to: '/collections', label: 'Other collections' };
  return (
    <Notice
      tone="warning"
      title={obstacle.title}
      actions={
        !obstacle.temporary && (
          <Link to={action.to} className={linkButton('plain')}>
            {action.label}
          </Link>
        )
      }
    >
      {obstacle.sentence}
    </Notice>
  );
}

function AlreadyYours({ record }: { readonly record: MintRecord }): ReactNode {
  const params = { address: record.collection, tokenId: tokenIdOf(record) };
  return (
    <Notice
      tone="good"
      title="Already yours"
      actions={
        <Link to="/collection/$address/$tokenId" params={params} className={linkButton('primary')}>
          See it in the collection
        </Link>
      }
    >
      You own this painting: it was minted before.
    </Notice>
  );
}
