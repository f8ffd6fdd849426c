/** Loads the configuration, announces the local test wallet where it is allowed, and starts the pages. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { WagmiProvider } from 'wagmi';
import { reconnect } from 'wagmi/actions';
import { createPages } from './router.tsx';
import { loadConfig } from './services/config.ts';
import { SurroundingsContext } from './services/context.ts';
import { walletConfig } from './wallet/client.ts';
import { announceTestWallet } from './wallet/local-test-wallet.ts';
import { sentenceOf } from './wallet/sentences.ts';

const root = createRoot(document.getElementById('root') as HTMLElement);

async function start(): Promise<void> {
  const config = await loadConfig();
  const wagmi = walletConfig(config);
  const testWallet = config.developmentWallet ? await announceTestWallet(config.chain.rpcUrl, config.chain.id).catch(() => undefined) : undefined;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 5000, refetchOnWindowFocus: false } } });
  void reconnect(wagmi);
  root.render(
    <StrictMode>
      <SurroundingsContext value={{ config, testWallet }}>
        <WagmiProvider config={wagmi} reconnectOnMount={false}>
          <QueryClientProvider client={queries}>
            <RouterProvider router={createPages()} />
          </QueryClientProvider>
        </WagmiProvider>
      </SurroundingsContext>
    </StrictMode>,
  );
}

start().catch((error: unknown) => {
  root.render(
    <main className="mx-auto grid max-w-xl gap-4 p-6">
      <h1>Not started</h1>
      <p role="alert">The page could not read its configuration. {sentenceOf(error)}</p>
      <p>
        <a href="/">Try again</a>
      </p>
    </main>,
  );
});
