/** What both adapters do to an event's fields, so that what was sent, what is read and what is compared are the same. */
import { cut, storable } from '../text.ts';
import type { ContentField, EventContent, EventTime, Instant } from './port/content.ts';

/** How much more than is kept is looked at: room for what is taken out. */
const ROUGHLY = 4;

/** How a provider hands each field back. A field without a rule comes back as it was sent. */
export type FieldRules = { readonly [Field in ContentField]?: (value: EventContent[Field]) => EventContent[Field] };

/** Applies the rules to the fields that are there: a whole content, or the changed fields of one. */
export function normalized<Fields extends Partial<EventContent>>(fields: Fields, rules: FieldRules): Fields {
  const each = rules as Readonly<Record<string, ((value: unknown) => unknown) | undefined>>;
  const entries = Object.entries(fields).map(([field, value]) => [field, each[field]?.(value) ?? value]);
  return Object.fromEntries(entries) as Fields;
}

/**
 * Applies `step` until nothing changes any more: a cut or a removed block can bring up a new edge to trim.
 *
 * @param length that is kept, in UTF-16 code units
 */
export function settled(text: string, length: number, step: (text: string) => string): string {
  let before: string;
  let after = storable(text, length * ROUGHLY).replace(/\r\n?/g, '\n');
  do {
    before = after;
    after = cut(step(before).trim(), length);
  } while (after !== before);
  return after;
}

/** Both providers keep whole seconds. */
export function wholeSeconds(time: EventTime): EventTime {
  if (time.kind === 'all_day') return time;
  return { ...time, startsAt: wholeSecond(time.startsAt), endsAt: wholeSecond(time.endsAt) };
}

function wholeSecond(instant: Instant): Instant {
  const at = Date.parse(instant);
  // The provider refuses it, and only it: an exception here would take the other operations of its batch along.
  return Number.isNaN(at) ? instant : new Date(Math.floor(at / 1000) * 1000).toISOString();
}
