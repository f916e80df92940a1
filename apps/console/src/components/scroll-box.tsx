import type { ComponentProps } from 'react';

export interface ScrollBoxProps extends ComponentProps<'section'> {
  readonly label: string;
}

/** A region that scrolls, by the keyboard as well. */
export function ScrollBox({ label, ...others }: ScrollBoxProps) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
  return <section aria-label={label} tabIndex={0} {...others} />;
}
