/** The whole stack, met from the other side: a person works in their calendar, and the practice sees it. */
import { afterEach, expect } from 'vitest';
import { until } from '../local/bare_database.ts';
import { CLAIRE, type Event, OutboundWorld } from './outbound_world.ts';
import type { Answer } from './person.ts';

const DAY = 86_400_000;

/** A whole hour so many days from today, UTC. */
export function day(days: number, hour: number): string {
  const at = new Date(Date.now() + days * DAY);
  at.setUTCHours(hour, 0, 0, 0);
  return at.toISOString();
}

export const timed = (days: number, from: number, to: number) => ({
  start: { dateTime: day(days, from), timeZone: 'Europe/Paris' },
  end: { dateTime: day(days, to), timeZone: 'Europe/Paris' },
});

export interface ExternalEvent {
  readonly id: string;
  readonly summary: string | null;
  readonly status: string;
  readonly start: string;
  readonly calendar: string;
}

export class InboundWorld extends OutboundWorld {
  constructor() {
    super();
    afterEach(() => this.quiet());
  }

  /** Claire connects, and sets what the test needs. */
  async connect(settings: Record<string, unknown> = {}): Promise<void> {
    expect(await this.claire.connect(CLAIRE)).toMatchObject({ result: { result: 'connected' } });
    if (Object.keys(settings).length > 0) await this.settings(this.claire, settings);
  }

  /** The person adds an event to their own calendar. */
  async add(fields: Record<string, unknown>, calendar = CLAIRE): Promise<Event> {
    return await this.asPerson(CLAIRE, 'POST', `${encodeURIComponent(calendar)}/events`, fields);
  }

  async edit(id: string, fields: Record<string, unknown>, calendar = CLAIRE): Promise<Event> {
    return await this.asPerson(CLAIRE, 'PATCH', `${encodeURIComponent(calendar)}/events/${id}`, fields);
  }

  async remove(id: string, calendar = CLAIRE): Promise<void> {
    await this.asPerson(CLAIRE, 'DELETE', `${encodeURIComponent(calendar)}/events/${id}`);
  }

  /** Presses "import" or "preview" for so many days from today. */
  async ask(days: number, more: Record<string, unknown> = {}): Promise<Answer> {
    return await this.claire.call('google-import/import', {
      body: { calendarId: CLAIRE, timeMin: day(0, 0), timeMax: day(days, 0), mode: 'import', ...more },
    });
  }

  async import(days: number, more: Record<string, unknown> = {}) {
    const answer = await this.ask(days, more);
    expect(answer).toMatchObject({ status: 200, body: { remaining: false } });
    return answer.body;
  }

  /** What the practice sees of people's calendars. */
  async stored(): Promise<ExternalEvent[]> {
    const { data, error } = await this.lumiere.client.from('google_calendar_events').select(
      'google_event_id, summary, status, start_at, google_calendar_id',
    ).order('start_at').order('google_event_id');
    if (error) throw error;
    return data.map((row) => ({
      id: row.google_event_id,
      summary: row.summary,
      status: row.status,
      start: new Date(row.start_at).toISOString(),
      calendar: row.google_calendar_id,
    }));
  }

  async rdv(id: string): Promise<Event> {
    return (await this.sql`select * from public.rdv where id = ${id}`)[0];
  }

  async conflicts(status = 'open'): Promise<Event[]> {
    const { data, error } = await this.lumiere.client.from('sync_conflicts').select('*').eq('status', status)
      .order('created_at');
    if (error) throw error;
    return data;
  }

  async resolve(id: string, action: string): Promise<Answer> {
    return await this.claire.call(`google-import/conflicts/${id}/resolve`, { body: { action } });
  }

  /** The minute's sweep once every followed calendar is due. */
  async poll(): Promise<void> {
    await this.quiet();
    await this.sql`update private.calendar_cursors set next_poll_at = private.clock(), failures = 0`;
    await this.stack.runCron('cassius-import-sweep');
    await until(
      async () => {
        const [row] = await this.sql`select count(*) as due from private.calendar_cursors
          where next_poll_at <= private.clock() or lease_until > private.clock()`;
        return row!.due === '0';
      },
      'every calendar is read',
      20_000,
    );
    await this.quiet();
  }

  /** Nobody reads or writes a calendar, and nothing of it is due. */
  async quiet(): Promise<void> {
    await this.settled();
    await until(
      async () => {
        const [row] = await this.sql`select count(*) as busy from private.calendar_cursors c
          where c.lease_until > private.clock() or (c.dirty_version > c.seen_version and c.failures = 0)`;
        return row!.busy === '0';
      },
      'nobody reads a calendar',
      20_000,
    );
  }

  /** What was asked of the calendar, in order: by the product, and by the person too. */
  async asked(): Promise<string[]> {
    const { calls } = await this.google('state?only=calls');
    return calls.map(({ method }: Event) => method).filter((method: string) => !method.startsWith('oauth'));
  }

  /** Push is off: only polling finds what changed. */
  async withoutPush(): Promise<void> {
    await this.google('calendars', { account: CLAIRE, id: CLAIRE, pushSupported: false });
  }

  /** The channel that the provider keeps for the calendar stands. */
  async pushed(): Promise<void> {
    await until(
      async () => (await this.claire.call('google-import/status')).body.push === 'live',
      'the calendar announces its changes',
      10_000,
    );
    await this.quiet();
  }
}
