/** The proof: what it says in words, what it was checked with, and the same check again, on chain and in this browser. */

import type { Setup } from '@pentimento/circuit';
import { CONTEXT_WORDS, WORD_BYTES } from '@pentimento/core';
import { skipToken, useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useConfig as useWagmiConfig } from 'wagmi';
import { modelOf, useModels } from '../../services/catalogue.ts';
import { label } from '../../services/check.ts';
import { useConfig } from '../../services/context.ts';
import type { Token } from '../../services/indexer.ts';
import type { PinnedModel } from '../../services/pinned-model.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Notice } from '../../ui/notice.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { sentenceOf } from '../../wallet/sentences.ts';
import { findCircuit, type UsedCircuit, verifyInBrowser } from '../../worker/verifier.ts';
import { verifyOnChain } from '../mint/minting.ts';
import { assertMinted, bundleOf } from './token-bundle.ts';

interface ProofPanelProps {
  readonly token: Token;
  readonly pinned: PinnedModel | undefined;
}

export function ProofPanel({ token, pinned }: ProofPanelProps): ReactNode {
  const { proofServer } = useConfig();
  const models = useModels();
  const model = modelOf(models.data, pinned?.commitment);
  const circuit = useQuery({
    queryKey: ['circuit', pinned?.vkCodeHash],
    queryFn: pinned === undefined ? skipToken : () => findCircuit(proofServer, pinned),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <section aria-labelledby="proof" className="grid gap-6 border-t-4 border-ink pt-6">
      <h2 id="proof">Proof</h2>
      <p className="max-w-[65ch] text-lg">
        This picture is exactly what the network {model?.name ?? 'of this collection'} paints from a latent that is public, in the pose above. The
        proof was made for its creator, this collection and this chain, and the collection's contract checked it before the token existed.
      </p>
      {circuit.data?.setup.insecure && <InsecureSetup name={nameOf(circuit.data.setup)} />}
      {circuit.error && <UnknownSetup error={circuit.error} onRetry={() => void circuit.refetch()} />}
      <div className="grid items-start gap-8 lg:grid-cols-2">
        <Facts
          facts={[
            ['Model commitment', <Hash key="m" value={pinned?.commitment} />],
            ['Verifier code hash', <Hash key="v" value={pinned?.verifierCodeHash} />],
            ['Key code hash', <Hash key="k" value={pinned?.vkCodeHash} />],
            ['Setup (SRS)', circuit.data ? setupInWords(circuit.data.setup) : circuit.error ? 'not known here' : '…'],
            ['Proof', token.proof === null ? '…' : `${token.proof.length / 2 - 1} bytes`],
            ['Public values', pinned === undefined ? '…' : `${valueCount(pinned)} field elements`],
          ]}
        />
        <Again token={token} pinned={pinned} model={model?.name} circuit={circuit.data} />
      </div>
    </section>
  );
}

function Hash({ value }: { readonly value: string | undefined }): ReactNode {
  return <span className="hash">{value ?? '…'}</span>;
}

function InsecureSetup({ name }: { readonly name: string }): ReactNode {
  return (
    <Notice tone="warning" title="This proof proves nothing to a stranger">
      It was made with the setup “{name}”, which is no known ceremony's: whoever knows its secret can forge such a proof, and nothing says that nobody
      does. It is good for trying things out, never for anything of value.
    </Notice>
  );
}

/** A server that withholds the key must not thereby withhold the warning. */
function UnknownSetup({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): ReactNode {
  return (
    <Notice tone="warning" title="Setup not known" actions={<Button onClick={onRetry}>Try again</Button>}>
      What this proof is worth depends on the trusted setup of its key. {sentenceOf(error)} Until it is known, take the proof for one that can be
      forged.
    </Notice>
  );
}

/** A setup that is no known ceremony's has the name that the key's sender gave it. */
const nameOf = ({ name }: Setup): string => label(40)(name, 'the key');

const setupInWords = (setup: Setup): string => (setup.insecure ? `“${nameOf(setup)}”, no known ceremony` : nameOf(setup));

/** Words of latent and picture, and of the context (book/formats.md, section 5). */
function valueCount({ latentLength, form: { kind, width, height } }: PinnedModel): number {
  const pictureBytes = kind === 'rgb' ? 3 * width * height : (width * height) / 2;
  return Math.ceil(latentLength / WORD_BYTES) + Math.ceil(pictureBytes / WORD_BYTES) + CONTEXT_WORDS;
}

interface AgainProps extends ProofPanelProps {
  /** Its name, where a model server here has it. */
  readonly model: string | undefined;
  readonly circuit: UsedCircuit | undefined;
}

function Again({ token, pinned, model, circuit }: AgainProps): ReactNode {
  const { chain, proofServer } = useConfig();
  const wagmi = useWagmiConfig();
  const parts = () => {
    if (pinned === undefined) throw new Error('The chain has not told yet what this collection pins; try again in a moment.');
    const named = { model: model ?? '', objective: circuit?.objective ?? 'fast', srs: circuit?.setup.name ?? '' };
    return { pinned, bundle: bundleOf({ token, pinned, chainId: chain.id, ...named }) };
  };
  const minted = async () => {
    await assertMinted(wagmi, token);
    return parts();
  };
  const onChain = useMutation({ mutationFn: async () => verifyOnChain(wagmi, (await minted()).bundle) });
  const here = useMutation({
    mutationFn: async () => {
      const { bundle, pinned: key } = await minted();
      return verifyInBrowser(proofServer, bundle, key);
    },
  });
  const which = model ?? '<its folder>';
  const command = [
    'npm run -s pentimento -- verify',
    `--model ${which}`,
    `--chain ${chain.rpcUrl}`,
    `--token ${token.collection}/${token.tokenId}`,
  ].join(' \\\n  ');
  return (
    <div className="grid content-start gap-5">
      <div className="flex flex-wrap gap-2">
        <Button weight="primary" disabled={onChain.isPending} onClick={() => onChain.mutate()}>
          {onChain.isPending ? 'Asking the contract…' : 'Verify on chain'}
        </Button>
        <Button disabled={here.isPending} onClick={() => here.mutate()}>
          {here.isPending ? 'Verifying…' : 'Verify in this browser'}
        </Button>
        <Button
          disabled={pinned === undefined || circuit === undefined || token.picture === null || token.proof === null}
          onClick={() => saveFile(new Blob([JSON.stringify(parts().bundle, null, 2)], { type: 'application/json' }), `token-${token.number}.json`)}
        >
          Download proof
        </Button>
      </div>
      {onChain.data !== undefined && <Verdict valid={onChain.data} where="the contract, on chain" />}
      {onChain.error && <Failure error={onChain.error} title="Not verified on chain" onRetry={() => onChain.mutate()} />}
      {here.data !== undefined && <Verdict valid={here.data.valid} where={`this browser, in ${Math.round(here.data.verifyMs)} ms`} />}
      {here.error && <Failure error={here.error} title="Not verified here" onRetry={() => here.mutate()} />}
      <section aria-labelledby="at-home" className="grid gap-1">
        <h3 id="at-home">The same at home</h3>
        <p className="max-w-[65ch] text-sm text-soft">
          Contract and browser check the proof with the key that the collection names. This command asks nobody for a key: it makes the key again from
          the model's weights, and so shows that it is this model's.
        </p>
        <pre className="hash overflow-x-auto whitespace-pre-wrap bg-surface p-3">{command}</pre>
        <div>
          <CopyButton what="command" text={command} />
        </div>
      </section>
    </div>
  );
}

function Verdict({ valid, where }: { readonly valid: boolean; readonly where: string }): ReactNode {
  return (
    <Notice tone={valid ? 'good' : 'failure'} title={valid ? 'Valid' : 'Not valid'}>
      {valid ? `The proof holds, says ${where}.` : `The proof does not hold, says ${where}.`}
    </Notice>
  );
}
