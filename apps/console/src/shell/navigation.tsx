import { NavLink } from '@mantine/core';
import { Link, useLocation } from 'wouter';

const links = [
  { path: '/', label: 'Overview' },
  { path: '/commands', label: 'Commands', child: '/command' },
  { path: '/devices', label: 'Devices', child: '/device' },
  { path: '/send', label: 'Send' },
  { path: '/dead-letters', label: 'Dead letters' },
];

/** The links to the pages. */
export function Navigation() {
  const [location] = useLocation();
  return links.map(({ path, label, child }) => {
    const isActive = location === path || location === child;
    return (
      <NavLink
        key={path}
        component={Link}
        href={path}
        label={label}
        active={isActive}
        aria-current={isActive ? 'page' : undefined}
        variant="filled"
        style={{ borderRadius: 'var(--mantine-radius-md)' }}
      />
    );
  });
}
