import type { Deployment } from './deployment.js';
import { type Finding, fail, warn } from './finding.js';

/** More records that nobody has processed are a backlog. */
const longLag = 10_000;

/** Checks that connectors run, have all partitions and keep up. */
export function checkGroups({ groups, kafka }: Deployment): readonly Finding[] {
  if (groups.length === 0) {
    return [
      warn({
        subject: `topic ${kafka.commandTopic}`,
        what: 'no connector has ever read it',
        why: 'no command is delivered',
        run: 'start a connector: docs/connectors.md',
      }),
    ];
  }
  return groups.flatMap(({ groupId, members, unassigned, lag }) => {
    const subject = `group ${groupId}`;
    if (members.length === 0) {
      return [
        fail({
          subject,
          what: 'no connector of the group runs',
          why: 'its commands stay in their topic until the retention removes them',
          run: `start a connector with --group-id ${groupId}`,
        }),
      ];
    }
    const behind = lag.reduce<number>((sum, records) => sum + (records ?? 0), 0);
    return [
      ...(unassigned.length > 0
        ? [
            warn({
              subject,
              what: `no member has the partitions ${unassigned.join(', ')}`,
              why: 'their devices get no commands; it passes if the group is just dividing them',
              run: 'pusher connectors, again in a minute; then read the logs of the connectors',
            }),
          ]
        : []),
      ...(behind > longLag
        ? [
            warn({
              subject,
              what: `${behind} records are not processed`,
              why: 'commands are delivered late, and expire',
              run: 'pusher connectors; then docs/scaling.md',
            }),
          ]
        : []),
    ];
  });
}
