import { Button, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';

export interface ConfirmButtonProps {
  readonly label: string;
  readonly question: string;
  readonly isPending: boolean;
  readonly isDisabled?: boolean;
  onConfirm(): void;
}

/** A button that asks once more. */
export function ConfirmButton({
  label,
  question,
  isPending,
  isDisabled = false,
  onConfirm,
}: ConfirmButtonProps) {
  const [isOpen, { open, close }] = useDisclosure();
  const confirm = () => {
    close();
    onConfirm();
  };
  return (
    <>
      <Button variant="default" onClick={open} loading={isPending} disabled={isDisabled}>
        {label}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={label}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Text mb="md">{question}</Text>
        <Group justify="end">
          <Button variant="default" onClick={close}>
            Back
          </Button>
          <Button color="red" onClick={confirm}>
            {label}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
