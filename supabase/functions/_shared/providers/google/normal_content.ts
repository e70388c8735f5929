import type { EventContent, EventTime, Instant } from '../calendar_provider.ts';

/** Google cuts descriptions here without a word. */
const DESCRIPTION_LENGTH = 8192;
/** Not documented; far above what a calendar shows. */
const LINE_LENGTH = 1024;

/** Google's own block about the video conference, between two lines such as `-::~:~::~:~::~:~::-`. */
const CONFERENCE_BLOCK = /-::~:~::[-:~]*[\s\S]*?-::~:~::[-:~]*/g;

/**
 * The content as Google hands it back. Idempotent: what we send, what we read and what we compare all went through
 * here, so Google's cuts and our own never look like somebody's edit.
 */
export function normalContent(content: EventContent): EventContent {
  return {
    title: settle(content.title, LINE_LENGTH, (text) => text.replace(/\s*\n\s*/g, ' ')),
    description: settle(content.description, DESCRIPTION_LENGTH, (text) => text.replace(CONFERENCE_BLOCK, '')),
    location: settle(content.location, LINE_LENGTH, (text) => text),
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
  let after = text.toWellFormed().replaceAll('\0', '').replace(/\r\n?/g, '\n');
  do {
    before = after;
    after = clamp(step(before).trim(), length);
  } while (after !== before);
  return after;
}

/** Never through the middle of a character of two code units. */
function clamp(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
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
