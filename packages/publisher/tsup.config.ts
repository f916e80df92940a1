import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'memory/index': 'src/memory/index.ts',
    'environment/index': 'src/environment/index.ts',
  },
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
});
