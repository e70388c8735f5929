/** A question that waits for a person, as the page understands it. The payload is read with care: another version may have written it. */
import * as z from 'zod/mini';
import { CHANGED_BY, type ConflictReason } from '../../../supabase/functions/_shared/vocabulary.ts';

const time = z.union([
  z.object({ kind: z.literal('timed'), startsAt: z.string(), endsAt: z.nullish(z.string()) }),
  z.object({ kind: z.literal('all_day'), startDay: z.string(), endDay: z.string() }),
]);

const content = z.object({
  title: z.nullish(z.string()),
  description: z.nullish(z.string()),
  location: z.nullish(z.string()),
  time: z.nullish(z.catch(z.nullable(time), null)),
  availability: z.nullish(z.string()),
  visibility: z.nullish(z.string()),
});

const side = z.catch(z.nullish(content), undefined);

const versions = z.object({
  cassius: side,
  calendar: side,
  base: side,
  fields: z.catch(z.array(z.string()), []),
  changedBy: z.catch(z.optional(z.enum(CHANGED_BY)), undefined),
  returns: z.catch(z.optional(z.boolean()), undefined),
});

const massChange = z.object({
  cancelled: z.catch(z.number(), 0),
  moved: z.catch(z.number(), 0),
  known: z.catch(z.number(), 0),
  sample: z.catch(
    z.array(z.object({ summary: z.nullish(z.string()), start: z.nullish(z.string()), end: z.nullish(z.string()) })),
    [],
  ),
});

const overlaps = z.object({
  count: z.catch(z.number(), 1),
  events: z.catch(z.number(), 1),
  appointments: z.catch(
    z.array(z.object({ rdvId: z.string(), startsAt: z.string(), endsAt: z.nullish(z.string()) })),
    [],
  ),
});

export type Overlaps = z.infer<typeof overlaps>;
export type Time = z.infer<typeof time>;
export type Content = z.infer<typeof content>;
export type MassChange = z.infer<typeof massChange>;

/** Undefined: not known. Null: it is not there. */
export interface Versions {
  readonly cassius: Content | null | undefined;
  readonly calendar: Content | null | undefined;
  readonly base: Content | null | undefined;
  /** What the engine found to differ. */
  readonly fields: readonly string[];
  readonly changedBy: 'calendar' | 'both' | undefined;
  /** Of an event that is back: the appointment can come back with it. */
  readonly returns?: boolean | undefined;
}

export interface ConflictRow {
  readonly id: string;
  readonly reason: ConflictReason;
  readonly entity_type: 'event' | 'appointment';
  readonly internal_id: string | null;
  readonly external_id: string | null;
  readonly integration_id: string;
  /** Key of the provider. */
  readonly source: string;
  readonly payload: unknown;
  readonly created_at: string;
  readonly updated_at: string;
}

export function versionsOf({ payload }: Pick<ConflictRow, 'payload'>): Versions {
  const read = z.safeParse(versions, payload);
  if (!read.success) {
    return { cassius: undefined, calendar: undefined, base: undefined, fields: [], changedBy: undefined };
  }
  const { cassius, calendar, base, fields, changedBy, returns } = read.data;
  return { cassius, calendar, base, fields, changedBy, returns };
}

export function massChangeOf({ payload }: Pick<ConflictRow, 'payload'>): MassChange {
  const read = z.safeParse(massChange, payload);
  return read.success ? read.data : { cancelled: 0, moved: 0, known: 0, sample: [] };
}

/** What an overlap is about: how many appointments, across how many events, and the first of them. */
export function overlapsOf({ payload }: Pick<ConflictRow, 'payload'>): Overlaps {
  const read = z.safeParse(overlaps, payload);
  return read.success ? read.data : { count: 1, events: 1, appointments: [] };
}

/** Ids of the appointments that it is about, in order of time; of very many, the first. */
export function appointmentsOf(conflict: Pick<ConflictRow, 'reason' | 'internal_id' | 'payload'>): string[] {
  const overlapped = conflict.reason === 'time_overlap' ? overlapsOf(conflict).appointments : [];
  if (overlapped.length > 0) return overlapped.map(({ rdvId }) => rdvId);
  return conflict.internal_id === null ? [] : [conflict.internal_id];
}

/** About more than one appointment, or more than one event. */
export function isManifold(conflict: Pick<ConflictRow, 'reason' | 'payload'>): boolean {
  const { count, events } = overlapsOf(conflict);
  return conflict.reason === 'time_overlap' && (count > 1 || events > 1);
}

/** An appointment has a start and a later end. */
export function isBookable(value: Time | null | undefined): boolean {
  return value?.kind === 'timed' && Boolean(value.endsAt) &&
    Date.parse(value.endsAt ?? '') > Date.parse(value.startsAt);
}
