/** Web Worker: verifies proofs with the verifier in TypeScript, and tells the setup that they rest on. */
import type { VerifierRequest } from './messages.ts';
import { serve } from './serve.ts';
import { setupPinned, verifyPinned } from './verify-pinned.ts';

serve<VerifierRequest>(async (request) => (request.kind === 'setup' ? setupPinned(request) : verifyPinned(request.bundle, request)));
