import '@mantine/core/styles.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { CommandsPage } from './pages/commands-page.js';
import { styleNonce } from './style-nonce.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element "root"');
createRoot(root).render(
  <StrictMode>
    <MantineProvider defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <QueryClientProvider client={new QueryClient()}>
        <CommandsPage />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
