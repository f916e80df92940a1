import { createHash } from 'node:crypto';
import { createSchemaCheck, type DeviceTypeDirectory } from '@preservarium/capabilities';
import { ConfigurationError, formatPath, type JsonObject, settingsCommandType } from '@preservarium/core';
import type { z } from 'zod';
import type { Caller } from './caller.js';
import type { AccessRequest, Decision, Policy } from './policy.js';
import { type PolicyRule, policyForm } from './policy-form.js';

/** A condition of a rule: returns why a request does not meet it; undefined if it does. */
type Condition = (request: AccessRequest) => string | undefined;

interface CompiledRule {
  readonly name: string;
  /** From the most general to the most special one: the last that is met says how close the rule came. */
  readonly conditions: readonly Condition[];
}

/**
 * Creates a policy from the content of a policy file.
 *
 * @param options.what the name of the file, for messages
 * @param options.typeOf the types of devices, for rules that name types. Default: no device has a type.
 * @throws ConfigurationError with the places that are not valid
 */
export function createPolicy(
  content: unknown,
  {
    what = 'policy',
    typeOf = () => undefined,
  }: { readonly what?: string; readonly typeOf?: DeviceTypeDirectory } = {},
): Policy {
  const result = policyForm.safeParse(content);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${formatPath(issue.path)}: ${issue.message}`);
    throw new ConfigurationError(`${what}: ${problems.join('; ')}`);
  }
  const rules = result.data.rules.map((rule, index) => compileRule(rule, index, { what, typeOf }));
  const identity = identityOf(result.data);
  return { decide: (request) => decide(rules, request), identity: () => identity };
}

/** The types of devices are not in the rules. */
function identityOf(form: z.output<typeof policyForm>): string | undefined {
  if (form.rules.some(({ devices }) => devices?.types !== undefined)) return undefined;
  return createHash('sha256').update(JSON.stringify(form)).digest('base64url');
}

function decide(rules: readonly CompiledRule[], request: AccessRequest): Decision {
  let closest = { met: -1, reason: 'the policy has no rules' };
  for (const { name, conditions } of rules) {
    let met = 0;
    let problem: string | undefined;
    for (const condition of conditions) {
      problem = condition(request);
      if (problem !== undefined) break;
      met++;
    }
    if (problem === undefined) return { allowed: true, rule: name };
    if (met > closest.met) closest = { met, reason: `rule "${name}": ${problem}` };
  }
  return { allowed: false, reason: closest.reason };
}

function compileRule(
  { name, subjects, devices, actions, commands, settings, payload }: PolicyRule,
  index: number,
  { what, typeOf }: { readonly what: string; readonly typeOf: DeviceTypeDirectory },
): CompiledRule {
  const checkPayload =
    payload && createSchemaCheck(payload as JsonObject, { what, place: ['rules', index, 'payload'] });
  const isCommand = nameMatcher(commands);
  const isSetting = nameMatcher(settings);
  return {
    name,
    conditions: [
      ({ caller }) =>
        subjects.some((subject) => isSubject(subject, caller)) ? undefined : `is not for ${caller.id}`,
      ({ action }) => (actions.includes(action) ? undefined : `does not allow to ${action}`),
      ({ deviceId }) =>
        deviceId === undefined || isDevice(devices, deviceId, typeOf)
          ? undefined
          : `is not for the device "${deviceId}"`,
      ({ commandType }) =>
        commandType === undefined || isCommand(commandType ?? unknownName)
          ? undefined
          : `is not for ${commandType === null ? 'a command of an unknown type' : `the command type "${commandType}"`}`,
      (request) => {
        const other = settingsOf(request).find((setting) => !isSetting(setting));
        if (other === undefined) return undefined;
        return `is not for ${other === unknownName ? 'all settings' : `the setting "${other}"`}`;
      },
      (request) => {
        const [issue] = (request.payload && checkPayload?.(request.payload)) ?? [];
        return issue && `the payload does not fit: ${issue.path ? `${issue.path} ` : ''}${issue.message}`;
      },
    ],
  };
}

/** No rule lists it: only a rule for all names allows it. */
const unknownName = '';

/** A command of an unknown type may be one that brings settings. */
function settingsOf({ settings, commandType, payload }: AccessRequest): readonly string[] {
  if (settings !== undefined) return settings;
  if (commandType !== null && commandType !== settingsCommandType) return [];
  return payload === undefined ? [unknownName] : Object.keys(payload);
}

function isSubject(subject: PolicyRule['subjects'][number], { keyId, claims }: Caller): boolean {
  if ('key' in subject) return keyId !== undefined && (subject.key === '*' || subject.key === keyId);
  if (claims === undefined || !Object.hasOwn(claims, subject.claim)) return false;
  const value = claims[subject.claim];
  return Array.isArray(value) ? value.includes(subject.value) : String(value) === subject.value;
}

function isDevice(devices: PolicyRule['devices'], deviceId: string, typeOf: DeviceTypeDirectory): boolean {
  if (devices === undefined) return true;
  if (devices.ids?.includes(deviceId) || devices.prefixes?.some((prefix) => deviceId.startsWith(prefix))) {
    return true;
  }
  const type = devices.types && typeOf(deviceId);
  return type !== undefined && devices.types?.includes(type) === true;
}

/** Matches names; a last `*` makes a prefix. */
function nameMatcher(names: readonly string[] | undefined): (name: string) => boolean {
  if (names === undefined) return () => true;
  const whole = new Set(names.filter((name) => !name.endsWith('*')));
  const prefixes = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  return (name) => whole.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
