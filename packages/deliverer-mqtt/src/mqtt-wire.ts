import type { DeviceAnswerRules, DeviceWire } from '@preservarium/deliverer';

/** How a device wants its commands by MQTT, and answers them. */
export interface MqttWire extends Omit<DeviceWire, 'answer'> {
  /**
   * Where commands go: a template as `topicTemplate`, in which `{commandType}` stands for the type of the command. Default: `topicTemplate`.
   */
  readonly topic?: string;
  /** `topic` is a template in the same way: where the device answers. */
  readonly answer?: DeviceAnswerRules & { readonly topic: string };
}
