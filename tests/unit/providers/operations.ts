/** What both adapters are given to write, and what comes of a batch of it whichever the provider. */
import { expect, test } from 'vitest';
import type { WriteOperation, WriteOutcome } from '../../../supabase/functions/_shared/providers/port/calendar.ts';
import type { CalendarProvider } from '../../../supabase/functions/_shared/providers/port/provider.ts';
import type { EventContent } from '../../../supabase/functions/_shared/providers/port/content.ts';
import type { script, SentRequest, Step } from './scripted.ts';

export const MARKER = { appointmentId: 'rdv', integrationId: 'integration', epoch: 0 };
/** Of every content. */
export const TIMED = {
  title: 'Suivi',
  time: {
    kind: 'timed',
    startsAt: '2026-11-21T08:00:00.000Z',
    endsAt: '2026-11-21T08:30:00.000Z',
    timeZone: 'Europe/Paris',
  },
  availability: 'busy',
} as const;

/** Operations on events of one calendar, the key of each made of its event's id. */
export function operationsIn(calendarId: string, content: EventContent) {
  const ref = (eventId: string) => ({ calendarId, eventId });
  return {
    ref,
    create: (id: string): WriteOperation => ({ kind: 'create', key: `k-${id}`, ref: ref(id), marker: MARKER, content }),
    patch: (id: string, version: string | null = null): WriteOperation => ({
      kind: 'patch',
      key: `k-${id}`,
      ref: ref(id),
      marker: MARKER,
      version,
      changes: { title: 'Neuf' },
    }),
    remove: (id: string, version: string | null = null): WriteOperation => ({
      kind: 'delete',
      key: `k-${id}`,
      ref: ref(id),
      version,
    }),
  };
}

/** The result of each operation, or the code of its error, by key. */
export function results(outcomes: ReadonlyMap<string, WriteOutcome>): Record<string, string> {
  return Object.fromEntries(
    [...outcomes].map(([key, outcome]) => [key, outcome.result === 'failed' ? outcome.error.code : outcome.result]),
  );
}

type Part = readonly [status: number, body?: unknown];

interface Scripting {
  scripted(...steps: Step[]): Omit<ReturnType<typeof script>, 'runtime'> & { readonly provider: CalendarProvider };
  batchAnswer(parts: ReadonlyArray<Part | null>): Step;
  create(id: string): WriteOperation;
  /** The answer to a create. */
  created(id: string): Part;
  /** The answer to a part whose access token is refused. */
  readonly refusedToken: Part;
  /** How many calls a batch held. */
  callsIn(request: SentRequest): number;
}

export function promisesOfBatches({ scripted, batchAnswer, create, created, refusedToken, callsIn }: Scripting): void {
  test('in which a missing answer fails its own key only', async () => {
    const { provider, handle } = scripted(batchAnswer([created('a'), null]));
    expect(results(await provider.calendar.write(handle, [create('a'), create('b')]))).toEqual({
      'k-a': 'created',
      'k-b': 'UNEXPECTED_RESPONSE',
    });
  });

  test('in which refused parts alone are repeated with one new token', async () => {
    const { provider, handle, sent, tokens } = scripted(
      batchAnswer([created('a'), refusedToken, refusedToken]),
      batchAnswer([created('b'), refusedToken]),
    );
    expect(results(await provider.calendar.write(handle, [create('a'), create('b'), create('c')]))).toEqual({
      'k-a': 'created',
      'k-b': 'created',
      'k-c': 'PROVIDER_UNAVAILABLE',
    });
    expect(tokens.renewed).toBe(1);
    expect(callsIn(sent[1]!)).toBe(2);
  });

  test('whose repeat is lost keeps what was written before', async () => {
    const { provider, handle } = scripted(
      batchAnswer([created('a'), refusedToken]),
      new TypeError('connection reset'),
    );
    expect(results(await provider.calendar.write(handle, [create('a'), create('b')]))).toEqual({
      'k-a': 'created',
      'k-b': 'PROVIDER_UNAVAILABLE',
    });
  });
}
