/** What is signed is what was shown: the price of the offer and the chain of the installation, whatever node and wallet do meanwhile. */
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import type { Bundle } from '@pentimento/core';
import { custom, decodeFunctionData, defineChain, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createConfig, injected } from 'wagmi';
import { connect } from 'wagmi/actions';
import { planMint, sendMint } from '../src/pages/mint/minting.ts';
import { advance, type MintEvent, recordOf } from '../src/pages/mint/record.ts';
import { sentenceOf } from '../src/wallet/sentences.ts';

const CHAIN = defineChain({
  ...{ id: 31337, name: 'Local', rpcUrls: { default: { http: ['http://localhost'] } } },
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
});
const CREATOR = `0x${'a1'.repeat(20)}` as const;
const COLLECTION = `0x${'c0'.repeat(20)}` as const;
const COMMITMENT = `0x${'ee'.repeat(32)}` as const;
const LATENT = `0x${'01'.repeat(128)}` as const;
const OFFER = { value: 10n ** 16n, allowlistProof: [] };
const PAINTING = { model: { name: 'nouns-s', commitment: COMMITMENT }, collection: COLLECTION, latent: LATENT, pose: 31, dial: null };
const BUNDLE: Bundle = {
  ...{ format: 'pentimento-bundle', version: 1, model: 'nouns-s', modelCommitment: COMMITMENT, objective: 'fast', srs: 'insecure-development' },
  ...{ latent: LATENT, index: '0x00', pose: 31, chainId: '31337', collection: COLLECTION, creator: CREATOR, proof: '0x01' },
};
const EVENTS: readonly MintEvent[] = [
  { type: 'claiming', creator: CREATOR, salt: `0x${'55'.repeat(32)}` },
  { type: 'proven', bundle: BUNDLE },
];
const RECORD = EVENTS.reduce(advance, recordOf(PAINTING, CHAIN.id));

interface Call {
  readonly method: string;
  readonly params?: readonly { readonly data?: Hex; readonly value?: Hex }[];
}

/** A node that accepts every call and asks for a hundred ether, and a wallet on the chain `wallet.chainId`. */
async function hostile() {
  const calls: Call[] = [];
  const wallet = { chainId: CHAIN.id as number };
  const request = async (call: Call): Promise<unknown> => {
    calls.push(call);
    if (call.method === 'eth_chainId') return `0x${wallet.chainId.toString(16)}`;
    if (call.method === 'eth_requestAccounts' || call.method === 'eth_accounts') return [CREATOR];
    if (call.method === 'eth_call') return `0x${(100n * 10n ** 18n).toString(16).padStart(64, '0')}`;
    if (call.method === 'eth_sendTransaction') return `0x${'77'.repeat(32)}`;
    return '0x5208';
  };
  const provider = { request, on: () => provider, removeListener: () => provider };
  const connector = injected({ target: { id: 'test', name: 'Test', provider: provider as never } });
  const wagmi = createConfig({ chains: [CHAIN], transports: { [CHAIN.id]: custom({ request }) }, storage: null });
  await connect(wagmi, { connector });
  calls.length = 0;
  return { wagmi, wallet, calls, sent: () => calls.filter(({ method }) => method === 'eth_sendTransaction').map(({ params }) => params?.[0]) };
}

// wagmi looks for wallets only where there is a window.
beforeAll(() => vi.stubGlobal('window', new EventTarget()));
afterAll(() => vi.unstubAllGlobals());

describe('a mint', () => {
  it('is tried with the price of the offer', async () => {
    const { wagmi, calls } = await hostile();
    await planMint(wagmi, RECORD, OFFER);
    const tried = calls.filter(({ method }) => method === 'eth_call' || method === 'eth_estimateGas');
    expect(tried.map(({ params }) => BigInt(params?.[0]?.value ?? 0))).toEqual([OFFER.value, OFFER.value]);
  });

  it('is signed with the price of the offer', async () => {
    const { wagmi, sent } = await hostile();
    await sendMint(wagmi, RECORD, OFFER);
    const [transaction] = sent();
    expect(BigInt(transaction?.value ?? 0)).toBe(OFFER.value);
    expect(decodeFunctionData({ abi: pentimentoCollectionAbi, data: transaction?.data ?? '0x' }).functionName).toBe('mint');
  });

  it('is not handed to a wallet that went to another chain', async () => {
    const { wagmi, wallet, sent } = await hostile();
    wallet.chainId = 1;
    wagmi.setState((state) => ({ ...state, connections: new Map([...state.connections].map(([id, c]) => [id, { ...c, chainId: 1 }])) }));
    const error = await sendMint(wagmi, RECORD, OFFER).catch((cause: unknown) => cause);
    expect(sentenceOf(error)).toBe('Your wallet is on another network. Nothing was sent; switch the network and try again.');
    expect(sent()).toEqual([]);
  });
});
