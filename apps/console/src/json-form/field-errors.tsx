import { Text } from '@mantine/core';
import type { FieldErrorProps } from '@rjsf/utils';

/** The errors of objects and lists. Those of a field are shown by its input. */
export function FieldErrors({ errors = [], schema }: FieldErrorProps) {
  if (schema.type !== 'object' && schema.type !== 'array') return null;
  return errors.map((error) => (
    <Text key={String(error)} size="sm" c="var(--mantine-color-error)">
      {error}
    </Text>
  ));
}
