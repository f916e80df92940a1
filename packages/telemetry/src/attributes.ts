/** Attributes of the semantic conventions for messaging. */
export const messaging = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
  partition: 'messaging.destination.partition.id',
  operation: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  consumerGroup: 'messaging.consumer.group.name',
  batchCount: 'messaging.batch.message_count',
  key: 'messaging.kafka.message.key',
  offset: 'messaging.kafka.offset',
} as const;

export const errorType = 'error.type';

/** Attributes of our own. Those of devices and requests are on spans alone: a metric has a series for each value. */
export const pusher = {
  protocol: 'pusher.protocol',
  commandType: 'pusher.command.type',
  state: 'pusher.command.state',
  result: 'pusher.delivery.result',
  evidence: 'pusher.delivery.evidence',
  outcome: 'pusher.signature.outcome',
  attempt: 'pusher.delivery.attempt',
  deviceId: 'pusher.device.id',
  requestId: 'pusher.request.id',
} as const;
