import { Anchor } from '@mantine/core';
import { Link } from 'wouter';

/** A link to another page of the console. */
export function TextLink({ href, children }: { readonly href: string; readonly children: string }) {
  return (
    <Anchor component={Link} href={href} underline="always" inherit c="inherit">
      {children}
    </Anchor>
  );
}
