/** What people take back in Cassius: their own changes, their decisions, whole imports; and what must hold when they do. */
import type postgres from 'postgres';
import type { ImportRequests } from '../../supabase/functions/_shared/db/inbound.ts';
import type { Owner } from '../../supabase/functions/_shared/db/connect_flows.ts';
import { SyncError } from '../../supabase/functions/_shared/errors.ts';
import type { CalendarEvent } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import type { TakenBack } from './actions.ts';

const FIELDS = ['practitioner_id', 'patient_id', 'type', 'act', 'notes', 'location', 'starts_at', 'ends_at', 'status'];

/** An appointment as the page knows it; `version` is its `updated_at`. */
interface Row {
  readonly id: string;
  readonly version: string;
  readonly fields: Readonly<Record<string, string | null>>;
}
type Rows = ReadonlyMap<string, Row>;

/** A change that a person made here. */
interface Step {
  readonly before: Row | null;
  readonly after: Row | null;
}

interface Decision {
  readonly id: string;
  readonly rdv: string | null;
  readonly ignores: boolean;
  readonly before: Rows;
  readonly after: Rows;
  /** The event, where a person decided about what it shows. */
  readonly event: CalendarEvent | null;
}

/** The world that it happens in. */
export interface Place {
  readonly sql: postgres.Sql;
  readonly organisation: string;
  readonly integration: string;
  readonly owner: Owner;
  readonly requests: Pick<ImportRequests, 'undo'>;
  /** The events of ours that the calendars show. */
  shown(): Promise<CalendarEvent[]>;
  takeBackDecision(id: string): Promise<unknown>;
  /** A person changed it here, or decided about it. */
  touched(rdv: string, fields: Readonly<Record<string, string | null>> | null, changed: readonly string[]): void;
  decided(rdv: string): void;
  leftNoMore(rdv: string): void;
  importEnded(): void;
  note(line: string): void;
}

export class TakingBack {
  readonly #place: Place;
  readonly #steps: Step[] = [];
  readonly #decisions: Decision[] = [];
  /** The version that a person's own last change gave to an appointment. */
  readonly #own = new Map<string, string>();
  /** What undoing did that it must not. */
  readonly objections: string[] = [];

  constructor(place: Place) {
    this.#place = place;
  }

  async rows(): Promise<Rows> {
    const rows = await this.#place.sql`select id, updated_at::text as version, to_jsonb(r) as fields from public.rdv r
      where organisation_id = ${this.#place.organisation} order by id`;
    return new Map(rows.map(({ id, version, fields }) => [
      id,
      { id, version, fields: Object.fromEntries([...FIELDS, 'source'].map((field) => [field, fields[field]])) },
    ]));
  }

  /** Around what a person does here. */
  async changing(id: string, change: () => Promise<unknown>): Promise<void> {
    const before = (await this.rows()).get(id) ?? null;
    await change();
    const after = (await this.rows()).get(id) ?? null;
    if (before?.version === after?.version) return;
    this.#steps.push({ before, after });
    if (after) this.#own.set(id, after.version);
  }

  /** Around a decision. */
  async deciding(
    { id, rdv, reason, entity, action }: {
      id: string;
      rdv: string | null;
      reason: string;
      entity: string;
      action: string;
    },
    decide: () => Promise<boolean>,
  ): Promise<void> {
    const shown = reason === 'changed_both_sides' && entity === 'appointment' ? await this.#place.shown() : [];
    const before = await this.rows();
    const { sql } = this.#place;
    if (!await decide()) return;
    const after = await this.rows();
    // A question about one event may be about several appointments.
    for (const changed of differ(before, after)) this.#place.decided(changed);
    const [kept] = await sql`select from private.decisions where conflict_id = ${id}`;
    if (!kept) return;
    const [link] = await sql`select external_event_id as id from public.appointment_external_links
      where rdv_id = ${rdv} and integration_id = ${this.#place.integration}`;
    const event = shown.find(({ ref }) => ref.eventId === link?.['id']) ?? null;
    this.#decisions.push({ id, rdv, ignores: action === 'ignore', before, after, event });
  }

  async takeBack({ what, latest }: TakenBack): Promise<void> {
    if (what === 'change') return await this.#takeBackChange(latest);
    return what === 'decision' ? await this.#takeBackDecision(latest) : await this.#takeBackImport(latest);
  }

  /** As the page does it: what was before is written back, if the version is the one that the change gave. */
  async #takeBackChange(latest: number): Promise<void> {
    const { sql, organisation } = this.#place;
    const [step] = this.#steps.splice(indexOf(this.#steps, latest), 1);
    if (!step) return;
    const { before, after } = step;
    const id = (before ?? after)!.id;
    const undo = async (): Promise<postgres.RowList<postgres.Row[]> | []> => {
      if (after === null) {
        const row = { id, organisation_id: organisation, ...before!.fields };
        return await sql`insert into public.rdv ${sql(row)} on conflict (id) do nothing returning id`;
      }
      if (before === null) {
        return await sql`delete from public.rdv where id = ${id} and updated_at::text = ${after.version}
          returning id`;
      }
      const fields = Object.fromEntries(differing(before, after).map((field) => [field, before.fields[field] ?? null]));
      if (Object.keys(fields).length === 0) return [];
      return await sql`update public.rdv set ${sql(fields)}
        where id = ${id} and updated_at::text = ${after.version} returning id`;
    };
    const [written] = await undo();
    if (!written) return this.#place.note('an undo was refused: it changed meanwhile');
    const now = (await this.rows()).get(id);
    if (now) this.#own.set(id, now.version);
    this.#place.touched(id, now?.fields ?? null, before && after ? differing(before, after) : FIELDS);
  }

