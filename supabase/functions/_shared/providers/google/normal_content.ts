import { cut, oneLine, storable, TEXT_LIMITS } from '../../text.ts';
import { cutForHtml } from '../html_text.ts';
import type { EventContent, EventTime, Instant } from '../calendar_provider.ts';

/** How much more than is kept is looked at: room for what is taken out. Google cuts descriptions at its bound without a word. */
const ROUGHLY = 4;

/** Begins and ends Google's own block about the video conference, in lines such as `-::~:~::~:~::~:~::-`. */
const CONFERENCE = '-::~:~::';

/**
 * The content as Google hands it back. Idempotent: what we send, what we read and what we compare all went through
 * here, so Google's cuts and our own never look like somebody's edit.
 */
export function normalContent(content: EventContent): EventContent {
  return {
    title: settle(content.title, TEXT_LIMITS.title, oneLine),
    description: settle(content.description, TEXT_LIMITS.description, describable),
    location: settle(content.location, TEXT_LIMITS.location, (text) => text),
    time: normalTime(content.time),
    availability: content.availability,
    visibility: content.visibility,
  };
}

export function normalChanges(changes: Partial<EventContent>): Partial<EventContent> {
  const whole = normalContent({
    title: '',
    description: '',
    location: '',
    time: { kind: 'all_day', startDay: '', endDay: '' },
    availability: 'busy',
    visibility: 'normal',
    ...changes,
  });
  return Object.fromEntries(Object.entries(whole).filter(([field]) => field in changes));
}

/** Until nothing changes any more: a cut or a removed block can bring up a new edge to trim. */
function settle(text: string, length: number, step: (text: string) => string): string {
  let before: string;
  let after = storable(text, length * ROUGHLY).replace(/\r\n?/g, '\n');
  do {
    before = after;
    after = cut(step(before).trim(), length);
  } while (after !== before);
  return after;
}

/** Descriptions are written as HTML, which may be longer than the text and is what Google bounds. */
function describable(text: string): string {
  return cutForHtml(withoutConference(text).trim(), TEXT_LIMITS.description);
}

function withoutConference(text: string): string {
  let kept = '';
  let from = 0;
  while (true) {
    const opening = text.indexOf(CONFERENCE, from);
    const closing = opening < 0 ? -1 : text.indexOf(CONFERENCE, lineEnd(text, opening));
    if (closing < 0) return kept + text.slice(from);
    kept += text.slice(from, opening);
    from = lineEnd(text, closing);
  }
}

/** Where a line of the block that begins here ends. */
function lineEnd(text: string, begins: number): number {
  let end = begins;
  while (end < text.length && '-:~'.includes(text.charAt(end))) end += 1;
  return end;
}

/** Google keeps whole seconds. */
function normalTime(time: EventTime): EventTime {
  if (time.kind === 'all_day') return time;
  return { ...time, startsAt: wholeSecond(time.startsAt), endsAt: wholeSecond(time.endsAt) };
}

function wholeSecond(instant: Instant): Instant {
  const at = Date.parse(instant);
  // Google refuses it, and only it: an exception here would take the other operations of its batch along.
  return Number.isNaN(at) ? instant : new Date(Math.floor(at / 1000) * 1000).toISOString();
}
