import type { Command } from 'commander';

type AddCommand = (program: Command, signal: AbortSignal) => void;

/** The commands in the order of the help text. A module is loaded when its command runs, which halves the time until it does. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  push: async () => (await import('./commands/push.js')).addPushCommand,
  bulk: async () => (await import('./commands/bulk.js')).addBulkCommand,
  cancel: async () => (await import('./commands/cancel.js')).addCancelCommand,
  dead: async () => (await import('./commands/dead.js')).addDeadCommand,
  settings: async () => (await import('./commands/settings.js')).addSettingsCommand,
  topics: async () => (await import('./commands/topics.js')).addTopicsCommand,
  connectors: async () => (await import('./commands/connectors.js')).addConnectorsCommand,
  consume: async () => (await import('./commands/consume.js')).addConsumeCommand,
  device: async () => (await import('./commands/device.js')).addDeviceCommand,
  doctor: async () => (await import('./commands/doctor.js')).addDoctorCommand,
  capabilities: async () => (await import('./commands/capabilities.js')).addCapabilitiesCommand,
  types: async () => (await import('./commands/types.js')).addTypesCommand,
  watch: async () => (await import('./commands/watch.js')).addWatchCommand,
  status: async () => (await import('./commands/status.js')).addStatusCommand,
  list: async () => (await import('./commands/list.js')).addListCommand,
  keys: async () => (await import('./commands/keys.js')).addKeysCommand,
  signing: async () => (await import('./commands/signing.js')).addSigningCommand,
  policy: async () => (await import('./commands/policy.js')).addPolicyCommand,
  store: async () => (await import('./commands/store.js')).addStoreCommand,
};

/** Adds the command that the first argument names; all of them for the help text, or where it names none. */
export async function addCommands(
  program: Command,
  first: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const named = Object.entries(commands).filter(([name]) => name === first);
  for (const [, load] of named.length > 0 ? named : Object.entries(commands)) (await load())(program, signal);
}
