/** What every custom error of the contracts means to the person who meets it: one sentence each, shared by all programs. */
import { BaseError, decodeErrorResult, type Hex } from 'viem';
import { collectionFactoryAbi, modelRegistryAbi, pentimentoCollectionAbi } from './abi/contracts.ts';

const ABIS = [pentimentoCollectionAbi, collectionFactoryAbi, modelRegistryAbi] as const;

type AbiEntry = (typeof ABIS)[number][number];

/** Name of a custom error that one of the contracts can revert with. */
export type ContractErrorName = Extract<AbiEntry, { type: 'error' }>['name'];

/** `{x}` stands for the error's argument `x`. */
export const ERROR_SENTENCES: Readonly<Record<ContractErrorName, string>> = {
  // Minting
  AlreadyClaimed: 'Expected a new commitment, but you have already made this claim and it has not expired.',
  AlreadyMinted: 'Expected a prompt that nobody has minted, but token {tokenId} has it; a small change of the picture gives another one.',
  ClaimExpired: 'Expected a claim of the last 24 hours, but yours expired at {expiredAt}; claim again.',
  ClaimTooYoung: 'Expected an older claim: yours can be minted from {mintableFrom} on.',
  CreatorMismatch: 'Expected a proof made for {expected}, got one made for {actual}.',
  EnforcedPause: 'Expected minting to be open, but the owner of the collection has paused it.',
  ImageTaken: 'Expected an image that nobody has minted, but token {tokenId} has the same one in the same pose.',
  InsufficientGas: 'Expected enough gas to check the proof, but it ran out; send the transaction with more.',
  InvalidProof: 'Expected a valid proof of this prompt and image for this creator, collection and chain, but the verifier refuses it.',
  MalformedStatement: 'Expected prompt, image and proof of the right lengths with values in range, got others (fault {fault}).',
  NotClaimed: 'Expected {claimer} to have claimed this prompt before, but there is no such claim, or it has been used.',
  NotOnAllowlist: 'Expected an account on the allowlist of this sale, but {account} is not on it.',
  SaleClosed: 'Expected the sale to be open, but it ended at {end}.',
  SaleNotOpen: 'Expected the sale to be open, but it starts at {start}.',
  SoldOut: 'Expected a token to be left, but all {maxSupply} have been minted.',
  WalletLimitReached: 'Expected {account} to have mints left, but it has used all {limit}.',
  WrongPayment: 'Expected a payment of exactly {expected} wei, got {actual}.',
  // Tokens
  ERC721IncorrectOwner: 'Expected token {tokenId} to belong to {sender}, but it belongs to {owner}.',
  ERC721InsufficientApproval: 'Expected {operator} to own token {tokenId} or to be approved for it.',
  ERC721InvalidApprover: 'Expected the owner of the token or its operator to approve, got {approver}.',
  ERC721InvalidOperator: 'Expected an operator, got {operator}.',
  ERC721InvalidOwner: 'Expected an account, got {owner}.',
  ERC721InvalidReceiver: 'Expected {receiver} to be able to receive tokens, but it is a contract that cannot.',
  ERC721InvalidSender: 'Expected a sender, got {sender}.',
  ERC721NonexistentToken: 'Expected a minted token, but there is no token {tokenId} in this collection.',
  ImageNotOnChain: 'Expected an image on chain, but of token {tokenId} the chain holds the hash of its image only.',
  ReentrancyGuardReentrantCall: 'Expected one mint at a time, but the receiver of a token started another one.',
  TokenDataMismatch: 'Expected the prompt and the image of token {tokenId}, got others.',
  // Collections
  CloneArgumentsTooLong: 'Expected terms that fit into the code of a contract, but they are too long.',
  ClaimDelayOutOfRange: 'Expected a claim delay of 1 to {maximum} seconds, got {claimDelay}.',
  Create2EmptyBytecode: 'Expected code to deploy, got none.',
  ERC2981InvalidDefaultRoyalty: 'Expected a royalty of at most {denominator} hundredths of a percent, got {numerator}.',
  ERC2981InvalidDefaultRoyaltyReceiver: 'Expected an account to receive royalties, got {receiver}.',
  ERC2981InvalidTokenRoyalty: 'Expected a royalty of at most {denominator} hundredths of a percent for token {tokenId}, got {numerator}.',
  ERC2981InvalidTokenRoyaltyReceiver: 'Expected an account to receive the royalties of token {tokenId}, got {receiver}.',
  ExpectedPause: 'Expected minting to be paused, but it is open.',
  FailedDeployment: 'Expected a new collection, but its owner already has one with the same terms and salt.',
  ImageIsOnChain: 'Expected a collection that keeps hashes only, but this one keeps its images on chain, so they have no address.',
  InsufficientBalance: 'Expected a balance of {needed} wei, got {balance}.',
  NameTooLong: 'Expected a name or symbol of at most {maximum} bytes, got {length}.',
  NothingToPay: 'Expected proceeds to pay out, but there are none.',
  OnlyFactory: 'Expected the collection factory to call, got {caller}.',
  OwnableInvalidOwner: 'Expected an account to own the collection, got {owner}.',
  OwnableUnauthorizedAccount: 'Expected the owner of the collection, got {account}.',
  OwnerCannotBePaid: 'Expected the owner {owner} to accept a payment, but it refused.',
  OwnershipCannotBeRenounced: 'Expected the collection to keep an owner, because sales are paid to the owner.',
  RoyaltyTooHigh: 'Expected a royalty of at most {maximum} hundredths of a percent, got {bps}.',
  SaleWindowEmpty: 'Expected the sale to end after its start at {start}, but it ends at {end}.',
  SupplyMissing: 'Expected room for at least one token, got none.',
  TextNotUtf8: 'Expected text in UTF-8, got other bytes.',
  // Models
  FeeTooLow: 'Expected at least the licence fee of {expected} wei, got {actual}.',
  ImageSizeOutOfRange:
    'Expected a width that is a multiple of 8 up to 128, a height up to 128 and a scale up to 64, got {width}, {height} and {scale}.',
  LatentLengthOutOfRange: 'Expected a latent of 1 to 1024 bytes, got {latentLength}.',
  ModelCommitmentMissing: 'Expected the commitment of a model, got zero.',
  ModelExists: 'Expected a new model, but this one is registered as {modelId}.',
  NotACollection: 'Expected a collection of the factory, got {caller}.',
  NothingOwed: 'Expected fees to pay out, but nothing is owed to {account}.',
  OwnerMismatch: 'Expected a model to be registered by its owner {actual}, got {expected}.',
  PaletteLengthMismatch: 'Expected a palette of {expected} bytes, got {actual}.',
  PaymentFailed: 'Expected {account} to accept a payment, but it refused.',
  ProtocolShareTooHigh: "Expected the protocol's share to be at most {maximum} hundredths of a percent, got {bps}.",
  RecordTooLong: 'Expected prompt, creator and image of at most {maximum} bytes together, got {length}.',
  UnknownModel: 'Expected a registered model, but {modelId} is not.',
  VerifierCodeHashMismatch: 'Expected a verifier whose code has the hash {expected}, got {actual}.',
  VkCodeHashMismatch: 'Expected a verifying key whose code has the hash {expected}, got {actual}.',
};

