import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    main: 'src/main.ts',
    // Loaded into each program before its own code.
    probe: 'src/probe.ts',
    // A program that main starts.
    'reader-program': 'src/reader-program.ts',
  },
  format: ['esm'],
  clean: true,
});
