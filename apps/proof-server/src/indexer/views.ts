/** What is asked of the facts: models, collections, tokens and accounts as the API shows them. The last fact about a thing is what holds. */
import { BaseError, type Hex } from '@pentimento/core';
import { zeroAddress } from 'viem';
import type { Database } from '../database.ts';
import type { Claim, Collection, RegisteredModel, Token, Transfer } from './schemas.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null on the last page. */
  readonly next: string | null;
}

/** The name of a commitment's model, null for one that is not here. */
export type NameOf = (commitment: string) => string | null;

const LAST = 'ORDER BY block DESC, log_index DESC LIMIT 1';

// Models

export async function listModels(db: Database, nameOf: NameOf, id?: string): Promise<RegisteredModel[]> {
  const rows = await db.query<Omit<RegisteredModel, 'name' | 'image'> & { width: number; height: number }>(
    `SELECT m.id AS "modelId", m.commitment, m.owner, m.kind, m.latent_length AS "latentLength", m.width, m.height, m.licence_fee AS "licenceFee",
       m.verifier, m.vk, m.vk_code_hash AS "vkCodeHash", m.verifier_code_hash AS "verifierCodeHash", count(u.fee) AS uses,
       coalesce(sum(u.fee), 0) AS "feesPaid", m.card_uri AS "cardUri"
     FROM chain_models m LEFT JOIN chain_uses u ON u.model = m.id WHERE $1::text IS NULL OR m.id = $1
     GROUP BY m.block, m.log_index ORDER BY m.block, m.log_index`,
    [id ?? null],
  );
  return rows.map(({ width, height, ...row }) => ({ ...row, name: nameOf(row.commitment), image: { width, height } }));
}

// Collections

interface CollectionRow extends Omit<Collection, 'price' | 'mintCost' | 'start' | 'end' | 'walletLimit' | 'allowlist' | 'createdAt' | 'royaltyBps'> {
  readonly sale: { readonly price: string; readonly start: number; readonly end: number; readonly walletLimit: number };
  readonly allowlist: string | null;
  readonly createdAt: Date;
  readonly burned: number;
  readonly block: number;
  readonly logIndex: number;
}

const setting = (name: string, otherwise: string) =>
  `coalesce((SELECT value FROM chain_settings s WHERE s.collection = c.address AND s.name = '${name}' ${LAST}), '${otherwise}'::jsonb) AS ${name}`;

/** What of a payment is the protocol's: the share of the price, rounded down, as Sales.sol computes it. */
const SHARE = 'div((t.paid - u.fee) * (SELECT protocol_bps FROM chain_identity), 10000)';
const SOLD = 'chain_tokens t JOIN chain_uses u ON u.collection = t.collection AND u.token = t.id';

const COLLECTION = `
  SELECT c.address, c.name, c.symbol, c.model AS "modelId", m.commitment AS "modelCommitment", c.image_mode AS "imageMode",
    c.max_supply AS "maxSupply", c.claim_delay AS "claimDelay", m.licence_fee AS "licenceFee", b.at AS "createdAt", c.block,
    c.log_index AS "logIndex", ${setting('owner', '"0x"')}, ${setting('sale', '{}')}, ${setting('paused', 'false')}, ${setting('allowlist', 'null')},
    (SELECT count(*) FROM chain_tokens t WHERE t.collection = c.address) AS minted,
    (SELECT count(*) FROM chain_transfers x WHERE x.collection = c.address AND x.receiver = '${zeroAddress}') AS burned,
    (SELECT coalesce(sum(t.paid - u.fee - ${SHARE}), 0) FROM ${SOLD} WHERE t.collection = c.address)
      - (SELECT coalesce(sum(amount), 0) FROM chain_payouts p WHERE p.source = c.address) AS proceeds,
    ARRAY(SELECT t.id FROM chain_tokens t WHERE t.collection = c.address AND NOT EXISTS (SELECT 1 FROM chain_transfers x
      WHERE x.collection = t.collection AND x.token = t.id AND x.receiver = '${zeroAddress}') ORDER BY t.number DESC LIMIT 4) AS "previewTokens"
  FROM chain_collections c JOIN chain_models m ON m.id = c.model JOIN chain_blocks b ON b.number = c.block`;

/** Without its royalty, which no log tells. */
export type IndexedCollection = Omit<Collection, 'royaltyBps'>;

