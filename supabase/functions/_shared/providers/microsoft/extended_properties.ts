import { z } from 'zod';
import type { EventMarker } from '../port/calendar.ts';

/** Constant for good: each name takes a place in every mailbox that is never freed. */
const SET = '{7d9c2a4e-6b1f-4c58-9e3a-2f5d8b7a1c60}';
const MARK = `String ${SET} Name CassiusMark`;
const KEY = `String ${SET} Name CassiusKey`;

export const ExtendedProperties = z.array(z.object({ id: z.string(), value: z.string().nullish() }));

interface ExtendedProperty {
  readonly id: string;
  readonly value: string;
}

/** Our mark, to be written. `key`: the id under which the event was asked for, known before Graph gives its own. */
export function properties(marker: EventMarker, key: string | null): ExtendedProperty[] {
  return [
    { id: MARK, value: [marker.appointmentId, marker.integrationId, marker.epoch].join('/') },
    ...(key === null ? [] : [{ id: KEY, value: key }]),
  ];
}

/** Brings our mark along with an event, where `$expand` is accepted. */
export const EXPAND_MARK = `singleValueExtendedProperties($filter=id eq '${MARK}')`;

/** The filter that finds the event that was asked for under this id. */
export function withKey(key: string): string {
  return `singleValueExtendedProperties/Any(ep: ep/id eq '${KEY}' and ep/value eq '${key.replaceAll("'", "''")}')`;
}

export function markerOf(found: z.infer<typeof ExtendedProperties> | null | undefined): EventMarker | null {
  // The braces and the hexadecimal digits of an id can come back in another case; the name cannot.
  const name = MARK.toLowerCase();
  const value = found?.find(({ id }) => id.toLowerCase() === name)?.value ?? '';
  const [appointmentId, integrationId, epoch, ...more] = value.split('/');
  if (!appointmentId || !integrationId || !epoch || !/^\d{1,9}$/.test(epoch) || more.length > 0) return null;
  return { appointmentId, integrationId, epoch: Number(epoch) };
}
