import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ValidationError, type ValidationIssue } from '../errors/validation-error.js';
import { maxIssues } from '../limits.js';
import type { CommandInput } from './command.js';
import type { JsonValue } from './json-value.js';
import { formatPath } from './validation-issues.js';

// The schemas are not in the types: members keyed by symbols would make the commands of two installed versions of this package
// incompatible.
const payloadSchemaKey = Symbol.for('preservarium.pusher.payloadSchema');
const resultSchemaKey = Symbol.for('preservarium.pusher.resultSchema');

interface Schemas {
  readonly [payloadSchemaKey]: StandardSchemaV1;
  readonly [resultSchemaKey]?: StandardSchemaV1;
}

/**
 * A command made by a {@link DeviceCommand}; its payload is checked when it is pushed.
 *
 * @template Result the type of the device's answer; unknown in a command without a result schema
 */
export interface TypedCommandInput<Result = JsonValue | undefined> extends CommandInput {
  /** Exists in the types only, and is never set: it carries the type of the answer to `pushAndWait`. */
  readonly '~result'?: Result;
}

/**
 * A kind of command with the types of its payload and result: call it to make a command for a device.
 *
 * @template CommandType the literal name
 * @template Schema the schema of the payload
 * @template Result the type of the device's answer
 */
export interface DeviceCommand<
  CommandType extends string = string,
  Schema extends StandardSchemaV1 = StandardSchemaV1,
  Result = JsonValue | undefined,
> {
  (
    input: Omit<CommandInput, 'commandType' | 'payload'> & {
      /** Arguments of the command, as its schema takes them. */
      readonly payload: StandardSchemaV1.InferInput<Schema>;
    },
  ): TypedCommandInput<Result> & { readonly commandType: CommandType };
  /** The name of the command. */
  readonly commandType: CommandType;
  /** The schema of the payload. */
  readonly payload: Schema;
  /** The schema of the device's answer; undefined if none was declared. */
  readonly result: StandardSchemaV1 | undefined;
}

/**
 * Declares a command once: its name, the schema of its payload and, for callers that wait for the device's answer, the schema of its
 * result. A schema is one of zod, valibot, arktype or any other library that implements Standard Schema 1. The result has the type
 * that its schema takes in: it is checked, not converted.
 *
 * ```ts
 * const setLed = defineCommand('set_led', { payload: z.object({ state: z.enum(['on', 'off']) }) });
 * await service.pushCommand(setLed({ deviceId: 'device123', protocol: 'mqtt', payload: { state: 'on' } }));
 * ```
 */
export function defineCommand<
  const CommandType extends string,
  Schema extends StandardSchemaV1,
  ResultSchema extends StandardSchemaV1 = StandardSchemaV1<JsonValue | undefined>,
>(
  commandType: CommandType,
  { payload, result }: { readonly payload: Schema; readonly result?: ResultSchema },
): DeviceCommand<CommandType, Schema, StandardSchemaV1.InferInput<ResultSchema>> {
  type Command = DeviceCommand<CommandType, Schema, StandardSchemaV1.InferInput<ResultSchema>>;
  const create = (input: Parameters<Command>[0]): ReturnType<Command> & Schemas => ({
    ...input,
    payload: input.payload as CommandInput['payload'],
    commandType,
    [payloadSchemaKey]: payload,
    ...(result && { [resultSchemaKey]: result }),
  });
  return Object.assign(create, { commandType, payload, result });
}

/**
 * Runs the schema of the payload, if the command has one. Returns a promise only if the schema is asynchronous.
 *
 * @returns the input with the output of the schema as its payload
 * @throws ValidationError with the issues of the schema below `payload`
 */
export function applyPayloadSchema(input: CommandInput): CommandInput | Promise<CommandInput> {
  if (typeof input !== 'object' || input === null || !(payloadSchemaKey in input)) return input;
  const { [payloadSchemaKey]: schema, [resultSchemaKey]: _, ...command } = input as CommandInput & Schemas;
  const result = schema['~standard'].validate(command.payload);
  return result instanceof Promise ? result.then((settled) => use(settled)) : use(result);

  function use(settled: StandardSchemaV1.Result<unknown>): CommandInput {
    if (settled.issues === undefined)
      return { ...command, payload: settled.value as CommandInput['payload'] };
    throw new ValidationError('command', issuesBelow('payload', settled.issues));
  }
}

/**
 * Runs the schema of the result on the answer of the device, if the command has one.
 *
 * @throws ValidationError with the issues of the schema below `result`
 */
export async function checkResult(input: CommandInput, result: unknown): Promise<void> {
  const { [resultSchemaKey]: schema } = input as Partial<Schemas>;
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