/** Newest first. A page begins where the one before it ended, whatever was deployed meanwhile. Throws `indexer/cursor`. */
export async function listCollections(
  db: Database,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<Page<IndexedCollection>> {
  const [block, index] = cursor === undefined ? [Number.MAX_SAFE_INTEGER, 0] : parseCursor(cursor, /^(\d{1,15})-(\d{1,9})$/);
  const where = 'WHERE (c.block, c.log_index) < ($1, $2) ORDER BY c.block DESC, c.log_index DESC LIMIT $3';
  const rows = await db.query<CollectionRow>(`${COLLECTION} ${where}`, [block, index, limit + 1]);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { items: rows.slice(0, limit).map(collectionOf), next: last ? `${last.block}-${last.logIndex}` : null };
}

/** Throws `indexer/not-found`. */
export async function getCollection(db: Database, address: string): Promise<IndexedCollection> {
  const [row] = await db.query<CollectionRow>(`${COLLECTION} WHERE c.address = $1`, [address.toLowerCase()]);
  return row ? collectionOf(row) : notFound(`a collection of this platform, got ${address}`);
}

function collectionOf({ sale, allowlist, createdAt, burned, block, logIndex, ...row }: CollectionRow): IndexedCollection {
  return {
    ...row,
    ...sale,
    totalSupply: row.minted - burned,
    mintCost: String(BigInt(sale.price) + BigInt(row.licenceFee)),
    allowlist: allowlist !== null,
    createdAt: createdAt.toISOString(),
  };
}

// Tokens

export interface TokenQuery {
  readonly collection?: string;
  readonly creator?: string | undefined;
  readonly owner?: string | undefined;
  /** A number in the collection, the beginning of an id or of an account. */
  readonly search?: string | undefined;
  readonly sort: 'newest' | 'oldest';
  readonly cursor?: string | undefined;
  readonly limit: number;
}

type TokenRow = Omit<Token, 'verified' | 'mintedAt'> & { readonly mintedAt: Date; readonly logIndex: number };

const TOKENS = `(
  SELECT t.collection, t.id AS "tokenId", t.number, t.creator, t.latent, t.pose, t.picture, t.image_hash AS "imageHash", b.at AS "mintedAt", t.block,
    t.log_index AS "logIndex", t.transaction, t.paid, (SELECT receiver FROM chain_transfers x WHERE x.collection = t.collection AND x.token = t.id ${LAST}) AS owner
  FROM chain_tokens t JOIN chain_blocks b ON b.number = t.block) AS t`;

/** Tokens that exist, of one collection or of all. Throws `indexer/cursor`. */
export async function listTokens(db: Database, query: TokenQuery): Promise<Page<Token> & { readonly total: number }> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = filters(query, bind).join(' AND ');
  const total = (await db.query<{ n: number }>(`SELECT count(*) AS n FROM ${TOKENS} WHERE ${where}`, values))[0]?.n ?? 0;
  const newest = query.sort === 'newest';
  const [block, index] = query.cursor === undefined ? [] : parseCursor(query.cursor, /^(\d{1,15})-(\d{1,9})$/);
  const after = block === undefined ? 'true' : `(block, "logIndex") ${newest ? '<' : '>'} (${bind(block)}, ${bind(index)})`;
  const order = newest ? 'DESC' : 'ASC';
  const sql = `SELECT * FROM ${TOKENS} WHERE ${where} AND ${after} ORDER BY block ${order}, "logIndex" ${order} LIMIT ${bind(query.limit + 1)}`;
  const rows = await db.query<TokenRow>(sql, values);
  const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
  return { items: rows.slice(0, query.limit).map(tokenOf), next: last ? `${last.block}-${last.logIndex}` : null, total };
}

function filters({ collection, creator, owner, search }: TokenQuery, bind: (value: unknown) => string): string[] {
  const found = [`owner <> '${zeroAddress}'`];
  if (collection !== undefined) found.push(`collection = ${bind(collection.toLowerCase())}`);
  if (creator !== undefined) found.push(`creator = ${bind(creator.toLowerCase())}`);
  if (owner !== undefined) {
    const account = bind(owner.toLowerCase());
    found.push(`owner = ${account} AND (collection, "tokenId") IN (SELECT collection, token FROM chain_transfers WHERE receiver = ${account})`);
  }
  if (search !== undefined && search.trim() !== '') found.push(searchFilter(search.trim().toLowerCase(), bind));
  return found;
}

function searchFilter(text: string, bind: (value: unknown) => string): string {
  const number = /^#?(\d{1,9})$/.exec(text)?.[1];
  if (number !== undefined) return `(number = ${bind(Number(number))} OR "tokenId" LIKE ${bind(`${number}%`)})`;
  if (/^\d{10,78}$/.test(text)) return `"tokenId" LIKE ${bind(`${text}%`)}`;
  if (/^0x[0-9a-f]{64}$/.test(text)) return `"tokenId" = ${bind(String(BigInt(text)))}`;
  if (/^0x[0-9a-f]{1,40}$/.test(text)) {
    const beginning = bind(`${text}%`);
    return `(creator LIKE ${beginning} OR owner LIKE ${beginning})`;
  }
  return 'false';
}

