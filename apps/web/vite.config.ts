/** Build of the dApp: React, Tailwind, module workers; libraries that every page needs in chunks of their own. */
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'tanstack', test: /node_modules\/@tanstack\// },
            { name: 'chain', test: /node_modules\/(viem|wagmi|@wagmi|mipd|ox|abitype|@noble|zustand|eventemitter3)\// },
          ],
        },
      },
    },
  },
});
