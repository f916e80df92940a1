import { defineConfig } from 'tsup';

export default defineConfig({
  entry: [
    'src/index.ts',
    'src/process.ts',
    'src/require-node.ts',
    'src/service/index.ts',
    'src/application/index.ts',
    'src/mqtt/index.ts',
    'src/signing/index.ts',
  ],
  format: ['esm'],
  clean: ['!**/*.d.*'],
});
