/**
 * Tables of the indexer (book/indexer.md). Every row but those of `chain_identity` and `chain_blocks` is a fact that one log stated, with the
 * block of that log; what holds now is asked of the facts. So a reorganisation of any depth is undone, exactly, by deleting blocks.
 * Amounts are wei, bytes are 0x hexadecimal, token ids decimal text.
 */

/** A fact's place, and the rule that it goes with its block. */
const PLACE = 'block bigint NOT NULL REFERENCES chain_blocks (number) ON DELETE CASCADE, log_index integer NOT NULL, PRIMARY KEY (block, log_index)';

export const INDEXER_SCHEMA: readonly string[] = [
  `CREATE TABLE chain_identity (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     chain_id text NOT NULL,
     factory text NOT NULL,
     registry text NOT NULL,
     protocol text NOT NULL,
     protocol_bps integer NOT NULL
   );
   CREATE TABLE chain_blocks (
     number bigint PRIMARY KEY,
     hash text NOT NULL,
     at timestamptz NOT NULL,
     busy boolean NOT NULL DEFAULT false
   );
   CREATE TABLE chain_models (
     id text NOT NULL UNIQUE,
     owner text NOT NULL,
     commitment text NOT NULL,
     verifier text NOT NULL,
     verifier_code_hash text NOT NULL,
     vk text NOT NULL,
     vk_code_hash text NOT NULL,
     licence_fee numeric NOT NULL,
     latent_length integer NOT NULL,
     kind text NOT NULL,
     width integer NOT NULL,
     height integer NOT NULL,
     card_uri text NOT NULL,
     ${PLACE}
   );
   CREATE TABLE chain_collections (
     address text NOT NULL UNIQUE,
     model text NOT NULL,
     name text NOT NULL,
     symbol text NOT NULL,
     image_mode text NOT NULL,
     max_supply integer NOT NULL,
     claim_delay integer NOT NULL,
     ${PLACE}
   );
   CREATE TABLE chain_settings (
     collection text NOT NULL,
     name text NOT NULL CHECK (name IN ('owner', 'sale', 'allowlist', 'paused')),
     value jsonb NOT NULL,
     ${PLACE}
   );
   CREATE INDEX chain_settings_last ON chain_settings (collection, name, block DESC, log_index DESC);
   CREATE TABLE chain_tokens (
     collection text NOT NULL,
     id text NOT NULL,
     number integer NOT NULL,
     creator text NOT NULL,
     latent text NOT NULL,
     pose integer NOT NULL,
     picture text,
     image_hash text NOT NULL,
     paid numeric NOT NULL,
     proof text NOT NULL,
     commitment text,
     transaction text NOT NULL,
     UNIQUE (collection, id),
     UNIQUE (collection, number),
     ${PLACE}
   );
   CREATE INDEX chain_tokens_creator ON chain_tokens (creator);
   CREATE INDEX chain_tokens_commitment ON chain_tokens (commitment);
   CREATE TABLE chain_transfers (
     collection text NOT NULL,
     token text NOT NULL,
     sender text NOT NULL,
     receiver text NOT NULL,
     transaction text NOT NULL,
     ${PLACE}
   );
   CREATE INDEX chain_transfers_last ON chain_transfers (collection, token, block DESC, log_index DESC);
   CREATE INDEX chain_transfers_receiver ON chain_transfers (receiver);
   CREATE TABLE chain_claims (collection text NOT NULL, claimer text NOT NULL, commitment text NOT NULL, ${PLACE});
   CREATE INDEX chain_claims_claimer ON chain_claims (claimer);
   CREATE TABLE chain_uses (model text NOT NULL, collection text NOT NULL, token text NOT NULL, fee numeric NOT NULL, ${PLACE});
   CREATE INDEX chain_uses_model ON chain_uses (model);
   CREATE INDEX chain_uses_token ON chain_uses (collection, token);
   CREATE TABLE chain_payouts (source text NOT NULL, account text NOT NULL, amount numeric NOT NULL, ${PLACE});
   CREATE INDEX chain_payouts_account ON chain_payouts (account)`,
];

/** Every table whose rows go with their block. */
export const FACT_TABLES = [
  'chain_models',
  'chain_collections',
  'chain_settings',
  'chain_tokens',
  'chain_transfers',
  'chain_claims',
  'chain_uses',
  'chain_payouts',
] as const;
