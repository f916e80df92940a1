import Form from '@rjsf/mantine';
import type { RJSFSchema } from '@rjsf/utils';
import type { JsonObject } from '../api/types.js';
import { FieldErrors } from './field-errors.js';
import validator from './validator.js';

export interface JsonFormProps {
  /** Of an object. */
  readonly schema: JsonObject;
  readonly value: JsonObject;
  onChange(value: JsonObject): void;
}

const templates = { FieldErrorTemplate: FieldErrors };
const noSubmit = { 'ui:submitButtonOptions': { norender: true } };

/** The fields of an object, made from its JSON Schema. The gateway has the last word on what is valid. */
export default function JsonForm({ schema, value, onChange }: JsonFormProps) {
  return (
    <Form
      // The form around it is submitted.
      tagName="div"
      schema={schema as RJSFSchema}
      uiSchema={noSubmit}
      validator={validator}
      formData={value}
      onChange={({ formData }) => onChange(formData as JsonObject)}
      templates={templates}
      liveValidate
      showErrorList={false}
      noHtml5Validate
    />
  );
}
