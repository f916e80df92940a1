import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const namesIn = (folder) =>
  readdirSync(new URL(`../content/${folder}`, import.meta.url))
    .filter((name) => name.endsWith('.md') && name !== 'index.md')
    .map((name) => name.slice(0, -'.md'.length));
function page(text, link) {
  if (!existsSync(new URL(`../content${link}.md`, import.meta.url)))
    throw new Error(`There is no page ${link}`);
  return { text, link };
}

const all = (folder) => namesIn(folder).map((name) => page(name, `/${folder}/${name}`));

export default defineConfig({
  title: 'Preservarium Pusher',
  description: 'Send commands and settings to IoT devices through Apache Kafka.',
  srcDir: 'content',
  outDir: 'dist',
  cacheDir: '.cache',
  cleanUrls: true,
  lastUpdated: false,
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      page('Getting started', '/getting-started'),
      page('Devices', '/devices'),
      page('Console', '/console'),
      page('Reference', '/configuration'),
      page('Production', '/production'),
      page('Troubleshooting', '/troubleshooting'),
    ],
    sidebar: [
      {
        text: 'Start',
        items: [page('Getting started', '/getting-started'), page('Architecture', '/architecture')],
      },
      {
        text: 'Interfaces',
        items: [
          page('TypeScript', '/packages/publisher'),
          page('Command line', '/apps/cli'),
          page('HTTP', '/gateway'),
          page('Console', '/console'),
          page('Devices', '/devices'),
        ],
      },
      {
        text: 'Concepts',
        items: [
          page('States and evidence', '/states'),
          page('Order', '/decisions/0019-order-by-topic'),
          page('Settings', '/packages/settings'),
          page('Connectors', '/connectors'),
        ],
      },
      {
        text: 'Production',
        items: [
          page('Production', '/production'),
          page('Scaling', '/scaling'),
          page('Kubernetes', '/kubernetes'),
          page('Telemetry', '/telemetry'),
          page('Threat model', '/threat-model'),
          page('Signatures', '/security'),
          page('Troubleshooting', '/troubleshooting'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('Configuration', '/configuration'),
          page('Errors', '/errors'),
          page('Limits', '/limits'),
          page('Fields of the wire', '/reference/fields'),
          page('Command lines', '/reference/command-lines'),
          { text: 'API', collapsed: true, items: all('api') },
        ],
      },
      { text: 'Packages', collapsed: true, items: [...all('packages'), ...all('apps')] },
      { text: 'Measurements', items: [page('Evidence', '/evidence'), page('Performance', '/performance')] },
      {
        text: 'Contributing',
        items: [
          page('Contributing', '/contributing'),
          { text: 'Decisions', collapsed: true, items: all('decisions') },
        ],
      },
    ],
  },
});
