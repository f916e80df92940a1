import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  clean: ['!**/*.d.*'],
  // An ES module without a CommonJS form: esbuild's require of it does not find the default export.
  noExternal: ['quick-lru'],
});
