/** Every failure has a plain sentence and a kind that decides the way on. */
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import { BaseError } from '@pentimento/core';
import { ContractFunctionRevertedError, encodeErrorResult, InsufficientFundsError, UserRejectedRequestError, BaseError as ViemError } from 'viem';
import { describe, expect, it } from 'vitest';
import { obstacleOf, type Sale } from '../src/pages/mint/sale.ts';
import { fieldsOf, settingsOf } from '../src/pages/studio/sale-input.ts';
import { poseInWords } from '../src/pages/token/traits.tsx';
import { aboutEther, duration, elapsed, ether, shortened } from '../src/ui/format.ts';
import { kindOf, sentenceOf } from '../src/wallet/sentences.ts';

function reverted(errorName: string, args: readonly unknown[]): ViemError {
  const data = encodeErrorResult({ abi: pentimentoCollectionAbi, errorName, args } as never);
  return new ViemError('The call failed.', {
    cause: new ContractFunctionRevertedError({ abi: pentimentoCollectionAbi, data, functionName: 'mint' }),
  });
}

describe('sentenceOf', () => {
  it.each([
    ['taken', reverted('AlreadyMinted', [5n]), 'nobody has minted, but token 5 has it'],
    ['taken', reverted('ImageTaken', [`0x${'22'.repeat(32)}`, 7n]), 'token 7 has the same one'],
    ['sold-out', reverted('SoldOut', [10n]), 'all 10 have been minted'],
    ['paused', reverted('EnforcedPause', []), 'has paused it'],
    ['payment', reverted('WrongPayment', [10n ** 18n, 0n]), 'The price has changed: the mint costs 1 ETH now, and 0 ETH was offered.'],
    ['window', reverted('SaleClosed', [1_700_000_000n]), '2023'],
    ['claim', reverted('NotClaimed', [`0x${'11'.repeat(20)}`, `0x${'22'.repeat(32)}`]), 'to have claimed this prompt before'],
    ['rejected', new UserRejectedRequestError(new Error('no')), 'You declined in your wallet. Nothing was sent, and nothing is lost.'],
    ['rejected', Object.assign(new Error('User denied'), { code: 4001 }), 'You declined in your wallet.'],
    ['funds', new ViemError('x', { cause: new InsufficientFundsError() }), 'does not hold enough'],
    ['unreachable', new BaseError({ code: 'service/unreachable', message: 'Expected the model server to answer.' }), 'Expected the model server'],
    ['other', new BaseError({ code: 'proof/failed', message: 'Expected x, got y.' }), 'Expected x, got y.'],
    ['other', 'nonsense', 'Something failed that has no name.'],
  ] as const)('%s', (kind, error, part) => {
    expect(kindOf(error)).toBe(kind);
    expect(sentenceOf(error)).toContain(part);
  });
});

const SALE: Sale = {
  ...{
    name: 'Nouns',
    modelCommitment: '0xaa',
    price: 5n,
    licenceFee: 1n,
    mintCost: 6n,
    start: 0,
    end: 0,
    paused: false,
    minted: 3,
    maxSupply: 10,
    claimDelay: 2,
  },
  ...{ walletLimit: 0, mintedByAccount: 1, allowlistRoot: undefined, tokenOwner: undefined, balance: 100n, now: 1000 },
};

describe('obstacleOf', () => {
  it.each([
    [undefined, {}],
    ['other-model', { modelCommitment: '0xbb', minted: 10 }],
    ['taken', { tokenOwner: '0x1', minted: 10 }],
    ['sold-out', { minted: 10, paused: true }],
    ['closed', { end: 1000 }],
    [undefined, { end: 1001 }],
    ['limit', { walletLimit: 1 }],
    ['not-open', { start: 1001 }],
    ['paused', { paused: true }],
    ['funds', { balance: 5n }],
    [undefined, { balance: undefined }],
  ] as const)('%s', (code, part) => {
    expect(obstacleOf({ ...SALE, ...part } as Sale, '0xaa', String)?.code).toBe(code);
  });

  it('says whether waiting helps', () => {
    expect(obstacleOf({ ...SALE, paused: true }, '0xaa', String)?.temporary).toBe(true);
    expect(obstacleOf({ ...SALE, minted: 10 }, '0xaa', String)?.temporary).toBe(false);
  });
});

describe('sale form', () => {
  it('reads back what it shows', () => {
    const sale = { price: '50000000000000000', start: 1_800_000_000, end: 1_800_003_600, walletLimit: 3 };
    expect(settingsOf(fieldsOf(sale))).toEqual({ settings: { ...sale, price: 50_000_000_000_000_000n } });
    expect(settingsOf(fieldsOf({ price: '0', start: 0, end: 0, walletLimit: 0 }))).toEqual({
      settings: { price: 0n, start: 0, end: 0, walletLimit: 0 },
    });
  });

  it.each([
    ['price', { price: '-1' }],
    ['price', { price: '1e3' }],
    ['price', { price: '999999999999' }],
    ['end', { start: '2030-01-02T00:00', end: '2030-01-01T00:00' }],
    ['walletLimit', { walletLimit: '1.5' }],
    ['walletLimit', { walletLimit: '4294967296' }],
  ] as const)('refuses a wrong %s', (field, part) => {
    const result = settingsOf({ price: '0', start: '', end: '', walletLimit: '0', ...part });
    expect('problems' in result && Object.keys(result.problems)).toEqual([field]);
  });
});

describe('words', () => {
  it('says numbers as people do', () => {
    expect([ether(0n), ether('1500000000000000000'), aboutEther(1n), aboutEther(2_000_000_000_001n)]).toEqual([
      'free',
      '1.5 ETH',
      '0.000001 ETH',
      '0.000003 ETH',
    ]);
    expect([duration(4000), duration(31_000), duration(100_000)]).toEqual(['a few seconds', 'about 35 s', 'about 2 min']);
    expect([elapsed(7_900), elapsed(72_000)]).toEqual(['7 s', '1 min 12 s']);
    expect(shortened(`0x${'12'.repeat(20)}`)).toBe('0x1212…1212');
  });

  it('says a pose', () => {
    expect([poseInWords(31), poseInWords(94), poseInWords(63 + 9 * 2 + 6)]).toEqual([
      'Pose: as painted.',
      'Pose: mirrored.',
      'Pose: mirrored, moved 2 to the right and 1 up.',
    ]);
  });
});
