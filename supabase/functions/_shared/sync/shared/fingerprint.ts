import { createHash } from 'node:crypto';
import type { EventContent } from '../../providers/port/content.ts';

/** The same for the same content, whatever the order of its keys and the spelling of its instants. */
export function fingerprint(content: EventContent): string {
  const { title, description, location, time, availability, visibility } = content;
  const when = time.kind === 'timed'
    ? [Date.parse(time.startsAt), Date.parse(time.endsAt), time.timeZone]
    : [time.startDay, time.endDay];
  const text = JSON.stringify([title, description, location, time.kind, when, availability, visibility]);
  return createHash('sha256').update(text).digest('hex');
}
