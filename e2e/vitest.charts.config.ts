import { defineConfig } from 'vitest/config';

// Apart from the other tests: at the first time, compiling Helm takes minutes.
export default defineConfig({ test: { include: ['e2e/charts/**/*.test.ts'], testTimeout: 60_000 } });
