/** What every page stands in: header, the banner of a wrong network, footer; and the pages for wrong addresses and failures. */
import { type ErrorComponentProps, Link, Outlet, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { linkButton } from './ui/button.tsx';
import { Failure } from './ui/failure.tsx';
import { ThemeToggle } from './ui/theme.tsx';
import { NetworkBanner } from './wallet/network-banner.tsx';
import { WalletButton } from './wallet/wallet-button.tsx';

export function Shell(): ReactNode {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const first = useRef(true);
  // After a change of page the keyboard and the screen reader start at the new page, not at the old link.
  useEffect(() => {
    if (first.current) first.current = false;
    else if (path !== '') main.current?.focus();
  }, [path]);
  return (
    <div className="flex min-h-dvh flex-col">
      <a href="#main" className="button sr-only z-20 focus:not-sr-only focus:absolute focus:m-2">
        Skip to the page
      </a>
      <Header />
      <NetworkBanner />
      <main id="main" ref={main} tabIndex={-1} className="mx-auto w-full max-w-[80rem] flex-1 px-4 pt-6 pb-16 outline-none sm:px-8">
        <Outlet />
      </main>
      <Footer />
    </div>
  );
}

function Header(): ReactNode {
  return (
    <header className="mx-auto flex w-full max-w-[80rem] flex-wrap items-center justify-between gap-x-2 gap-y-1 px-4 pt-4 sm:px-8">
      <Link to="/" className="wordmark" aria-label="Pentimento, home">
        Pentimento
      </Link>
      <div className="flex items-center gap-1 sm:order-3">
        <ThemeToggle />
        <WalletButton />
      </div>
      <nav aria-label="Pages" className="-mx-2 flex w-full gap-1 sm:order-2 sm:mr-4 sm:ml-auto sm:w-auto">
        <Link to="/" className="nav-link" activeOptions={{ exact: true, includeSearch: false }}>
          Style
        </Link>
        <Link to="/mint" className="nav-link">
          Mint
        </Link>
        <Link to="/collections" className="nav-link">
          Collections
        </Link>
        <Link to="/studio" className="nav-link">
          Studio
        </Link>
      </nav>
    </header>
  );
}

function Footer(): ReactNode {
  return (
    <footer className="border-t border-line">
      <p className="mx-auto max-w-[80rem] px-4 py-6 text-sm text-soft sm:px-8">
        A pentimento is the trace of an earlier painting under a later one. Here the photo lies under the picture, and a proof says which network
        painted it.
      </p>
    </footer>
  );
}

export function NotFound(): ReactNode {
  return (
    <div className="grid max-w-xl gap-4">
      <h1>Nothing hangs here</h1>
      <p>There is no page at this address.</p>
      <p>
        <Link to="/collections" className={linkButton('primary')}>
          Look at the collections
        </Link>
      </p>
    </div>
  );
}

export function PageFailure({ error, reset }: ErrorComponentProps): ReactNode {
  return (
    <div className="grid max-w-xl gap-4">
      <h1>The page stopped</h1>
      <Failure error={error} title="Not shown" onRetry={reset} />
    </div>
  );
}
