import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// Not made small: it is built once, and read by one browser on the same machine.
export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic' },
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': {}, global: 'globalThis' },
  resolve: {
    alias: {
      // Of the data source, what turns answers into frames; of its surroundings, nothing.
      'prometheus-results': here('node_modules/@grafana/prometheus/dist/esm/result_transformer.mjs'),
      '@grafana/runtime': here('src/runtime.js'),
    },
  },
  build: { chunkSizeWarningLimit: 99999, minify: false, reportCompressedSize: false },
});
