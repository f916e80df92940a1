import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ValidationError, type ValidationIssue } from '../errors/detailed-errors.js';
import { maxIssues } from '../limits.js';
import type { CommandInput } from './command-message.js';
import { formatPath } from './validation-issues.js';

const payloadSchemaKey = Symbol.for('preservarium.pusher.payloadSchema');
const resultSchemaKey = Symbol.for('preservarium.pusher.resultSchema');

/** A command that was made by a {@link DeviceCommand}; its payload is checked when it is pushed. */
export type TypedCommandInput = CommandInput & {
  readonly [payloadSchemaKey]: StandardSchemaV1;
  readonly [resultSchemaKey]?: StandardSchemaV1;
};

/**
 * A kind of command with its payload's type: call it to make a command for a device.
 *
 * @template CommandType the literal name
 * @template Schema the payload's schema
 */
export interface DeviceCommand<
  CommandType extends string = string,
  Schema extends StandardSchemaV1 = StandardSchemaV1,
> {
  (
    input: Omit<CommandInput, 'commandType' | 'payload'> & {
      readonly payload: StandardSchemaV1.InferInput<Schema>;
    },
  ): TypedCommandInput & { readonly commandType: CommandType };
  readonly commandType: CommandType;
  readonly payload: Schema;
  /** What the device answers, where that was declared. */
  readonly result: StandardSchemaV1 | undefined;
}

/**
 * Declares a command once: its name and its payload's schema, of zod, valibot, arktype or any other library that
 * implements Standard Schema 1; and, for those who wait for the device's answer, the schema of its result.
 *
 * ```ts
 * const setLed = defineCommand('set_led', { payload: z.object({ state: z.enum(['on', 'off']) }) });
 * await service.pushCommand(setLed({ deviceId: 'device123', protocol: 'mqtt', payload: { state: 'on' } }));
 * ```
 */
export function defineCommand<const CommandType extends string, Schema extends StandardSchemaV1>(
  commandType: CommandType,
  { payload, result }: { readonly payload: Schema; readonly result?: StandardSchemaV1 },
): DeviceCommand<CommandType, Schema> {
  const create: (
    input: Parameters<DeviceCommand<CommandType, Schema>>[0],
  ) => ReturnType<DeviceCommand<CommandType, Schema>> = (input) => ({
    ...input,
    payload: input.payload as CommandInput['payload'],
    commandType,
    [payloadSchemaKey]: payload,
    ...(result && { [resultSchemaKey]: result }),
  });
  return Object.assign(create, { commandType, payload, result });
}

/**
 * Runs the payload's own schema, where the command has one. Gives a promise only where the schema is asynchronous.
 *
 * @returns the input with the schema's output as its payload
 * @throws ValidationError with the schema's issues below `payload`
 */
export function applyPayloadSchema(input: CommandInput): CommandInput | Promise<CommandInput> {
  if (typeof input !== 'object' || input === null || !(payloadSchemaKey in input)) return input;
  const { [payloadSchemaKey]: schema, [resultSchemaKey]: _, ...command } = input as TypedCommandInput;
  const result = schema['~standard'].validate(command.payload);
  return result instanceof Promise ? result.then((settled) => use(settled)) : use(result);

  function use(settled: StandardSchemaV1.Result<unknown>): CommandInput {
    if (settled.issues === undefined)
      return { ...command, payload: settled.value as CommandInput['payload'] };
    throw new ValidationError('command', issuesBelow('payload', settled.issues));
  }
}

/**
 * Runs the schema of the command's result on what the device answered, where the command has one.
 *
 * @throws ValidationError with the schema's issues below `result`
 */
export async function checkResult(input: CommandInput, result: unknown): Promise<void> {
  const { [resultSchemaKey]: schema } = input as Partial<TypedCommandInput>;
  const settled = await schema?.['~standard'].validate(result);
  if (settled?.issues !== undefined)
    throw new ValidationError('result', issuesBelow('result', settled.issues));
}

function issuesBelow(
  place: 'payload' | 'result',
  issues: readonly StandardSchemaV1.Issue[],
): ValidationIssue[] {
  return issues.slice(0, maxIssues + 1).map(({ path = [], message }) => ({
    path: formatPath([place, ...path.map((step) => (typeof step === 'object' ? step.key : step))]),
    message,
  }));
}
