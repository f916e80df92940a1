import { defineConfig } from 'vite';

export default defineConfig({
  // The gateway puts a nonce for each response in its place.
  html: { cspNonce: '{{nonce}}' },
  build: {
    target: 'es2023',
    // One request less: what the first page imports is preloaded by its HTML.
    modulePreload: { polyfill: false },
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_000,
    // "use client" is for servers that render React.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  // @rjsf/core has a helper for tests that imports this one, which compiles schemas to code.
  resolve: { alias: { '@rjsf/validator-ajv8': '/src/json-form/validator.ts' } },
  // To develop against a gateway: vite apps/console
  server: { proxy: { '/v1': 'http://127.0.0.1:8000', '/readyz': 'http://127.0.0.1:8000' } },
});
