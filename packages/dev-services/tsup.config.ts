import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/kafka-cli.ts'],
  format: ['esm'],
  clean: ['!**/*.d.*'],
});
