/** The one function of solc-js that the project calls. */
declare module 'solc' {
  interface Callbacks {
    readonly import: (path: string) => { readonly contents: string } | { readonly error: string };
  }
  const solc: { compile(input: string, callbacks?: Callbacks): string };
  export = solc;
}
