/** The whole stack, met from the other side: a person works in their calendar, and the practice sees it. */
import { afterEach, expect } from 'vitest';
import { until } from '../local/bare_database.ts';
import type { Json } from './emulator.ts';
import { day } from './moments.ts';
import { OutboundWorld } from './outbound_world.ts';
import type { Answer } from './person.ts';
import type { Entry } from './provider_stage.ts';

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
    expect(await this.claire.connect(this.account.email)).toMatchObject({ result: { result: 'connected' } });
    if (Object.keys(settings).length > 0) await this.settings(this.claire, settings);
  }

  /** The person adds an event to their own calendar. */
  async add(entry: Entry, calendar = this.account.calendar): Promise<{ id: string }> {
    return await this.stage.person.add(this.emulator, this.account.email, calendar, entry);
  }

  async edit(id: string, entry: Entry, calendar = this.account.calendar): Promise<void> {
    await this.stage.person.edit(this.emulator, this.account.email, { calendar, id }, entry);
  }

  async remove(id: string, calendar = this.account.calendar): Promise<void> {
    await this.stage.person.remove(this.emulator, this.account.email, { calendar, id });
  }

  /** Presses "import" or "preview" for so many days from today. */
  async ask(days: number, more: Record<string, unknown> = {}): Promise<Answer> {
    return await this.claire.use('import/import', {
      body: { calendarId: this.account.calendar, timeMin: day(0, 0), timeMax: day(days, 0), mode: 'import', ...more },
    });
  }

  async import(days: number, more: Record<string, unknown> = {}) {
    const answer = await this.ask(days, more);
    expect(answer).toMatchObject({ status: 200, body: { remaining: false } });
    return answer.body;
  }

  /** What the practice sees of people's calendars. */
  async stored(): Promise<ExternalEvent[]> {
    const { data, error } = await this.lumiere.client.from('external_events').select(
      'external_event_id, summary, status, start_at, external_calendar_id',
    ).eq('provider', this.stage.name).order('start_at').order('external_event_id');
    if (error) throw error;
    return data.map((row) => ({
      id: row.external_event_id,
      summary: row.summary,
      status: row.status,
      start: new Date(row.start_at).toISOString(),
      calendar: row.external_calendar_id,
    }));
  }

  async rdv(id: string): Promise<Json> {
    return (await this.sql`select * from public.rdv where id = ${id}`)[0];
  }

  async conflicts(status = 'open'): Promise<Json[]> {
    const { data, error } = await this.lumiere.client.from('sync_conflicts').select('*').eq('status', status)
      .order('created_at');
    if (error) throw error;
    return data;
  }

  async resolve(id: string, action: string): Promise<Answer> {
    return await this.claire.use(`import/conflicts/${id}/resolve`, { body: { action } });
  }

  /** Takes a decision back. */
  async undo(id: string): Promise<Answer> {
    return await this.claire.use(`import/conflicts/${id}/undo`, { body: {} });
  }

  /** The minute's sweep once every followed calendar is due. */
  async poll(): Promise<void> {
    await this.quiet();
    await this.sql`update private.calendar_cursors set next_poll_at = private.clock(), failures = 0`;
    await this.stack.runCron('cassius-import-sweep');
    await until(
      async () => {
        const [row] = await this.sql`select count(*) as due from private.calendar_cursors c
          where c.followed is not null and (c.next_poll_at <= private.clock() or c.lease_until > private.clock())`;
        return row!.due === '0';
      },
      'every calendar is read',
    );
    await this.quiet();
  }

  /** No worker reads or writes a calendar, and nothing of it is due. */
  async quiet(): Promise<void> {
    await this.settled();
    await until(
      async () => {
        const [row] = await this.sql`select count(*) as busy from private.calendar_cursors c
          where c.lease_until > private.clock() or c.failures = 0 and c.followed is not null and exists (
            select 1 from private.calendar_notices n
            where n.integration_id = c.integration_id and n.calendar_id = c.calendar_id
          ) or exists (
            select 1 from private.import_requests q
            where q.integration_id = c.integration_id and q.calendar_id = c.calendar_id and q.result is null
          )`;
        return row!.busy === '0';
      },
      'nobody reads a calendar',
    );
  }

  /** What was asked of the calendar, in order. */
  async asked(): Promise<string[]> {
    return (await this.requests()).map(({ step }) => step).filter((step) =>
      step !== 'refresh' && !step.startsWith('oauth')
    );
  }

  /** Push is off: only polling finds what changed. */
  async withoutPush(): Promise<void> {
    await this.stage.refuseWatches(this.emulator, this.account, this.account.calendar);
  }

  /** The channel that the provider keeps for the calendar is open. */
  async pushed(): Promise<void> {
    await until(
      async () => (await this.claire.use('import/status')).body.push === 'live',
      'the calendar announces its changes',
    );
    await this.quiet();
  }
}
