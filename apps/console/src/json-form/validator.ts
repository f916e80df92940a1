import { type Schema, Validator } from '@cfworker/json-schema';
import {
  createErrorHandler,
  type RJSFSchema,
  type RJSFValidationError,
  toErrorSchema,
  unwrapErrorHandler,
  type ValidatorType,
  validationDataMerge,
} from '@rjsf/utils';

/** Validates without code that is made at run time, which the content security policy refuses. */
const validator: ValidatorType = {
  isValid: (schema, formData, rootSchema) => errorsOf(schema, formData, rootSchema).length === 0,
  rawValidation: (schema, formData) => ({ errors: errorsOf(schema, formData) as never }),
  validateFormData(formData, schema, customValidate, transformErrors, uiSchema) {
    const found = errorsOf(schema, formData);
    const errors = transformErrors?.(found, uiSchema) ?? found;
    const checked = { errors, errorSchema: toErrorSchema(errors) };
    if (customValidate === undefined) return checked;
    const handler = customValidate(formData, createErrorHandler(formData), uiSchema);
    return validationDataMerge(checked, unwrapErrorHandler(handler));
  },
};

export default validator;

function errorsOf(schema: RJSFSchema, formData: unknown, rootSchema?: RJSFSchema): RJSFValidationError[] {
  // A part of a schema refers to definitions of the whole.
  const definitions = { $defs: rootSchema?.$defs, definitions: rootSchema?.definitions };
  const whole = JSON.parse(JSON.stringify({ ...definitions, ...schema })) as Schema;
  const { errors } = new Validator(whole, '2020-12', false).validate(formData ?? {});
  return errors
    .filter(({ keyword }) => keyword !== 'properties' && keyword !== 'items')
    .map(({ instanceLocation, keyword, error }) => ({
      name: keyword,
      message: error.replace(/^Instance /, '').replace(/\.$/, ''),
      property: instanceLocation.replace(/^#/, '').replaceAll('/', '.'),
      stack: error,
    }));
}