  async #takeBackDecision(latest: number): Promise<void> {
    const decision = this.#decisions[indexOf(this.#decisions, latest)];
    if (!decision) return;
    const { id, rdv, before, after, event, ignores } = decision;
    const now = await this.rows();
    const outcome = await this.#outcome(() => this.#place.takeBackDecision(id));
    const then = await this.rows();
    this.#stays(`the decision ${id}`, now, then, outcome);
    if (rdv) this.#place.decided(rdv);
    for (const changed of differ(now, then)) this.#place.decided(changed);
    if (outcome !== 'done') return;
    this.#decisions.splice(this.#decisions.indexOf(decision), 1);
    if (ignores && rdv && !this.#decisions.some((one) => one.ignores && one.rdv === rdv)) this.#place.leftNoMore(rdv);
    for (const one of differ(before, after)) {
      const [was, is] = [before.get(one), then.get(one)];
      if (JSON.stringify(was?.fields) !== JSON.stringify(is?.fields)) {
        this.objections.push(`U2: ${one} is not what it was before the decision ${id}: ${JSON.stringify([was, is])}`);
      }
    }
    const [question] = await this.#place.sql`select status from public.sync_conflicts where id = ${id}`;
    if (question?.['status'] !== 'open') this.objections.push(`U2: ${id} is not asked again`);
    if (event === null) return;
    const shown = (await this.#place.shown()).find(({ ref }) => ref.eventId === event.ref.eventId);
    const [was, is] = [event.content, shown?.content].map((content) =>
      JSON.stringify([content?.time, content?.location])
    );
    if (was !== is) this.objections.push(`U2: the event of ${rdv} shows ${is}, and before the decision ${was}`);
  }

  async #takeBackImport(latest: number): Promise<void> {
    const { sql, integration, requests, owner } = this.#place;
    const runs = await sql`select r.id from public.sync_runs r
      where r.integration_id = ${integration} and r.direction = 'import' and r.mode = 'import'
        and r.finished_at is not null and r.undone_at is null and exists (
          select from public.sync_run_items t where t.run_id = r.id and t.action in ('create', 'update', 'cancel')
        ) order by r.started_at, r.id`;
    const run = runs[indexOf(runs, latest)];
    if (!run) return;
    const now = await this.rows();
    let ended = false;
    const outcome = await this.#outcome(async () => {
      ({ importEnded: ended } = await requests.undo(owner, run['id']));
    });
    const then = await this.rows();
    this.#stays(`the import ${run['id']}`, now, then, outcome);
    for (const id of differ(now, then)) {
      const [was, is] = [now.get(id), then.get(id)];
      this.#place.touched(id, is?.fields ?? null, was && is ? differing(was, is) : ['status']);
    }
    if (ended) this.#place.importEnded();
  }

  /** U1. */
  #stays(what: string, now: Rows, then: Rows, outcome: 'done' | 'refused' | 'failed'): void {
    for (const id of differ(now, then)) {
      const version = now.get(id)?.version;
      if (outcome === 'refused') this.objections.push(`U1: ${what} was not taken back, and yet ${id} changed`);
      else if (version !== undefined && version === this.#own.get(id)) {
        this.objections.push(`U1: taking back ${what} wrote over what a person had changed since: ${id}`);
      }
    }
  }

  async #outcome(work: () => Promise<unknown>): Promise<'done' | 'refused' | 'failed'> {
    try {
      await work();
      return 'done';
    } catch (error) {
      if (!(error instanceof SyncError) || error.code === 'SYNC_FAILED') throw error;
      this.#place.note(`an undo was refused: ${error.code}`);
      return error.code.startsWith('UNDO_') ? 'refused' : 'failed';
    }
  }
}

/** The latest is 0. */
const indexOf = (all: readonly unknown[], latest: number) => all.length - 1 - latest % Math.max(all.length, 1);

const differing = (one: Row, other: Row) => FIELDS.filter((field) => one.fields[field] !== other.fields[field]);

function differ(one: Rows, other: Rows): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((id) => one.get(id)?.version !== other.get(id)?.version);
}
