import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { main: 'src/bin.ts', 'feed-process': 'src/feed/feed-process.ts' },
  format: ['esm'],
  clean: true,
});
