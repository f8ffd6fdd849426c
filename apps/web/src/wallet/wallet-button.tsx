/** In the header: connect, or the account with its menu. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useDisconnect } from 'wagmi';
import { useSurroundings } from '../services/context.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { shortened } from '../ui/format.ts';
import { Modal } from '../ui/modal.tsx';
import { Notice } from '../ui/notice.tsx';
import { ConnectDialog } from './connect-dialog.tsx';
import { type Session, useSession } from './session.tsx';

export function WalletButton(): ReactNode {
  const session = useSession();
  const [open, setOpen] = useState<'connect' | 'account'>();
  const close = () => setOpen(undefined);
  const dialog = session.account === undefined ? 'connect' : 'account';
  // Connecting ends the one dialog and opens none.
  useEffect(() => setOpen((now) => (now === dialog ? now : undefined)), [dialog]);
  return (
    <>
      <Button onClick={() => setOpen(dialog)} aria-haspopup="dialog">
        {session.account === undefined ? 'Connect wallet' : <span>{shortened(session.account)}</span>}
      </Button>
      {open === 'connect' && dialog === 'connect' && <ConnectDialog onClose={close} />}
      {open === 'account' && dialog === 'account' && <AccountDialog session={session} onClose={close} />}
    </>
  );
}

function AccountDialog({ session, onClose }: { readonly session: Session; readonly onClose: () => void }): ReactNode {
  const disconnect = useDisconnect();
  return (
    <Modal title="Your account" onClose={onClose}>
      <div className="grid gap-4">
        <p className="hash">{session.account}</p>
        <p className="text-soft">Through {session.walletName}</p>
        {session.testWallet && <TestAccounts active={session.account ?? ''} />}
        <div className="flex flex-wrap gap-2">
          <CopyButton what="address" text={session.account ?? ''} />
          <Button
            onClick={() => {
              disconnect.mutate();
              onClose();
            }}
          >
            Disconnect
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function TestAccounts({ active }: { readonly active: string }): ReactNode {
  const { testWallet } = useSurroundings();
  const accounts = useQuery({ queryKey: ['test-accounts'], queryFn: () => testWallet?.nodeAccounts() ?? [] });
  const position = (accounts.data ?? []).findIndex((account) => account.toLowerCase() === active);
  return (
    <Notice tone="warning" title="Worthless test money">
      <label className="grid gap-1">
        Test account
        <select className="field" value={position} onChange={(event) => void testWallet?.setAccount(Number(event.currentTarget.value))}>
          {accounts.data?.map((account, i) => (
            <option key={account} value={i}>
              {i + 1}: {shortened(account)}
            </option>
          ))}
        </select>
      </label>
    </Notice>
  );
}
