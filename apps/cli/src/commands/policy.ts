import { type AccessRequest, type Action, actions, policyFromFile } from '@preservarium/access';
import { deviceTypesFromFile } from '@preservarium/capabilities';
import { exitCodes } from '@preservarium/command-line';
import type { JsonObject } from '@preservarium/core';
import { type Command, Option } from 'commander';
import { parseJsonObject } from '../arguments.js';
import { writeLines } from '../output.js';

interface TestOptions {
  readonly policy: string;
  readonly devices?: string;
  readonly key?: string;
  readonly claims?: JsonObject;
  readonly action: Action;
  readonly device?: string;
  readonly type?: string;
  readonly setting?: readonly string[];
  readonly payload?: JsonObject;
}

export function addPolicyCommand(program: Command): void {
  program
    .command('policy')
    .description('Work with the policy of the gateway.')
    .command('test')
    .description('Print whether the policy allows a request, and by which rule. Exits with 1 if it does not.')
    .requiredOption('--policy <path>', 'file of the policy (GATEWAY_POLICY of the gateway)')
    .option('--devices <path>', 'file of device id → type, for rules that name types')
    .option('--key <id>', 'id of the API key of the caller')
    .option('--claims <json>', 'claims of the token of the caller: a JSON object', parseJsonObject)
    .addOption(new Option('--action <action>', 'kind of request').choices(actions).makeOptionMandatory())
    .option('--device <id>', 'the device')
    .option('--type <type>', 'the command type')
    .option('--setting <name...>', 'the names of settings')
    .option('--payload <json>', 'the payload of the command: a JSON object', parseJsonObject)
    .addHelpText(
      'after',
      `
Examples:
  pusher policy test --policy policy.yaml --key dashboard --action push --device lamp-7 --type set_led --payload '{"on":true}'
  pusher policy test --policy policy.yaml --claims '{"groups":["gardeners"]}' --action read --device lamp-7`,
    )
    .action(test);
}

async function test(options: TestOptions): Promise<void> {
  const { policy: path, devices, key, claims, action, device, type, setting, payload } = options;
  const typeOf = devices === undefined ? undefined : deviceTypesFromFile(devices);
  const policy = policyFromFile(path, typeOf && { typeOf });
  const caller = { id: key === undefined ? 'the token' : `key:${key}`, keyId: key, claims };
  const request: AccessRequest = {
    caller,
    action,
    deviceId: device,
    commandType: type,
    settings: setting,
    payload,
  };
  const decision = policy.decide(request);
  if (decision.allowed) return writeLines([`allowed by rule "${decision.rule}"`]);
  await writeLines([`refused: ${decision.reason}`]);
  process.exitCode = exitCodes.failed;
}
