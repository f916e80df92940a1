import { Text, Timeline } from '@mantine/core';
import type { LifecycleEvent } from '../api/types.js';
import { StateBadge } from '../components/state-badge.js';
import { Time } from '../components/time.js';

const proofs = {
  broker: 'Kafka has it',
  gateway: 'the MQTT broker or the HTTP gateway has it',
  device: 'the device acknowledged it',
  executed: 'the device reported the result',
} as const;

/** The states of a command with the evidence of each, the oldest first. */
export function CommandTimeline({ events }: { readonly events: readonly LifecycleEvent[] }) {
  return (
    <Timeline active={events.length - 1} bulletSize={14} lineWidth={2}>
      {events.map((event) => (
        <Timeline.Item key={`${event.state} ${event.timestamp}`} title={<StateBadge state={event.state} />}>
          <Text size="sm" className="quiet" component="div">
            <Time at={event.timestamp} />
            {event.attempt !== undefined && `, attempt ${event.attempt}`}
            {event.evidence && `; ${event.evidence}: ${proofs[event.evidence]}`}
          </Text>
          {notesOf(event).map((note) => (
            <Text size="sm" key={note} style={{ overflowWrap: 'anywhere' }}>
              {note}
            </Text>
          ))}
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

function notesOf(event: LifecycleEvent): string[] {
  return [
    event.reason ?? '',
    event.may_be_repeat ? 'The device may have received it before.' : '',
    event.may_be_executed
      ? 'It ended without proof: the device may have executed it, or may still do so.'
      : '',
    event.redriven_at ? `It was sent again from the dead letters at ${event.redriven_at}.` : '',
  ].filter((note) => note !== '');
}
