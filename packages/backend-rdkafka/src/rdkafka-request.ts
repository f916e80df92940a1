import type { LibrdKafkaError } from 'node-rdkafka';

/** The answer to a call of node-rdkafka that takes a callback. */
export function request<T>(
  send: (done: (error: LibrdKafkaError | null, answer: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    send((error, answer) => (error ? reject(error) : resolve(answer)));
  });
}
