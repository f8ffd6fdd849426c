/** The proof: what it says in words, what it was checked with, and the same check again, on chain and in this browser. */

import { instancesOf, statementOf } from '@pentimento/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useConfig as useWagmiConfig } from 'wagmi';
import type { PictureForm } from '../../picture/pixels.ts';
import { modelOf, useModels } from '../../services/catalogue.ts';
import { useConfig } from '../../services/context.ts';
import { type Collection, listRegisteredModels, type Token } from '../../services/indexer.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Notice } from '../../ui/notice.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { verifyInBrowser } from '../../worker/verifier.ts';
import { verifyOnChain } from '../mint/minting.ts';
import { findCircuit, type UsedCircuit } from './circuit.ts';
import { bundleOf } from './token-bundle.ts';

interface ProofPanelProps {
  readonly token: Token;
  readonly collection: Collection;
  readonly form: PictureForm | undefined;
}

export function ProofPanel({ token, collection, form }: ProofPanelProps): ReactNode {
  const { proofServer } = useConfig();
  const models = useModels();
  const model = modelOf(models.data, collection.modelCommitment);
  const registered = useQuery({ queryKey: ['registry'], queryFn: ({ signal }) => listRegisteredModels(proofServer, signal) });
  const record = registered.data?.find(({ modelId }) => modelId === collection.modelId);
  const circuit = useQuery({
    queryKey: ['circuit', collection.modelCommitment, record?.vkCodeHash],
    queryFn: () => findCircuit(proofServer, collection.modelCommitment, record?.vkCodeHash ?? ''),
    enabled: record !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const name = model?.name ?? record?.name ?? 'the model';
  return (
    <section aria-labelledby="proof" className="grid gap-6 border-t-4 border-ink pt-6">
      <h2 id="proof">Proof</h2>
      <p className="max-w-[65ch] text-lg">
        This picture is exactly what the network {name} paints from a latent that is public, in the pose above. The proof was made for its creator,
        this collection and this chain, and the collection's contract checked it before the token existed.
      </p>
      {circuit.data?.insecure && <DevelopmentSrs name={circuit.data.srs} />}
      <div className="grid gap-8 lg:grid-cols-2">
        <Facts
          facts={[
            ['Model commitment', <Hash key="m" value={collection.modelCommitment} />],
            ['Verifier code hash', <Hash key="v" value={record?.verifierCodeHash} />],
            ['Key code hash', <Hash key="k" value={record?.vkCodeHash} />],
            ['Setup (SRS)', circuit.data?.srs ?? (circuit.error ? 'not known here' : '…')],
            ['Proof', token.proof === null ? '…' : `${token.proof.length / 2 - 1} bytes`],
            ['Public values', <InstanceCount key="i" token={token} collection={collection} form={form} />],
          ]}
        />
        <Again token={token} collection={collection} form={form} model={name} circuit={circuit.data} />
      </div>
    </section>
  );
}

function Hash({ value }: { readonly value: string | undefined }): ReactNode {
  return <span className="hash">{value ?? '…'}</span>;
}

function DevelopmentSrs({ name }: { readonly name: string }): ReactNode {
  return (
    <Notice tone="warning" title="This proof proves nothing to a stranger">
      It was made with the development setup “{name}”, whose secret is known. Anyone can forge such a proof. It is good for trying things out, never
      for anything of value.
    </Notice>
  );
}

function InstanceCount({ token, collection, form }: ProofPanelProps): ReactNode {
  const config = useConfig();
  if (form === undefined || token.picture === null || token.proof === null) return '…';
  const bundle = bundleOf({
    ...{ token, collection, kind: form.kind, chainId: config.chain.id, model: '', objective: 'fast', srs: '' },
  });
  return `${instancesOf(statementOf(bundle)).length} field elements`;
}

interface AgainProps extends ProofPanelProps {
  readonly model: string;
  readonly circuit: UsedCircuit | undefined;
}

function Again({ token, collection, form, model, circuit }: AgainProps): ReactNode {
  const config = useConfig();
  const wagmi = useWagmiConfig();
  const bundle = () => {
    if (form === undefined) throw new Error('The chain has not told yet how this picture is read; try again in a moment.');
    return bundleOf({
      token,
      collection,
      kind: form.kind,
      chainId: config.chain.id,
      model,
      objective: circuit?.objective ?? 'fast',
      srs: circuit?.srs ?? '',
    });
  };
  const onChain = useMutation({ mutationFn: async () => verifyOnChain(wagmi, bundle()) });
  const here = useMutation({ mutationFn: async () => verifyInBrowser(config, bundle(), model) });
  const command = `npm run -s pentimento -- verify --model ${model} --chain ${config.chain.rpcUrl} --token ${collection.address}/${token.tokenId}`;
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
          disabled={form === undefined || circuit === undefined || token.picture === null}
          onClick={() => saveFile(new Blob([JSON.stringify(bundle(), null, 2)], { type: 'application/json' }), `token-${token.number}.json`)}
        >
          Download proof
        </Button>
      </div>
      {onChain.data !== undefined && <Verdict valid={onChain.data} where="the contract, on chain" />}
      {onChain.error && <Failure error={onChain.error} title="Not verified on chain" onRetry={() => onChain.mutate()} />}
      {here.data !== undefined && <Verdict valid={here.data.valid} where={`this browser, in ${Math.round(here.data.verifyMs)} ms`} />}
      {here.error && <Failure error={here.error} title="Not verified here" onRetry={() => here.mutate()} />}
      <div className="grid gap-1">
        <p className="text-sm text-soft">The same at home, in a terminal</p>
        <pre className="hash overflow-x-auto whitespace-pre-wrap bg-surface p-3">{command}</pre>
        <div>
          <CopyButton what="command" text={command} />
        </div>
      </div>
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