/** The sentence for an error that a contract reverted with, or undefined when it is none of these contracts'. */
export function errorSentence(name: string, args: readonly unknown[] = []): string | undefined {
  if (!Object.hasOwn(ERROR_SENTENCES, name)) return undefined;
  const entry = ABIS.flat().find((e) => e.type === 'error' && e.name === name);
  const names: readonly string[] = entry?.type === 'error' ? entry.inputs.map((input) => input.name) : [];
  return ERROR_SENTENCES[name as ContractErrorName].replace(/\{(\w+)\}/g, (_, argument: string) => String(args[names.indexOf(argument)]));
}

export interface ContractError {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The custom error behind what viem threw, also that of a contract that was called on the way; undefined when there is none. */
export function contractErrorOf(thrown: unknown): ContractError | undefined {
  if (!(thrown instanceof BaseError)) return undefined;
  const decoded = thrown.walk((e) => (e as { data?: { errorName?: string } }).data?.errorName !== undefined);
  if (decoded) {
    const { data } = decoded as unknown as { data: { errorName: string; args?: readonly unknown[] } };
    return { name: data.errorName, args: data.args ?? [] };
  }
  const raw = thrown.walk((e) => /^0x[0-9a-f]{8}/.test(String((e as { data?: unknown }).data))) as { data?: Hex } | null;
  return raw?.data === undefined ? undefined : decodedOrUndefined(raw.data);
}

function decodedOrUndefined(data: Hex): ContractError | undefined {
  try {
    const { errorName, args } = decodeErrorResult({ abi: ABIS.flat(), data });
    return { name: errorName, args: args ?? [] };
  } catch {
    return undefined;
  }
}
