// The build: one module for the component, with what only a real provider needs in chunks of its own, and one style for
// the hosted page. Names bear no hash, because merchants' pages name them; the server answers with an entity tag.
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  build: {
    outDir: '../src/solvent/web/static',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        checkout: 'src/checkout.ts',
        pay: 'src/pay.ts',
        charts: 'src/charts.ts',
        page: 'src/page.css',
      },
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'checkout-[name].js',
        assetFileNames: '[name][extname]',
      },
    },
  },
});
