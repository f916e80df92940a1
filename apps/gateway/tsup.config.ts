import { defineConfig } from 'tsup';

export default defineConfig({ entry: { main: 'src/bin.ts' }, format: ['esm'], clean: true });
