/** Who takes part in an event, from what its provider told. */
import type { Attendee } from './rows.ts';

/** Leaves out what is no participant: the column may hold anything. */
export function attendeesOf(value: unknown): Attendee[] {
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is Attendee =>
    typeof one === 'object' && one !== null &&
    [one.name, one.email].some((text) => typeof text === 'string' && text.trim() !== '')
  );
}

/** An address that a browser may be sent to: whatever else an event carries is no link. */
export function safeLink(address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return null;
  const { protocol, href } = new URL(address);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