/** Also of a burned token. Throws `indexer/not-found`. */
export async function getToken(db: Database, collection: string, tokenId: string): Promise<Token> {
  const sql = `SELECT * FROM ${TOKENS} WHERE collection = $1 AND "tokenId" = $2`;
  const [row] = await db.query<TokenRow>(sql, [collection.toLowerCase(), tokenId]);
  return row ? tokenOf(row) : notFound(`a token of ${collection}, got ${tokenId}`);
}

/** The proof that the mint published, without the creator's address in front. */
export async function getProofBytes(db: Database, collection: string, tokenId: string): Promise<Hex> {
  const sql = 'SELECT proof FROM chain_tokens WHERE collection = $1 AND id = $2';
  return (await db.query<{ proof: Hex }>(sql, [collection.toLowerCase(), tokenId]))[0]?.proof ?? '0x';
}

/** Oldest first. */
export async function listTransfers(db: Database, collection: string, tokenId: string): Promise<Transfer[]> {
  const rows = await db.query<{ sender: Hex; receiver: Hex; block: number; transaction: Hex; at: Date }>(
    `SELECT x.sender, x.receiver, x.block, x.transaction, b.at FROM chain_transfers x JOIN chain_blocks b ON b.number = x.block
     WHERE x.collection = $1 AND x.token = $2 ORDER BY x.block, x.log_index`,
    [collection.toLowerCase(), tokenId],
  );
  return rows.map(({ sender: from, receiver: to, block, transaction, at }) => ({
    ...{ from, to, block, transaction, at: at.toISOString() },
    kind: from === zeroAddress ? 'mint' : to === zeroAddress ? 'burn' : 'transfer',
  }));
}

function tokenOf({ logIndex, mintedAt, ...row }: TokenRow): Token {
  return { ...row, mintedAt: mintedAt.toISOString(), verified: true };
}

// Accounts

/** Wei that the registry owes to an account: fees of its models, for the protocol its shares, less what was paid out. */
export async function owedTo(db: Database, account: string): Promise<string> {
  const [row] = await db.query<{ owed: string }>(
    `SELECT (SELECT coalesce(sum(u.fee), 0) FROM chain_uses u JOIN chain_models m ON m.id = u.model WHERE m.owner = $1)
       + CASE WHEN (SELECT protocol FROM chain_identity) = $1 THEN (SELECT coalesce(sum(${SHARE}), 0) FROM ${SOLD}) ELSE 0 END
       - (SELECT coalesce(sum(amount), 0) FROM chain_payouts WHERE account = $1 AND source = (SELECT registry FROM chain_identity)) AS owed`,
    [account.toLowerCase()],
  );
  return row?.owed ?? '0';
}

/** Seconds; `CLAIM_LIFETIME` of Claims.sol. */
const CLAIM_LIFETIME = 86_400;

interface ClaimRow extends Pick<Claim, 'collection' | 'claimer' | 'commitment'> {
  readonly at: Date;
  readonly delay: number;
}

const CLAIM = `SELECT k.collection, k.claimer, k.commitment, b.at, c.claim_delay AS delay FROM chain_claims k
  JOIN chain_blocks b ON b.number = k.block JOIN chain_collections c ON c.address = k.collection`;

/** Claims that were neither used nor have expired, newest first. A use is seen when the creator called the collection directly. */
export async function listClaims(db: Database, account: string): Promise<Claim[]> {
  const rows = await db.query<ClaimRow>(
    `${CLAIM} WHERE k.claimer = $1 AND b.at + make_interval(secs => ${CLAIM_LIFETIME}) >= (SELECT max(at) FROM chain_blocks)
       AND NOT EXISTS (SELECT 1 FROM chain_tokens t WHERE t.collection = k.collection AND t.creator = k.claimer AND t.commitment = k.commitment)
     ORDER BY k.block DESC, k.log_index DESC`,
    [account.toLowerCase()],
  );
  return rows.map(claimOf);
}

/** The claim that a log made; undefined when it is gone. */
export async function getClaim(db: Database, block: number, logIndex: number): Promise<Claim | undefined> {
  const [row] = await db.query<ClaimRow>(`${CLAIM} WHERE k.block = $1 AND k.log_index = $2`, [block, logIndex]);
  return row && claimOf(row);
}

function claimOf({ at, delay, ...row }: ClaimRow): Claim {
  const after = (seconds: number) => new Date(at.getTime() + 1000 * seconds).toISOString();
  return { ...row, claimedAt: after(0), mintableFrom: after(delay), expiresAt: after(CLAIM_LIFETIME) };
}

function parseCursor(cursor: string, form: RegExp): number[] {
  const match = form.exec(cursor);
  if (match) return match.slice(1).map(Number);
  throw new BaseError({ code: 'indexer/cursor', message: `Expected a cursor that a page gave as next, got ${JSON.stringify(cursor.slice(0, 60))}.` });
}

function notFound(expected: string): never {
  throw new BaseError({ code: 'indexer/not-found', message: `Expected ${expected}.` });
}
