import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'memory/index': 'src/memory/index.ts',
    'sql/index': 'src/sql/index.ts',
  },
  format: ['esm', 'cjs'],
  clean: ['!**/*.d.*'],
});
