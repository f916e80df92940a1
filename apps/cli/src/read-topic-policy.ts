import { topicPolicyOf, topicPolicyVariables } from '@preservarium/command-line/application';
import type { TopicPolicy } from '@preservarium/core';
import { readVariables } from '@preservarium/environment';
import { type EnvFileOptions, flagsOf } from './common-options.js';

/**
 * Returns the policy of the MQTT connectors.
 *
 * @throws ConfigurationError for a template that cannot work
 */
export function readTopicPolicy(options: EnvFileOptions): TopicPolicy {
  return topicPolicyOf(readVariables(topicPolicyVariables, process.env, { flags: flagsOf(options) }));
}
