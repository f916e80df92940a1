import kafkajs, { type Mechanism } from 'kafkajs';

/**
 * Returns OAUTHBEARER (RFC 7628) for kafkajs, whose own takes any answer for a success: a broker answers a token that it refuses with a text, and ends
 * the connection at the next request.
 */
export function oauthBearer(token: () => Promise<{ readonly value: string }>): Mechanism {
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ saslAuthenticate }) => ({
      async authenticate() {
        const { value } = await token();
        const message = Buffer.from(`n,,\u0001auth=Bearer ${value}\u0001\u0001`);
        try {
          await saslAuthenticate({
            request: { encode: async () => withLength(message) },
            response: { decode: async (answer: Buffer) => answer, parse: assertNoRefusal },
          });
        } catch (cause) {
          const reason = cause instanceof Error ? cause.message : String(cause);
          throw new AuthenticationFailure(`SASL OAUTHBEARER authentication failed: ${reason}`);
        }
      },
    }),
  };
}

const maxReasonCharacters = 200;

/** The types of kafkajs leave out the message that its constructor takes. */
const AuthenticationFailure = kafkajs.KafkaJSSASLAuthenticationError as unknown as new (
  message: string,
) => Error;

/** An answer has its length before it. */
async function assertNoRefusal(answer: Buffer): Promise<true> {
  const refusal = answer.subarray(4).toString();
  if (refusal !== '')
    throw new Error(`the broker refused the token: ${refusal.slice(0, maxReasonCharacters)}`);
  return true;
}

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(message.length);
  return Buffer.concat([length, message]);
}
