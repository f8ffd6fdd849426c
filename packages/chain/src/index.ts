/** The platform on an Ethereum chain: deploying, claiming, minting, reading. For Node, because the address book is a file. */
export * from './address-book.ts';
export * from './connection.ts';
export * from './deploy.ts';
export * from './mint.ts';
export * from './owner.ts';
