/** Wallet and network, and what to do when the account is another one than that of claim and proof. */
import type { ReactNode } from 'react';
import { useConfig } from '../../services/context.ts';
import { Button } from '../../ui/button.tsx';
import { shortened } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { WalletList } from '../../wallet/connect-dialog.tsx';
import { SwitchNetwork } from '../../wallet/network-banner.tsx';
import { useSession } from '../../wallet/session.tsx';
import type { MintRecord } from './record.ts';
import type { Dispatch } from './use-mint.ts';

export function ConnectStep(): ReactNode {
  const { settling } = useSession();
  return (
    <>
      <p>The account that you connect is written into the proof as its creator: nobody else can mint with it.</p>
      {settling ? <p role="status">Taking up your wallet…</p> : <WalletList />}
    </>
  );
}

export function NetworkStep(): ReactNode {
  const { chain } = useConfig();
  return (
    <>
      <p>Your wallet is on another network. The collection lives on {chain.name}.</p>
      <SwitchNetwork />
    </>
  );
}

export function ForeignAccount({ record, dispatch }: { readonly record: MintRecord; readonly dispatch: Dispatch }): ReactNode {
  const { account } = useSession();
  return (
    <Notice
      tone="warning"
      title="Another account"
      actions={<Button onClick={() => dispatch({ type: 'account-changed' })}>Start over as {shortened(account ?? '')}</Button>}
    >
      This painting was claimed by {shortened(record.creator ?? '')}, and its proof is made for that account only. Choose it in your wallet and this
      page goes on, or start over: claim and proof are then made anew.
    </Notice>
  );
}
