/** Tables of the proof service (book/proof-service.md). */
export const PROOFS_SCHEMA: readonly string[] = [
  `CREATE TABLE proofs (
     id text PRIMARY KEY,
     statement text NOT NULL,
     status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
     model_name text NOT NULL,
     model_commitment text NOT NULL,
     objective text NOT NULL,
     latent text NOT NULL,
     pose integer NOT NULL,
     chain_id text NOT NULL,
     collection text NOT NULL,
     creator text NOT NULL,
     lease text,
     attempts integer NOT NULL DEFAULT 0,
     crashes integer NOT NULL DEFAULT 0,
     version integer NOT NULL DEFAULT 1,
     phase text,
     progress double precision NOT NULL DEFAULT 0,
     eta_ms integer,
     prove_ms integer,
     error jsonb,
     bundle text,
     ordinal bigint GENERATED ALWAYS AS IDENTITY,
     created_at timestamptz NOT NULL DEFAULT now(),
     started_at timestamptz,
     finished_at timestamptz
   );
   CREATE UNIQUE INDEX proofs_shared ON proofs (statement) WHERE status IN ('queued', 'running', 'succeeded');
   CREATE INDEX proofs_waiting ON proofs (ordinal) WHERE status IN ('queued', 'running');
   CREATE INDEX proofs_times ON proofs (model_commitment, objective, finished_at) WHERE prove_ms IS NOT NULL;
   CREATE TABLE proof_events (
     proof text NOT NULL REFERENCES proofs (id),
     version integer NOT NULL,
     state jsonb NOT NULL,
     at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (proof, version)
   );
   CREATE TABLE idempotency_keys (
     key text PRIMARY KEY,
     request text NOT NULL,
     proof text NOT NULL REFERENCES proofs (id),
     at timestamptz NOT NULL DEFAULT now()
   );
   CREATE TABLE artifacts (
     sha256 text PRIMARY KEY,
     bytes integer NOT NULL,
     at timestamptz NOT NULL DEFAULT now()
   )`,
];
