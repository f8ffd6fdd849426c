/** The bump allocator of the generated verifier's memory: absolute addresses, one owner each, never freed. */
export class Memory {
  /** Solidity's scratch space, free memory pointer and zero slot come first. */
  private top = 0x80;

  /** Address of `words` consecutive 32-byte words. */
  alloc(words: number): number {
    const address = this.top;
    this.top += 32 * words;
    return address;
  }

  get size(): number {
    return this.top;
  }
}

/** Yul literal. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** Yul expression that reads the word at an address. */
export function load(address: number): string {
  return `mload(${hex(address)})`;
}
