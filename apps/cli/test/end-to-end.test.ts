/** A photo becomes a minted token on a real local chain, with a real proof of the committed model; then every byte is tampered with. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Connection,
  claim,
  connect,
  type Deployment,
  deploy,
  deployModel,
  mint,
  readBook,
  showToken,
  verifyGas,
  verifyOnChain,
} from '@pentimento/chain';
import { pentimentoCollectionAbi } from '@pentimento/contracts/abi';
import {
  applyPose,
  type Bundle,
  bytesToHex,
  concatBytes,
  encodePrompt,
  type Hex,
  hexToBytes,
  instancesOf,
  mintArguments,
  packIndex,
  type Statement,
  statementOf,
} from '@pentimento/core';
import { modelFolder, PROJECT } from '@pentimento/core/node';
import { verifyNative } from '@pentimento/engine';
import { type Model, runDecoder } from '@pentimento/layers';
import { loadModel } from '@pentimento/layers/node';
import { encodePng } from '@pentimento/pictures';
import { openKit, type ProvingKit, proveLatent } from '@pentimento/prover';
import { type Prepared, prepare, verifyProof } from '@pentimento/verifier';
import { generateVerifier } from '@pentimento/verifier/solidity';
import { type Anvil, startAnvil } from '@pentimento/verifier/testing';
import sharp from 'sharp';
import { keccak256 } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecord } from '../../../bench/record.ts';
import { readBundle } from '../src/bundle.ts';
import { createOutput } from '../src/output.ts';
import { type Styled, stylePhoto } from '../src/styling.ts';
import { pentimento } from './run.ts';

const output = { ...createOutput(true), progress: () => undefined };
const flip = (bytes: Uint8Array, i: number, bit = 1) => bytes.map((b, j) => (j === i ? b ^ bit : b));

let folder: string;
let anvil: Anvil;
let connection: Connection;
let model: Model;
let kit: ProvingKit;
let deployment: Deployment;
let other: Deployment;
let styled: Styled;
let bundle: Bundle;
let bundleFile: string;
let prepared: Prepared;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-'));
  anvil = await startAnvil();
  connection = await connect(anvil.url);
  model = await loadModel(modelFolder('nouns-m'));
  kit = await openKit(model, 'fast', output.progress);
  const parts = { model, objective: 'fast', ir: kit.circuit.ir, vk: kit.vk };
  deployment = await deploy(connection, { ...parts, name: 'Test', symbol: 'T' });
  other = await deploy(connection, { ...parts, name: 'Other', symbol: 'O', images: 'hash' });
  styled = await stylePhoto(model, modelFolder('nouns-m'), join(PROJECT, 'examples', 'sample.png'));
  const context = { chainId: BigInt(connection.chainId), collection: BigInt(deployment.collection), creator: BigInt(connection.account.address) };
  await claim(connection, deployment.collection, bytesToHex(encodePrompt(styled.latent, styled.pose)));
  bundle = (await proveLatent(model, 'fast', { latent: styled.latent, pose: styled.pose, ...context }, output.progress)).bundle;
  bundleFile = join(folder, 'bundle.json');
  await writeFile(bundleFile, JSON.stringify(bundle));
  prepared = prepare(kit.circuit.ir, kit.vk);
}, 300_000);

afterAll(async () => {
  kit.prover.close();
  await anvil.stop();
  await rm(folder, { recursive: true, force: true });
});

const ask = (args: readonly [Hex, Hex, Hex], collection: Hex = deployment.collection) =>
  connection.reader.readContract({ address: collection, abi: pentimentoCollectionAbi, functionName: 'verify', args });
const proofBytes = () => hexToBytes(bundle.proof);
const stated = () => statementOf(bundle) as Statement;
const instances = () => instancesOf(stated());

describe('the honest proof', () => {
  it('is accepted by the engine, in TypeScript and on chain', async () => {
    expect(verifyNative({ ir: kit.circuit.ir, vk: kit.vk, instances: [instances()], proof: proofBytes() })).toBe(true);
    expect(verifyProof(prepared, proofBytes(), [instances()])).toBe(true);
    expect(await verifyOnChain(connection, bundle)).toBe(true);
  });

  it('has the recorded sizes, and gas within what the random bytes of a proof can change', async () => {
    const { figures } = readRecord();
    expect(proofBytes().length).toBe(figures['proofBytes.M.fast']);
    expect(deployment.verifierBytes).toBe(figures['verifierBytes.M.fast']);
    expect(deployment.vkBytes).toBe(figures['vkBytes.M.fast']);
    const gas = Number(await verifyGas(connection, deployment, bundle, instances()));
    expect(Math.abs(gas - (figures['verifyGas.M.fast'] as number))).toBeLessThan(5000);
  });

  it('paints the picture in the README', async () => {
    const { width, scale, height } = model.manifest.image;
    expect([width, height]).toEqual([32, 32]);
    const png = await encodePng(applyPose(styled.index, width, styled.pose), width, model.manifest.palette, 8 * scale);
    expect(await readFile(join(PROJECT, 'examples', 'token.png'))).toEqual(png);
  });

  it('is checked by the committed verifier source', async () => {
    await expect(generateVerifier(kit.circuit.ir, kit.vk).verifier).toMatchFileSnapshot(`${PROJECT}/contracts/generated/Halo2Verifier.fast.sol`);
  });

  it("mints a token whose image on chain is the integer reference's, byte for byte", async () => {
    const { tokenId, mintGas } = await mint(connection, bundle);
    expect(Number(mintGas)).toBeLessThanOrEqual(1_500_000);
    const token = await showToken(connection, deployment.collection, tokenId);
    const reference = packIndex(runDecoder(model, styled.latent).index);
    expect(token.aigcData).toBe(bytesToHex(reference));
    const metadata = JSON.parse(Buffer.from(token.tokenUri.split(',')[1] as string, 'base64').toString()) as { image: string; aigc_data: string };
    expect(metadata.image).toMatch(/^data:image\/svg\+xml;base64,/);
    const drawn = await sharp(Buffer.from(metadata.aigc_data.split(',')[1] as string, 'base64'))
      .removeAlpha()
      .raw()
      .toBuffer();
    const colours = model.manifest.palette.map((colour) => colour.slice(1));
    expect(drawn.toString('hex')).toBe(Array.from(styled.index, (i) => colours[i]).join(''));
    await expect(mint(connection, bundle)).rejects.toMatchObject({ code: 'chain/refused', message: expect.stringContaining('AlreadyMinted') });
  });
});

describe('a collection that keeps hashes', () => {
  it('mints for less, and names its content by the hash of what was proven', async () => {
    const { latent, pose, chainId, creator } = statementOf(bundle);
    const statement = { latent, pose, chainId, creator, collection: BigInt(other.collection) };
    const { tokenId, mintGas } = await mint(connection, (await proveLatent(model, 'fast', statement, output.progress)).bundle);
    expect(Number(mintGas)).toBeLessThanOrEqual(1_000_000);
    const contract = { address: other.collection, abi: pentimentoCollectionAbi } as const;
    const uri = await connection.reader.readContract({ ...contract, functionName: 'tokenURI', args: [tokenId] });
    const hash = keccak256(concatBytes(packIndex(styled.index), Uint8Array.of(pose)));
    expect(JSON.parse(Buffer.from(uri.split(',')[1] as string, 'base64').toString()).aigc_data).toBe(`ipfs://f01551b20${hash.slice(2)}`);
  }, 120_000);
});

describe('deploying again', () => {
  it('finds what is there and sends nothing', async () => {
    const nonce = () => connection.reader.getTransactionCount({ address: connection.account.address });
    const before = await nonce();
    const again = await deploy(connection, { model, objective: 'fast', ir: kit.circuit.ir, vk: kit.vk, name: 'Test', symbol: 'T' });
    expect(again).toEqual(deployment);
    expect(await nonce()).toBe(before);
  });

  it('uses one verifier, one registry and one entry of the model for two collections', () => {
    expect(other).toEqual({ ...deployment, collection: other.collection });
    expect(other.collection).not.toBe(deployment.collection);
  });

  it('goes on where a deployment was broken off', async () => {
    const parts = { model, objective: 'fast', ir: kit.circuit.ir, vk: kit.vk, name: 'Broken off', symbol: 'B' };
    const { modelId } = await deployModel(connection, { ...parts, licenceFee: 5n });
    expect(await deploy(connection, { ...parts, licenceFee: 5n })).toMatchObject({ modelId, verifier: deployment.verifier });
    const book = await readBook(connection.chainId);
    expect(book?.collections.filter((c) => c.modelId === modelId)).toHaveLength(1);
  });
});

describe('one changed byte is refused on chain and offline', () => {
  const offline = (changed: Partial<Statement>) => verifyProof(prepared, proofBytes(), [instancesOf({ ...stated(), ...changed })]);

  it('at every position of the latent', async () => {
    const { latent, pose } = statementOf(bundle);
    for (let i = 0; i < latent.length; i++) {
      const changed = flip(latent, i);
      expect(offline({ latent: changed }), `offline, latent ${i}`).toBe(false);
      expect(await ask([bytesToHex(encodePrompt(changed, pose)), mintArguments(bundle)[1], mintArguments(bundle)[2]]), `on chain, latent ${i}`).toBe(
        false,
      );
    }
  }, 300_000);

  it('at every position of the image', async () => {
    const [prompt, aigcData, proof] = mintArguments(bundle);
    const data = hexToBytes(aigcData);
    const { index } = stated();
    for (let i = 0; i < data.length; i++) {
      expect(offline({ index: flip(index, 2 * i + (i % 2)) }), `offline, byte ${i}`).toBe(false);
      expect(await ask([prompt, bytesToHex(flip(data, i)), proof]), `on chain, byte ${i}`).toBe(false);
    }
  }, 600_000);

  it('in the pose, the creator, the collection and the chain id', async () => {
    const [prompt, aigcData, proof] = mintArguments(bundle);
    const statement = stated();
    expect(offline({ pose: statement.pose ^ 1 })).toBe(false);
    expect(offline({ creator: statement.creator ^ 1n })).toBe(false);
    expect(offline({ collection: statement.collection ^ 1n })).toBe(false);
    expect(offline({ chainId: statement.chainId + 1n })).toBe(false);
    expect(await ask([bytesToHex(encodePrompt(statement.latent, statement.pose ^ 1)), aigcData, proof])).toBe(false);
    for (let i = 0; i < 20; i++) expect(await ask([prompt, aigcData, bytesToHex(flip(hexToBytes(proof), i))]), `creator byte ${i}`).toBe(false);
    expect(await ask([prompt, aigcData, proof], other.collection)).toBe(false);
    const setChainId = (id: number) => connection.reader.request({ method: 'anvil_setChainId' as never, params: [id] as never });
    await setChainId(connection.chainId + 1);
    try {
      expect(await ask([prompt, aigcData, proof])).toBe(false);
    } finally {
      await setChainId(connection.chainId);
    }
    expect(await ask([prompt, aigcData, proof])).toBe(true);
  }, 120_000);

  it('in every word of the proof, and in its length', async () => {
    const [prompt, aigcData] = mintArguments(bundle);
    const envelope = (proof: Uint8Array) => `${bundle.creator}${bytesToHex(proof).slice(2)}` as Hex;
    const proof = proofBytes();
    const variants = [
      ...Array.from({ length: proof.length / 32 }, (_, w) => flip(proof, 32 * w + 31)),
      proof.subarray(0, proof.length - 1),
      proof.subarray(0, proof.length - 32),
      Uint8Array.of(...proof, 0),
      new Uint8Array(),
    ];
    for (const [i, changed] of variants.entries()) {
      expect(verifyProof(prepared, changed, [instances()]), `offline, variant ${i}`).toBe(false);
      expect(await ask([prompt, aigcData, envelope(changed)]), `on chain, variant ${i}`).toBe(false);
    }
  }, 300_000);
});

describe('the verify command', () => {
  const changedFile = async (changed: Partial<Bundle>) => {
    const path = join(folder, 'changed.json');
    await writeFile(path, JSON.stringify({ ...(await readBundle(bundleFile)), ...changed }));
    return path;
  };

  it('exits 0 for the honest bundle', async () => {
    const { status, out } = await pentimento(['verify', bundleFile, '--json']);
    expect([status, JSON.parse(out).verified]).toEqual([0, true]);
  }, 120_000);

  it.each([
    ['latent', () => bytesToHex(flip(hexToBytes(bundle.latent), 5))],
    ['index', () => bytesToHex(flip(hexToBytes(bundle.index as Hex), 7))],
    ['pose', () => bundle.pose ^ 1],
    ['creator', () => bytesToHex(flip(hexToBytes(bundle.creator), 3))],
    ['collection', () => bytesToHex(flip(hexToBytes(bundle.collection), 3))],
    ['chainId', () => '31338'],
    ['proof', () => bytesToHex(flip(hexToBytes(bundle.proof), 100))],
  ] as [keyof Bundle, () => string | number][])(
    'exits 1 with a reason when %s differs',
    async (name, value) => {
      const { status, out } = await pentimento(['verify', await changedFile({ [name]: value() }), '--json']);
      expect(status).toBe(1);
      expect(JSON.parse(out)).toMatchObject({ verified: false, code: 'cli/refused', reason: expect.stringContaining('does not show') });
    },
    120_000,
  );

  it('reads the file it is given and says what is wrong with it', async () => {
    await writeFile(join(folder, 'broken.json'), (await readFile(bundleFile, 'utf8')).slice(0, 100));
    const { status, err } = await pentimento(['verify', join(folder, 'broken.json'), '--json']);
    expect([status, err]).toEqual([2, expect.stringContaining('bundle/malformed')]);
  }, 60_000);
});
