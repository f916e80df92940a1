import type { Command } from 'commander';
import { addDeviceCheckCommand } from './device-check.js';

export function addDeviceCommand(program: Command, signal: AbortSignal): void {
  const device = program.command('device').description('Try a device before it is put to use.');
  addDeviceCheckCommand(device, signal);
}
