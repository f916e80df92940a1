import type { ConsumedRecord, RecordHeader, RecordSigner, SigningTerms } from '@preservarium/backend';

export type Altered = Pick<ConsumedRecord, 'topic' | 'key' | 'value' | 'headers'>;

interface MutationContext {
  /** Says where to change something. */
  readonly place: number;
  /** Says what to change it to. */
  readonly change: number;
  /** Signs with a key of the same name that the verifier does not know. */
  readonly forger: RecordSigner;
  readonly terms: SigningTerms;
}

/** Returns a record that must be refused; undefined where the change would change nothing. */
export type Mutation = (record: Altered, context: MutationContext) => Altered | undefined;

const noBytes = Buffer.alloc(0);

function changed(bytes: Buffer, place: number, change: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = place % copy.length;
  copy[index] = (copy[index] as number) ^ (1 + (change % 255));
  return copy;
}

function withSignature(record: Altered, change: (value: Buffer) => Buffer): Altered {
  const headers = record.headers.map(
    ([name, value]): RecordHeader => [name, name === 'signature' ? change(value ?? noBytes) : value],
  );
  return { ...record, headers };
}

const insert = (bytes: Buffer, place: number, more: Buffer) => {
  const index = place % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, index), more, bytes.subarray(index)]);
};

/** Each way to alter a signed record. */
export const mutations = {
  'a byte of the value changed': (record, { place, change }) => ({
    ...record,
    value: changed(record.value ?? noBytes, place, change),
  }),
  'a byte added to the value': (record, { place, change }) => ({
    ...record,
    value: insert(record.value ?? noBytes, place, Buffer.from([change % 256])),
  }),
  'white space added to the value': (record) => ({
    ...record,
    value: Buffer.concat([record.value ?? noBytes, Buffer.from(' ')]),
  }),
  'the value cut': (record, { place }) => ({
    ...record,
    value: (record.value ?? noBytes).subarray(0, place % (record.value ?? noBytes).length),
  }),
  'a byte of the signature header changed': (record, { place, change }) =>
    withSignature(record, (value) => changed(value, place, change)),
  'a character added to the signature header': (record, { place, change }) =>
    withSignature(record, (value) => insert(value, place, Buffer.from('=\n .-_A/+~'.charAt(change % 10)))),
  'the signature header cut': (record, { place }) =>
    withSignature(record, (value) => value.subarray(0, place % value.length)),
  'another device as key': (record, { change }) => ({ ...record, key: Buffer.from(`door-${2 + change}`) }),
  'no key': (record) => ({ ...record, key: null }),
  'a byte of the key changed': (record, { place, change }) => ({
    ...record,
    key: changed(record.key ?? noBytes, place, change),
  }),
  'another topic': (record, { change }) => ({ ...record, topic: `device_commands_${change}` }),
  'no signature': (record) => ({ ...record, headers: [] }),
  'two signatures': (record) => ({ ...record, headers: [...record.headers, ...record.headers] }),
  'a header that means something added': (record, { change }) => ({
    ...record,
    headers: [
      ...record.headers,
      change % 2 === 0 ? ['record-type', Buffer.from('cancel')] : ['redriven', Buffer.from('1')],
    ],
  }),
  'signed with an unknown key of the same name': ({ headers: _, ...record }, { forger, terms }) => {
    const signed = forger(
      { topic: record.topic, key: record.key ?? noBytes, value: record.value ?? noBytes },
      terms,
    );
    return { ...record, headers: signed.headers ?? [] };
  },
  'the algorithm replaced': (record, { change }) =>
    withSignature(record, (value) => {
      const [protectedText = '', , signature = ''] = value.toString().split('.');
      const header = JSON.parse(Buffer.from(protectedText, 'base64url').toString());
      const alg = ['none', 'HS512', 'ES256', 'EdDSA', '', null][change % 6];
      const text = Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url');
      return Buffer.from(`${text}..${change % 7 === 0 ? '' : signature}`);
    }),
  'a member of the protected header replaced': (record, { place, change }) =>
    withSignature(record, (value) => {
      const [protectedText = '', , signature = ''] = value.toString().split('.');
      const header = JSON.parse(Buffer.from(protectedText, 'base64url').toString());
      const names = Object.keys(header);
      const name = names[place % names.length] as string;
      const text = Buffer.from(JSON.stringify({ ...header, [name]: change })).toString('base64url');
      return Buffer.from(`${text}..${signature}`);
    }),
} as const satisfies Readonly<Record<string, Mutation>>;
