// All devices, in a process of its own: one client that answers every command with its payload.

import { connectAsync } from 'mqtt';
import { answerQuestions } from '../answer-questions.js';

export type AnsweringDevicesQuestion = 'ready?';

/** How many commands were executed, repetitions included. */
export interface Executed {
  readonly executed: number;
}

const brokerUrl = JSON.parse(process.argv[2] ?? '""') as string;
let executed = 0;

const client = await connectAsync(brokerUrl, { protocolVersion: 5 });
client.on('message', (_, payload, { properties }) => {
  executed++;
  const { responseTopic, correlationData } = properties ?? {};
  if (responseTopic === undefined || correlationData === undefined) return;
  const answer = JSON.stringify({ status: 'succeeded', result: JSON.parse(payload.toString()) });
  client.publish(responseTopic, answer, { qos: 1, properties: { correlationData } });
});
await client.subscribeAsync('devices/+/commands', { qos: 1 });
answerQuestions<AnsweringDevicesQuestion, Executed>(async () => ({ executed }));
