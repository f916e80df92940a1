import { type CSSVariablesResolver, createTheme } from '@mantine/core';

/** Mantine as it is, with shades that have enough contrast for text in both colour schemes. */
export const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 9 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.15rem' } } },
});

/** Quiet text, and text of errors and alerts, has a contrast of 4.5 to 1 on every background in use. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-color-cyan-filled-hover': '#095c6b',
    '--mantine-primary-color-filled-hover': '#095c6b',
  },
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--mantine-color-red-light-color': 'var(--mantine-color-red-9)',
    '--mantine-color-orange-light-color': '#8a3400',
    '--mantine-color-green-light-color': '#1b6b2c',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
  },
});
