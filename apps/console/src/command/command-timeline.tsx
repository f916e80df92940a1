import { Text, Timeline } from '@mantine/core';
import type { LifecycleEvent } from '../api/types.js';
import { durationOf } from '../components/duration-of.js';
import { StateBadge } from '../components/state-badge.js';

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
      {events.map((event, index) => (
        <Timeline.Item key={`${event.state} ${event.timestamp}`} title={<StateBadge state={event.state} />}>
          <Text size="sm" className="quiet" component="div">
            <time dateTime={event.timestamp}>{clockTimeOf(event)}</time>
            {stepOf(events[index - 1], event)}
            {event.attempt !== undefined && `, attempt ${event.attempt}`}
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

function clockTimeOf({ timestamp }: LifecycleEvent): string {
  const at = new Date(timestamp);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? at.toLocaleTimeString() : at.toLocaleString();
}

function stepOf(before: LifecycleEvent | undefined, { timestamp }: LifecycleEvent): string {
  return before === undefined ? '' : `, +${durationOf(Date.parse(timestamp) - Date.parse(before.timestamp))}`;
}

function notesOf(event: LifecycleEvent): string[] {
  return [
    event.evidence ? `Evidence: ${proofs[event.evidence]} (${event.evidence}).` : '',
    event.reason ?? '',
    event.may_be_repeat ? 'The device may have received it before.' : '',
    event.may_be_executed
      ? 'It ended without proof: the device may have executed it, or may still do so.'
      : '',
    event.redriven_at
      ? `It was sent again from the dead letters at ${new Date(event.redriven_at).toLocaleString()}.`
      : '',
  ].filter((note) => note !== '');
}
