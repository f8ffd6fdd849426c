/** The dialog that lists the wallets of this browser; it ends when one is connected. */
import type { ReactNode } from 'react';
import { useConnect, useConnectors } from 'wagmi';
import { Button } from '../ui/button.tsx';
import { Failure } from '../ui/failure.tsx';
import { Modal } from '../ui/modal.tsx';
import { Notice } from '../ui/notice.tsx';
import { TEST_WALLET_RDNS } from './local-test-wallet.ts';

export function ConnectDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <Modal title="Choose a wallet" onClose={onClose}>
      <WalletList />
    </Modal>
  );
}

export function WalletList(): ReactNode {
  const connectors = useConnectors();
  const connect = useConnect();
  if (connectors.length === 0) return <NoWallet />;
  return (
    <div className="grid gap-3">
      {connectors.map((connector) => (
        <Button key={connector.uid} className="justify-start" disabled={connect.isPending} onClick={() => connect.mutate({ connector })}>
          {connector.icon && <img src={connector.icon} alt="" width="24" height="24" />}
          <span className="text-left">
            {connector.name}
            {connector.id === TEST_WALLET_RDNS && (
              <span className="block text-sm font-normal">Only on this machine. Never use it for real value.</span>
            )}
          </span>
        </Button>
      ))}
      {connect.isPending && <p role="status">Waiting for your wallet…</p>}
      {connect.error && <Failure error={connect.error} title="Not connected" />}
    </div>
  );
}

function NoWallet(): ReactNode {
  return (
    <Notice title="No wallet found">
      This browser has no wallet that announces itself. Install one as a browser extension, or open this page in a wallet's own browser, then reload.
      Painting and looking need no wallet.
    </Notice>
  );
}
