import { expectTypeOf, test } from 'vitest';
import type * as core from '../index.js';

/** The type as a second installed version of the package declares it: the same members, but none that a symbol declared here names. */
type OfSecondCopy<Instance> = { [Key in keyof Instance as Key extends symbol ? never : Key]: Instance[Key] };

type ErrorClasses = {
  [Name in keyof typeof core as (typeof core)[Name] extends abstract new (
    ...args: never
  ) => core.PusherError
    ? Name
    : never]: (typeof core)[Name];
};
type ErrorOf<Name extends keyof ErrorClasses> = InstanceType<ErrorClasses[Name]>;

/** The names of the classes whose errors are not assignable when they come from a second copy. */
type Incompatible = {
  [Name in keyof ErrorClasses]: OfSecondCopy<ErrorOf<Name>> extends ErrorOf<Name> ? never : Name;
}[keyof ErrorClasses];

/** The error as a newer version declares it, with a code that this version does not know. */
type OfNewerVersion = Omit<OfSecondCopy<core.PusherError>, 'code'> & {
  readonly code: core.PusherErrorCode | 'ADDED_LATER' | (string & {});
};

test('an error of a newer version with more codes is assignable, and the codes of this version stay known', () => {
  expectTypeOf<OfNewerVersion>().toExtend<core.PusherError>();
  expectTypeOf<'CLOSED'>().toExtend<core.PusherErrorCode>();
  expectTypeOf<string>().not.toExtend<core.PusherErrorCode>();
});

test('an error of a second copy of the package is assignable to the error of this one', () => {
  expectTypeOf<Incompatible>().toEqualTypeOf<never>();
  expectTypeOf<keyof ErrorClasses>().toExtend<string>();
  expectTypeOf<'PusherError' | 'ClosedError' | 'ValidationError'>().toExtend<keyof ErrorClasses>();
});
