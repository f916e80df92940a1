import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', main: 'src/bin.ts' },
  format: ['esm'],
  clean: ['!**/*.d.*'],
});
