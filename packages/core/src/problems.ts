/**
 * The one table of error codes `subject/what`: for each a plain sentence that holds whenever it is met, the HTTP status with which a service
 * answers it, and how a command ends with it. The error itself says in its message what was expected and found this time. What contracts
 * revert with reaches programs as `chain/refused`; the sentences of those errors are in contracts/errors.ts, beside their ABI.
 */

/** How a command ends: no, unusable input, an environment that is not as it should be, a defect of the program, cancelled. */
export type Ending = 'negative' | 'input' | 'environment' | 'internal' | 'cancelled';

export interface Problem {
  readonly sentence: string;
  /** HTTP status. */
  readonly status: number;
  readonly ending: Ending;
}

type Row = string | readonly [sentence: string, status: number, ending?: Ending];

interface Subject {
  readonly status: number;
  readonly ending: Ending;
  readonly codes: Readonly<Record<string, Row>>;
}

const subject = (status: number, ending: Ending, codes: Subject['codes']): Subject => ({ status, ending, codes });

const SUBJECTS: Readonly<Record<string, Subject>> = {
  // What people and programs hand in
  request: subject(400, 'internal', {
    'not-found': ['There is nothing at this address.', 404],
    method: ['This address does not take this method.', 405],
    'too-large': ['The request is larger than this address takes.', 413],
    'media-type': ['The request is not of a type that this address takes.', 415],
    timeout: ['The request did not arrive in time.', 408],
    'headers-too-large': ['The headers of the request are larger than a server takes.', 431],
    invalid: 'The request is not of the documented form.',
    malformed: 'The request cannot be read.',
  }),
  rate: subject(429, 'environment', {
    exceeded: 'Too many requests came from one address; wait a little.',
    streams: ['Too many streams of events are open; try again later.', 503],
  }),
  idempotency: subject(422, 'input', { 'other-request': 'This key was used before, with another request.' }),
  bytes: subject(422, 'input', { 'not-hex': 'This is not a text of hexadecimal bytes.' }),
  statement: subject(422, 'input', {
    'latent-out-of-range': 'A latent value is outside of 0..127.',
    'index-out-of-range': 'A palette index is outside of 0..15.',
    'image-out-of-range': 'A channel value is outside of 0..127.',
    'pose-out-of-range': 'The pose is outside of 0..125.',
  }),
  bundle: subject(422, 'input', {
    malformed: 'The file is not a whole proof bundle.',
    version: 'The file is not a proof bundle of a version that is known here.',
    'not-found': 'There is no such bundle.',
    'other-model': 'The proof is one of another model.',
    'other-creator': 'The proof was made for another account.',
  }),
  image: subject(422, 'input', {
    'not-an-image': 'This is no picture that is known here.',
    format: ['Only JPEG, PNG and WebP pictures are taken.', 415],
    'not-found': 'There is no such picture.',
    damaged: 'The picture is damaged or cut off.',
    animated: 'Only still pictures are taken.',
    'too-small': 'The picture is too small.',
    'too-large': ['The picture is too large.', 413],
    'too-slow': 'The picture takes too long to decode.',
    'too-big': 'The picture takes too much memory to decode.',
    unreadable: 'The picture cannot be read.',
  }),
  photo: subject(422, 'input', {
    'not-an-image': 'This browser cannot open the picture.',
    'too-large': 'The picture is too large.',
    'no-camera': 'The camera cannot be used.',
  }),
  style: subject(500, 'input', {
    'unknown-dial': ['The model has no such dial.', 422],
    'bad-seed': ['The seed is not one that can be used.', 422],
    'bad-variations': ['The number of variations is not one that can be used.', 422],
    'not-found': ['The model has no style package, so it cannot style a photo.', 422],
    'bad-photo': 'The photo is not of the form that a styler takes.',
    'bad-manifest': 'The style package is not whole.',
    'bad-graph': 'A graph of the style package does not work.',
    'other-model': 'The style package is one of another model.',
    'wrong-digest': 'A file of the style package is not the one that was made.',
    released: 'The styler has ended.',
  }),

  // Models and circuits
  model: subject(422, 'input', {
    'not-found': ['There is no such model here.', 404],
    'latent-length': 'The latent is not as long as the latents of this model.',
    'latent-out-of-range': 'A latent value is outside of 0..127.',
    malformed: 'The model is not of the documented form.',
    'unsupported-version': 'The model is of a version that is not known here.',
    'unknown-op': 'The model has a layer that is not known here.',
    'unknown-input': 'A layer of the model reads from a layer that is not there.',
    'shape-mismatch': 'The shapes of the model do not fit each other.',
    'missing-tensor': 'A tensor of the model is missing.',
    'unexpected-tensor': 'The model has a tensor that no layer uses.',
    'wrong-dtype': 'A tensor of the model has another type than it must have.',
    'bad-safetensors': 'The weights are not a whole safetensors file.',
    'weights-out-of-range': 'A weight of the model is out of range.',
    'accumulator-overflow': 'A sum in the model could grow beyond 32 bits.',
    'wrong-hash': 'The weights are not those that the manifest names.',
    'wrong-commitment': 'The model is not the one that its commitment names.',
    encoder: ['The encoder of the model does not work.', 500],
  }),
  circuit: subject(422, 'input', {
    'no-equality': 'A column is copied that was not enabled for it.',
    'other-key': 'The key belongs to no circuit of this model.',
    overflow: 'A value does not fit into the field.',
    shift: 'A shift is out of range.',
    'too-large': 'The circuit is larger than can be proven.',
    'unsupported-layer': 'A layer has no circuit.',
  }),
  float: subject(422, 'input', {
    'accumulator-overflow': 'A sum could grow beyond its accumulator.',
    'input-count': 'The number of inputs is not that of the decoder.',
    'not-binary32': 'A number is no binary32.',
    'not-finite': 'A number is not finite.',
    overflow: 'A result is too large for its format.',
    'unsupported-layer': 'A layer has no circuit in this arithmetic.',
  }),
  engine: subject(500, 'environment', {
    'ir-invalid': 'The circuit cannot be read.',
    'ir-degree': 'The circuit says another degree than it has.',
    'fixed-invalid': 'The fixed columns do not belong to the circuit.',
    'witness-invalid': 'The witness is not of the form that the circuit takes.',
    'witness-rejected': 'The witness does not satisfy the circuit.',
    'instance-length': 'The public values are not as many as the circuit has.',
    'zero-denominator': 'A fraction of the witness has the denominator zero.',
    'identity-point': 'A commitment is the identity, which no proof may hold.',
    'not-canonical': 'A number is not a field element in its usual form.',
    'srs-missing': ['There is no such trusted setup.', 500, 'input'],
    'srs-corrupted': ['The file is not a whole trusted setup.', 500, 'input'],
    'srs-mismatch': ['The trusted setup is another one than is needed.', 500, 'input'],
    'keys-missing': 'There are no such keys.',
    'keys-corrupted': 'The keys are not those that were written; delete them, and they are made again.',
    'vk-invalid': 'The verifying key cannot be read.',
    io: 'A file cannot be read or written.',
    closed: 'The prover has been closed.',
    'not-built': 'The engine is not built; run npm run setup.',
    'not-loadable': 'The engine cannot be loaded on this machine; build it again.',
    'callback-failed': 'The progress of a proof could not be reported.',
    internal: 'Something failed in the engine.',
    cancelled: ['The proof was cancelled.', 500, 'cancelled'],
  }),
  verifier: subject(500, 'environment', {
    'anvil-not-ready': 'The local chain did not start.',
    'port-busy': 'Another program listens on the port.',
    'degree-too-small': 'The verifying key has a smaller degree than its circuit.',
    'ir-malformed': 'The circuit is not of the documented form.',
    mismatch: 'Two verifiers do not agree.',
    'proof-refused': 'The proof was refused.',
    'solidity-error': 'A contract does not compile.',
    'too-many-instances': 'The circuit has more columns of public values than a verifier takes.',
    'vk-domain': 'The domain of the verifying key is not that of its circuit.',
    'vk-malformed': 'The verifying key is not of the documented form.',
    'vk-point': 'A point of the verifying key is not on its curve.',
    'vk-too-large': 'The verifying key is larger than the code of a contract can be.',
    'zero-fixed-column': 'A fixed column is zero, and is queried.',
  }),

  // Services
  config: subject(500, 'input', { invalid: 'A setting cannot be used.' }),
  server: subject(500, 'environment', { port: 'The server cannot listen on its port.' }),
  preview: subject(503, 'environment', {
    busy: 'Too many photos wait already; try again in a moment.',
    'decoder-lost': 'The process that decodes photos ended; try again.',
  }),
  uses: subject(500, 'environment', { unreadable: 'The count of uses cannot be read.' }),
  v2: subject(503, 'environment', {
    'not-found': 'There is no such model or version.',
    'none-loaded': 'No model is loaded.',
    broken: 'A model does not compute what its reference computes, so it is not served.',
    failed: 'The model could not be run.',
    busy: 'Too many requests wait for this model already; try again in a moment.',
    forbidden: 'A page in a browser may not load or unload models.',
    invalid: 'The request does not fit the model.',
  }),
  proof: subject(409, 'environment', {
    'not-found': ['There is no such proof.', 404, 'input'],
    finished: 'The proof has ended already.',
    'not-ready': 'The proof has not ended yet.',
    'too-large': ['The proof needs more memory than this machine has.', 422],
    'not-verified': ['The proof that was made does not verify, so it was not published.', 500],
  }),
  prover: subject(500, 'environment', {
    cancelled: ['The proof was cancelled.', 500, 'cancelled'],
    died: 'The process that makes the proof ended before it was done.',
    failed: 'The process that makes the proof could not make it.',
  }),
  queue: subject(503, 'environment', {
    busy: 'The proof is handled by another server at this moment.',
    full: 'Too many proofs wait already; try again later.',
    'handed-back': 'The proof went back to the queue.',
    refused: 'The queue did not take the proof.',
    stopping: 'The server is stopping; try again in a moment.',
  }),
  artifact: subject(500, 'environment', {
    damaged: 'The stored proof is not what was written; ask for it again.',
    'not-written': 'The proof could not be stored.',
  }),
  database: subject(503, 'environment', {
    locked: 'Another server uses this data folder.',
    newer: 'The database was made by a newer version of the program.',
    unreachable: 'The database does not answer.',
    unreadable: 'The database cannot be read.',
  }),
  context: subject(422, 'input', {
    address: 'This is no address of an account or of a contract.',
    'chain-id': 'The request is for another chain than this server works with.',
    'unknown-collection': 'There is no such collection on this chain.',
    'other-model': 'The collection belongs to another model.',
  }),
  indexer: subject(503, 'environment', {
    'not-found': ['The chain has no such collection, token or account.', 404, 'input'],
    cursor: ['The cursor is none that was handed out here.', 400, 'input'],
    inconsistent: 'The chain gave answers that do not fit each other; they are asked again.',
    moved: 'The chain changed while it was read; it is read again.',
  }),
  internal: subject(500, 'internal', { error: 'Something failed that should not fail; it is in the log.' }),

  // Chain
  chain: subject(503, 'environment', {
    unreachable: 'The chain does not answer; what was done is kept.',
    'not-indexed': 'The chain has not been read yet; try again in a moment.',
    refused: ['The contract refused.', 503, 'negative'],
    failed: 'The node could not do what it was asked.',
    key: ['There is no key to sign with.', 503, 'input'],
    'address-book': 'The address book of this chain cannot be read.',
    'insecure-srs': 'The development setup proves nothing to strangers, so it is refused on a public chain.',
    'no-deployer': 'The chain has no deterministic deployment proxy.',
    'not-deployed': 'Nothing has been deployed on this chain yet.',
    replaced: 'The contract on chain is another one than was deployed.',
  }),

  // Programs
  cli: subject(500, 'environment', {
    usage: ['The command line cannot be used.', 500, 'input'],
    refused: ['The answer is no.', 500, 'negative'],
    cancelled: ['The command was cancelled.', 500, 'cancelled'],
    'build-failed': 'The pages could not be built.',
    defect: ['Something failed that should not fail.', 500, 'internal'],
    'image-differs': 'The image on chain is another one than the reference paints.',
    'no-python': 'The training environment is not set up; run npm run setup -- --python.',
    'port-busy': 'Another program listens on the port.',
    'prover-failed': 'The proof server could not make the proof.',
    'service-ended': 'A part of the platform ended by itself.',
    'service-failed': 'A part of the platform did not start.',
  }),
  service: subject(503, 'environment', {
    unreachable: 'The service cannot be reached; what was done is kept.',
    'unexpected-answer': 'The service gave an answer that cannot be used.',
    'model-file': 'A file of the model is not the one that was promised.',
  }),
  worker: subject(500, 'internal', {
    failed: 'A part of the page that computes stopped; load the page again.',
    'no-model': 'No model is open.',
  }),
  web: subject(500, 'environment', {
    port: ['The port is none that can be used.', 500, 'input'],
    'not-built': 'The pages are not built.',
  }),
};

/** The row of a code; undefined for one that is not in the table. */
export function problemFor(code: string): Problem | undefined {
  const [name = '', what = ''] = code.split('/');
  const found = Object.hasOwn(SUBJECTS, name) ? SUBJECTS[name] : undefined;
  const row = found && Object.hasOwn(found.codes, what) ? found.codes[what] : undefined;
  if (!found || row === undefined) return undefined;
  const [sentence, status = found.status, ending = found.ending] = typeof row === 'string' ? [row] : row;
  return { sentence, status, ending };
}

/** Every code of the table. */
export function problemCodes(): string[] {
  return Object.entries(SUBJECTS).flatMap(([name, { codes }]) => Object.keys(codes).map((what) => `${name}/${what}`));
}
