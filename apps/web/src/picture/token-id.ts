/** The id of a painting's token: the hash of what it is painted from. */
import { encodePrompt, type Hex, hexToBytes } from '@pentimento/core';
import { keccak256 } from 'viem';

/** `uint256(keccak256(prompt))` in decimal digits. Throws `statement/*` when a latent element or the pose is out of range. */
export function tokenIdOf({ latent, pose }: { readonly latent: Hex; readonly pose: number }): string {
  return String(BigInt(keccak256(encodePrompt(hexToBytes(latent), pose))));
}
