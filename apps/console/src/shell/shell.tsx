import { AppShell, Burger, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { useRefusal } from '../api/api-key.js';
import { AskForKey } from './ask-for-key.js';
import { ColorSchemeButton } from './color-scheme-button.js';
import { ConnectionBanner, ConnectionState } from './connection-state.js';
import { ForgetKeyButton } from './forget-key-button.js';
import { Navigation } from './navigation.js';
import { Pages } from './pages.js';

/** The frame of all pages. */
export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure();
  const [location] = useLocation();
  const refusal = useRefusal();
  useEffect(close, [location]);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 190, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <AppShell.Header>
        <a className="skip-link" href="#content">
          Skip to the content
        </a>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger
            opened={isOpen}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={isOpen ? 'Close the menu' : 'Open the menu'}
          />
          <Text fw={700}>Pusher</Text>
          <Group ml="auto" gap="xs" wrap="nowrap">
            <ConnectionState />
            <ForgetKeyButton />
            <ColorSchemeButton />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <ConnectionBanner />
        {refusal === undefined ? <Pages /> : <AskForKey reason={refusal} />}
      </AppShell.Main>
    </AppShell>
  );
}
