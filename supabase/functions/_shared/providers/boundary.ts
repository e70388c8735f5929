/**
 * What may pass from a provider. Texts are cut and made storable, ids and versions are taken whole or not at all, times are
 * such as Postgres has, and each entry of a page is understood by itself: a bad one is named, and the others count.
 */
import { z } from 'zod';
import { storable, TEXT_LIMITS } from '../text.ts';
import type { Day, Instant } from './port/content.ts';
import { ProviderError, type UnreadableEntry, UnreadableEvent } from './port/failure.ts';

/** Such as an index can hold: bounded in bytes. */
export const ForeignId = z.string().min(1).max(TEXT_LIMITS.id).refine((id) =>
  id.isWellFormed() && !id.includes('\0') &&
  (id.length <= TEXT_LIMITS.id / 3 || new TextEncoder().encode(id).length <= TEXT_LIMITS.id)
);

/** Guests of an event that are kept: more than a person reads. */
export const MOST_ATTENDEES = 100;

/** The name or address of a person; null where there is none. */
export function foreignName(text: string | null | undefined): string | null {
  return storable(text ?? '', TEXT_LIMITS.name) || null;
}

/** An address for people to open. Half an address leads elsewhere, and other schemes do other things. */
export function foreignLink(text: string | null | undefined): string | null {
  const isLink = !!text && text.length <= TEXT_LIMITS.link && /^https?:\/\//i.test(text) && URL.canParse(text);
  return isLink ? storable(text, TEXT_LIMITS.link) : null;
}

const LONGEST_ZONE = 64;

/** For display only: where it is no name of a zone, the instants are right all the same. */
export function foreignZone(text: string | null | undefined): string {
  return text && text.length <= LONGEST_ZONE ? storable(text, LONGEST_ZONE) || 'UTC' : 'UTC';
}

const LONGEST_INSTANT = 64;
const FIRST = Date.parse('0001-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** Null for what is no instant of the years 1 to 9999. */
export function foreignInstant(text: string | null | undefined): Instant | null {
  const at = text && text.length <= LONGEST_INSTANT ? Date.parse(text) : NaN;
  return at >= FIRST && at <= LAST ? new Date(at).toISOString() : null;
}

/** Null for what is no day of the calendar, the thirtieth of February among it. */
export function foreignDay(text: string | null | undefined): Day | null {
  const instant = text && /^\d{4}-\d{2}-\d{2}$/.test(text) ? foreignInstant(`${text}T00:00:00.000Z`) : null;
  return instant?.slice(0, 10) === text ? text ?? null : null;
}

/** @throws {UnreadableEvent} for an entry of another shape */
export function understood<Entry>(operation: string, shape: z.ZodType<Entry>, entry: unknown): Entry {
  const read = shape.safeParse(entry);
  if (read.success) return read.data;
  throw new UnreadableEvent(operation, idOf(entry), 'unknown_shape');
}

/**
 * The event that an answer consists of. One without even an id is no bad event but a bad answer, a proxy's page say, and may
 * be better the next time. @throws {UnreadableEvent} @throws {ProviderError} `UNEXPECTED_RESPONSE`
 */
export function onlyEvent<Entry>(operation: string, shape: z.ZodType<Entry>, body: unknown, status: number): Entry {
  if (idOf(body) !== null) return understood(operation, shape, body);
  throw new ProviderError('UNEXPECTED_RESPONSE', `${operation}: the answer is not an event`, { operation, status });
}

function idOf(entry: unknown): string | null {
  return z.object({ id: ForeignId }).safeParse(entry).data?.id ?? null;
}

/** Each entry by itself. What was read is taken out of `entries` on the way, so that a page is held in memory once. */
export function readEach<Entry, Item>(
  entries: Entry[],
  read: (entry: Entry) => Item,
): { items: Item[]; unreadable: UnreadableEntry[] } {
  const items: Item[] = [];
  const unreadable: UnreadableEntry[] = [];
  for (const [at, entry] of entries.entries()) {
    (entries as unknown[])[at] = null;
    try {
      items.push(read(entry));
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error;
      unreadable.push(error.entry);
    }
  }
  return { items, unreadable };
}
