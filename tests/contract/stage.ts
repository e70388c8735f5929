import type {
  ConnectionHandle,
  Credential,
  OAuthAccess,
} from '../../supabase/functions/_shared/providers/port/account.ts';
import type {
  CalendarAccess,
  CalendarEvent,
  ChangePage,
  EventRef,
  ObservedEvent,
  WriteOperation,
  WriteOutcome,
} from '../../supabase/functions/_shared/providers/port/calendar.ts';
import type { EventContent, EventTime } from '../../supabase/functions/_shared/providers/port/content.ts';
import { ProviderError } from '../../supabase/functions/_shared/providers/port/failure.ts';
import type { ChangeNotices } from '../../supabase/functions/_shared/providers/port/notices.ts';
import type { OAuthProvider } from '../../supabase/functions/_shared/providers/port/provider.ts';
import type { Can, ProviderHarness } from './harness.ts';

export const APPOINTMENT = '0b6f3c52-6a0e-4b56-9d6c-3a4b7c6d5e4f';
export const marker = { appointmentId: APPOINTMENT, integrationId: '5d1c7f0e-1111-4222-8333-944455556666', epoch: 0 };
/** In the one zone that every provider gives back; others are a matter of round trips. */
export const timed = (startsAt: string, endsAt: string, timeZone = 'UTC'): EventTime => ({
  kind: 'timed',
  startsAt,
  endsAt,
  timeZone,
});
export const days = (startDay: string, endDay: string): EventTime => ({ kind: 'all_day', startDay, endDay });
export const content: EventContent = {
  title: '[Cassius] Suivi — Anne',
  description: 'Première ligne\nSeconde ligne',
  location: '12 rue de la Paix, Paris',
  time: timed('2026-11-23T08:00:00.000Z', '2026-11-23T08:30:00.000Z'),
  availability: 'busy',
  visibility: 'private',
};

export const WINDOW = { from: '2026-11-01T00:00:00.000Z', to: '2027-02-01T00:00:00.000Z' };

/** What a whole reading brought. */
export class Reading {
  readonly events = new Map<string, CalendarEvent>();
  readonly removed = new Set<string>();
  cursor = '';
  pages = 0;

  /** Ids of what lives, in the order of their starts. */
  living(): string[] {
    return [...this.events.values()]
      .filter(({ status }) => status !== 'cancelled')
      .sort((a, b) => startOf(a) < startOf(b) ? -1 : 1)
      .map(({ ref }) => ref.eventId);
  }

  /** Whether it says that the event is gone, in whatever way. */
  tellsGone({ eventId }: EventRef): boolean {
    return this.removed.has(eventId) || this.events.get(eventId)?.status === 'cancelled';
  }

  get({ eventId }: EventRef): CalendarEvent | undefined {
    return this.events.get(eventId);
  }
}

function startOf({ content }: ObservedEvent): string {
  if (!content) return '';
  return content.time.kind === 'timed' ? content.time.startsAt : content.time.startDay;
}

/** A connection as the credential store would hold it. Every renewal refreshes once. */
export function openHandle(
  provider: OAuthProvider,
  credential: Credential,
): ConnectionHandle & { readonly renewals: () => number } {
  let { accessToken } = credential;
  let renewals = 0;
  return {
    accessToken: () => Promise.resolve(accessToken),
    renew: async () => {
      renewals += 1;
      accessToken = (await provider.oauth.refresh(credential.refreshToken ?? '')).accessToken;
      return accessToken;
    },
    renewals: () => renewals,
  };
}

export async function refusalOf(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(() => null, (fault) => fault);
  if (error instanceof ProviderError) return error;
  throw new Error('No provider error came', { cause: error });
}

/** One connected account, anew for each test, and the ways in which the promises write and read. */
export class Stage {
  harness!: ProviderHarness;
  handle!: ReturnType<typeof openHandle>;
  credential!: Credential;
  readonly can: Can;
  readonly #open: () => ProviderHarness;

  constructor(can: Can, open: () => ProviderHarness) {
    this.can = can;
    this.#open = open;
  }

  async set(): Promise<void> {
    this.harness = this.#open();
    ({ credential: this.credential } = await this.oauth.completeAuthorization(await this.harness.consent()));
    this.handle = openHandle(this.provider, this.credential);
  }

  get provider(): OAuthProvider {
    return this.harness.provider;
  }

  get oauth(): OAuthAccess {
    return this.provider.oauth;
  }

  get calendar(): CalendarAccess {
    return this.provider.calendar;
  }

  get notices(): ChangeNotices {
    const { notices } = this.provider;
    if (notices === null) throw new Error('This provider tells nothing');
    return notices;
  }

  refOf(seed: string, calendarId = this.harness.calendars.primary): EventRef {
    return { calendarId, eventId: this.harness.eventId(seed) };
  }

  creation(seed: string, more: Partial<EventContent> = {}, calendarId?: string): WriteOperation & { kind: 'create' } {
    return { kind: 'create', key: seed, ref: this.refOf(seed, calendarId), marker, content: { ...content, ...more } };
  }

  patch(event: ObservedEvent, changes: Partial<EventContent>, version: string | null = event.version): WriteOperation {
    return { kind: 'patch', key: 'patch', ref: event.ref, version, marker, changes };
  }

  removal(event: ObservedEvent, version: string | null = null): WriteOperation {
    return { kind: 'delete', key: 'delete', ref: event.ref, version };
  }

  async write(operation: WriteOperation): Promise<WriteOutcome> {
    const outcome = (await this.calendar.write(this.handle, [operation])).get(operation.key);
    if (!outcome) throw new Error(`No outcome came for ${operation.key}`);
    return outcome;
  }

  async written(operation: WriteOperation): Promise<ObservedEvent> {
    const outcome = await this.write(operation);
    if ('event' in outcome) return outcome.event;
    throw new Error(`The event was not written: ${outcome.result}`, { cause: outcome });
  }

  async refused(operation: WriteOperation): Promise<ProviderError> {
    const outcome = await this.write(operation);
    if (outcome.result === 'failed') return outcome.error;
    throw new Error(`The operation was not refused: ${outcome.result}`);
  }

  /** Every page of a reading, as the engine reads them: on the tokens, whatever the number of entries. */
  async follow(cursor: string | null, calendarId = this.harness.calendars.primary): Promise<Reading> {
    const reading = new Reading();
    let pageToken: string | null = null;
    while (reading.pages < 50) {
      const request = { calendarId, window: WINDOW, cursor, pageToken };
      const page: ChangePage = await this.calendar.pullChanges(this.handle, request);
      reading.pages += 1;
      for (const event of page.events) reading.events.set(event.ref.eventId, event);
      for (const id of page.removed) reading.removed.add(id);
      if ('cursor' in page.next) {
        reading.cursor = page.next.cursor;
        return reading;
      }
      pageToken = page.next.pageToken;
    }
    throw new Error('The reading does not end');
  }

  /** An event as a reading brings it: with our mark only where readings carry it. */
  seen<Event extends ObservedEvent>(event: Event): Event {
    return this.can.showMarkInChanges ? event : { ...event, marker: null };
  }

  read(ref: EventRef): Promise<ObservedEvent | null> {
    return this.calendar.getEvent(this.handle, ref);
  }
}
