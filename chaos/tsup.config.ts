import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    main: 'src/main.ts',
    // A program that main starts.
    'pusher-program': 'src/pusher-program.ts',
  },
  format: ['esm'],
  clean: true,
});
