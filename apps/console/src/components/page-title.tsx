import { Group, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';

/** The heading of a page, which also names the tab. Screen readers continue there after a change of the page. */
export function PageTitle({
  children,
  actions,
}: {
  readonly children: string;
  readonly actions?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · Pusher`;
    heading.current?.focus({ preventScroll: true });
  }, [children]);
  return (
    <Group justify="space-between" mb="md" gap="xs">
      <Title order={1} ref={heading} tabIndex={-1} style={{ outline: 'none', overflowWrap: 'anywhere' }}>
        {children}
      </Title>
      {actions !== undefined && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
