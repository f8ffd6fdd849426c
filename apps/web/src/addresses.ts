/** How what a page is about is written into its address: as plain text. Read as JSON, the digits of a token's id would lose their end. */
import { parseSearchWith, stringifySearchWith } from '@tanstack/react-router';

export const SEARCH = { parseSearch: parseSearchWith((text) => text), stringifySearch: stringifySearchWith(String) };
