/** One world: two practices, their calendar accounts, the workers between, and what people do on both sides. */
import { WorkBudget } from '../../supabase/functions/_shared/sync/shared/work_budget.ts';
import { importRequests, importStore } from '../../supabase/functions/_shared/db/inbound.ts';
import { credentialStore } from '../../supabase/functions/_shared/db/credentials.ts';
import { integrations } from '../../supabase/functions/_shared/db/integrations.ts';
import type { Rpc } from '../../supabase/functions/_shared/db/rpc.ts';
import { syncRequests, syncStore } from '../../supabase/functions/_shared/db/outbound.ts';
import { SyncError } from '../../supabase/functions/_shared/errors.ts';
import type { Importing } from '../../supabase/functions/_shared/routes/importing.ts';
import { resolveConflict } from '../../supabase/functions/_shared/routes/resolve_conflict.ts';
import { takeBackDecision } from '../../supabase/functions/_shared/routes/undo_decision.ts';
import { connectionHandle } from '../../supabase/functions/_shared/oauth/credentials.ts';
import type { CalendarProvider } from '../../supabase/functions/_shared/providers/port/provider.ts';
import {
  drainImports,
  IMPORT_LEASE_SECONDS,
  readCalendar,
} from '../../supabase/functions/_shared/sync/inbound/worker.ts';
import type { SyncLog } from '../../supabase/functions/_shared/sync/shared/log.ts';
import { secretHash } from '../../supabase/functions/_shared/sync/inbound/watch.ts';
import { drain } from '../../supabase/functions/_shared/sync/outbound/worker.ts';
import { z } from 'zod';
import {
  type Action,
  type CassiusEdit,
  type Change,
  type Edit,
  type PersonEdit,
  type Schedule,
  type Setting,
  TEMPLATE,
  type Worker,
} from './actions.ts';
import { Dead, type Interruption, Life, UNHARMED } from './life.ts';
import { seededRandom } from '../../emulators/core/faults.ts';
import type { SimulatedDatabase } from './simulated_database.ts';
import type { SimulatedAccount, SimulatedProvider } from './simulated_provider.ts';
import { TakingBack } from './taking_back.ts';
import { Turnstile } from './turnstile.ts';
import type { VirtualClock } from './virtual_clock.ts';

const HALF_HOUR = 1_800_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** Shorter than what an invocation has: who waits for others does not wait long. */
const RUN_MS = 4000;
export const APP = 'https://app.test';
export const ZONE = 'Europe/Paris';

export interface Tenant {
  readonly organisation: string;
  readonly user: string;
  readonly member: string;
  /** Another person of the practice, without a calendar. */
  readonly colleague: string;
  readonly patient: string;
  readonly account: SimulatedAccount;
  readonly integration: string;
}

/** What was done to an appointment or its event since everything was last settled. */
export interface Touched {
  /** Fields that were edited here; `gone`: cancelled, deleted, out of scope, or back. */
  readonly here: Set<'time' | 'location' | 'type' | 'gone'>;
  readonly there: Set<'time' | 'location' | 'title' | 'calendar' | 'removed' | 'restored'>;
  /** The value that the person left in a field last. */
  time: { startsAt: string; endsAt: string } | 'allDay' | null;
  location: string | null;
  /** A run came between two of these edits. */
  ranBetween: boolean;
  /** How many runs there had been at the last of them. */
  runsBefore: number;
  /** A person decided a conflict about it. */
  decided: boolean;
}

export interface OtherOccurrence {
  readonly calendarId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly title: string;
  readonly location: string;
}

export interface WorldParts {
  readonly database: SimulatedDatabase;
  readonly provider: SimulatedProvider;
  readonly clock: VirtualClock;
}

const anything = z.unknown();
const claimed = z.object({ lanes: z.array(z.object({ integrationId: z.string() })) });
const connected = z.object({ integrationId: z.string() });

export class World {
  readonly parts: WorldParts;
  readonly schedule: Schedule;
  claire!: Tenant;
  marc!: Tenant;
  /** Appointments of Claire's practice in the order of their booking. */
  readonly booked: string[] = [];
  readonly touched = new Map<string, Touched>();
  /** Events that a person added, copies too; of a series the id that its occurrences share. */
  readonly personal: Array<{ calendarId: string; eventId: string }> = [];
  /** Series that a person made of events of ours: the occurrence that is the appointment's. */
  readonly series = new Map<string, { readonly calendarId: string; readonly eventId: string; readonly rdv: string }>();
  /** The other occurrences, as their owner left them. */
  readonly otherOccurrences = new Map<string, OtherOccurrence>();
  /** Events of ours whose title a person changed. */
  readonly retitled = new Set<string>();
  /** What a person wrote into events of ours, and how many guests and online meetings they added, by the event's id. */
  readonly made = new Map<string, { readonly lines: Set<string>; meeting: readonly string[] }>();
  /** The same lines by appointment: they go along into another event of it where they are known. */
  readonly written = new Map<string, ReadonlySet<string>>();
  /** Events of ours that a person changed in any way. */
  readonly handled = new Set<string>();
  /** Where a person put the events of appointments since the target was chosen last. */
  readonly placed = new Map<string, string>();
  /** Where events are not any more because a person moved them: no bin offers to bring them back there. */
  readonly #left = new Set<string>();
  /** Events of ours that a person brought back. */
  readonly restored = new Set<string>();
  /** Appointments about which a person said "leave it". */
  readonly ignored = new Set<string>();
  /** What the events of Claire's practice are titled by. */
  patientName = { firstName: 'Ada', lastName: 'Lovelace' };
  titleTemplate = TEMPLATE;
  settingsTouched = false;
  /** An answer got lost: what it would have told is unknown here. */
  answersLost = false;
  readonly #lastTimes = new Map<string, { starts_at: string; ends_at: string }>();
  readonly #lastPlaces = new Map<string, string>();
  #target: 'main' | 'second' = 'main';
  #runs = 0;
  #noticeFate: 'come' | 'getLost' | 'comeTwice' = 'come';
  #shortened = false;
  readonly #draw: () => number;
  #ids = 0;
  readonly journal: string[] = [];
  readonly sharedLanes: string[] = [];
  takingBack!: TakingBack;
  readonly #leases = new Map<string, { worker: string; until: number }>();

  constructor(parts: WorldParts, schedule: Schedule) {
    this.parts = parts;
    this.schedule = schedule;
    this.#draw = seededRandom(schedule.seed);
  }

  /** Two connected practices with an appointment and an event each, not yet in step. */
  async begin(): Promise<void> {
    const { database, provider, clock } = this.parts;
    clock.setNow(Date.parse(this.schedule.start));
    provider.reset();
    await database.empty();
    const [claire, marc] = provider.accounts;
    this.claire = await this.#tenant('a', claire);
    this.marc = await this.#tenant('b', marc);
    const { twoWay, importEnabled, importAs } = this.schedule;
    await this.#settings(this.claire, {
      calendar_target_id: claire.main,
      calendar_source_id: claire.main,
      event_detail: 'full',
      export_enabled: true,
      import_enabled: importEnabled,
      import_as: importAs,
      two_way: twoWay,
    });
    await this.#settings(this.marc, { calendar_target_id: marc.main, event_detail: 'full', export_enabled: true });
    await database.sql`insert into public.rdv
        (id, organisation_id, practitioner_id, patient_id, type, location, starts_at, ends_at)
      values (${this.#uuid('b5')}, ${this.marc.organisation}, ${this.marc.member}, ${this.marc.patient}, 'Contrôle',
        'Chez Marc', ${this.instant(3)}, ${this.instant(5)})`;
    this.takingBack = this.#takingBack();
    await this.edit({ by: 'cassius', edit: { kind: 'book', slot: 4, hours: 1, place: 'Salle 1' } });
    await this.edit({ by: 'cassius', edit: { kind: 'book', slot: 12, hours: 1, place: '' } });
    await this.edit({ by: 'person', edit: { kind: 'add', slot: 20, place: 'Gare', shape: 'plain' } });
    await this.edit({ by: 'person', edit: { kind: 'add', slot: 30, place: '', shape: 'plain' } });
  }

  /** The start of a slot: half hours over the days that follow the world's first. */
  instant(slot: number): string {
    const first = Math.ceil(Date.parse(this.schedule.start) / DAY) * DAY;
    return new Date(first + Math.floor(slot / 8) * DAY + 8 * 3_600_000 + (slot % 8) * HALF_HOUR).toISOString();
  }

  async act(action: Action): Promise<void> {
    const { provider } = this.parts;
    switch (action.kind) {
      case 'edit':
        await this.edit(action.edit);
        break;
      case 'run':
        await this.#run(action.worker, null);
        break;
      case 'together': {
        const turnstile = new Turnstile(seededRandom(action.order));
        await Promise.all(action.workers.map((worker) => this.#run(worker, turnstile)));
        break;
      }
      case 'fault':
        provider.fault(action.fault, action.times);
        this.answersLost ||= action.fault === 'lostAnswer';
        this.#shortened ||= action.fault === 'shortRead';
        break;
      case 'expire':
        if (action.what === 'accessTokens') provider.expireAccessTokens(this.claire.account);
        else this.expireCursors();
        break;
      case 'wait':
        this.wait(action.minutes);
        break;
      case 'setting':
        await this.#change(action.setting);
        break;
      case 'syncNow':
        await this.#refused(() => this.#requests().mark(this.#owner(), { from: null, to: null }));
        break;
      case 'importNow':
        await this.#refused(() => this.#importNow(action.days, action.mode));
        break;
      case 'notices':
        this.#noticeFate = action.fate;
        break;
      case 'resolve':
        await this.#resolve(action.conflict, action.action);
        break;
      case 'takeBack':
        await this.takingBack.takeBack(action.step);
        break;
      case 'settle':
        // The simulation's own matter.
        break;
    }
    await this.#deliver();
  }

  wait(minutes: number): void {
    this.parts.clock.advance(minutes * MINUTE);
    this.parts.provider.wake();
  }

  expireCursors(): void {
    const { main, second } = this.claire.account;
    for (const calendarId of [main, second]) this.parts.provider.expireCursors(calendarId);
  }

  /** A worker that nothing happens to. */
  async run(does: Worker['does']): Promise<void> {
    await this.#run({ does, fate: UNHARMED, meanwhile: null }, null);
    await this.#deliver();
  }

  async edit(edit: Edit): Promise<void> {
    if (edit.by === 'undo') return await this.takingBack.takeBack(edit.step);
    await (edit.by === 'cassius' ? this.#cassius(edit.edit) : this.#person(edit.edit));
  }

  /** What Cassius was last told about an appointment since the last rest. */
  lastHere(id: string): { time: { starts_at: string; ends_at: string } | undefined; location: string | undefined } {
    return { time: this.#lastTimes.get(id), location: this.#lastPlaces.get(id) };
  }

  /** Everything is settled: what comes is measured against this. */
  restate(): void {
    this.touched.clear();
    this.#lastTimes.clear();
    this.#lastPlaces.clear();
    this.settingsTouched = false;
    this.answersLost = false;
  }

  /** Faults end; what was lost stays lost. */
  calm(): void {
    this.parts.provider.clearFaults();
    // What a reading left out without saying so, only another full one can bring.
    if (this.#shortened) this.expireCursors();
    this.#shortened = false;
    this.#noticeFate = 'come';
  }

  async #tenant(letter: string, account: SimulatedAccount): Promise<Tenant> {
    const { sql, rpc } = this.parts.database;
    const ids = { organisation: this.#uuid(`${letter}1`), user: this.#uuid(`${letter}2`) };
    const more = {
      member: this.#uuid(`${letter}3`),
      patient: this.#uuid(`${letter}4`),
      colleague: this.#uuid(`${letter}6`),
    };
    const { credential, account: identity } = await this.parts.provider.consent(account);
    const colleague = this.#uuid(`${letter}7`);
    await sql`insert into auth.users (id, aud, role, email) values
      (${ids.user}, 'authenticated', 'authenticated', ${account.email}),
      (${colleague}, 'authenticated', 'authenticated', ${`collegue-${account.email}`}) on conflict (id) do nothing`;
    const known = await sql`update public.organisations set event_title_template = ${TEMPLATE}
      where id = ${ids.organisation} returning id`;
    if (known.length === 0) {
      await sql`insert into public.organisations (id, name, event_title_template)
        values (${ids.organisation}, 'Cabinet', ${TEMPLATE})`;
    }
    await sql`insert into public.organisation_members (id, organisation_id, user_id, role, display_name) values
      (${more.member}, ${ids.organisation}, ${ids.user}, 'practitioner', 'Dr Essai'),
      (${more.colleague}, ${ids.organisation}, ${colleague}, 'practitioner', 'Dr Autre') on conflict (id) do nothing`;
    await sql`insert into public.patients (id, organisation_id, first_name, last_name)
      values (${more.patient}, ${ids.organisation}, 'Ada', 'Lovelace')`;
    const { integrationId: integration } = await rpc('connect_store', {
      p_organisation: ids.organisation,
      p_user: ids.user,
      p_provider: this.#name(),
      p_account_id: identity.subject,
      p_account_email: identity.email,
      p_scopes: credential.scopes,
      p_access_token: credential.accessToken,
      p_expires_in: credential.expiresInSeconds,
      p_refresh_token: credential.refreshToken ?? null,
    }, connected);
    return { ...ids, ...more, account, integration };
  }

  #name(): string {
    return this.parts.provider.name;
  }

  /** The same ids for the same schedule, so that nothing depends on them. */
  #uuid(tail: string): string {
    return `00000000-0000-4000-8000-${tail.padStart(12, '0')}`;
  }

  #newId(): string {
    return this.#uuid(`${(++this.#ids).toString(16)}00ff`);
  }

  #owner() {
    return { organisationId: this.claire.organisation, userId: this.claire.user };
  }

  #requests() {
    return syncRequests(this.parts.database.rpc, this.#name());
  }

  async #settings(tenant: Tenant, changes: Record<string, unknown>): Promise<void> {
    await this.parts.database.rpc('integration_update', {
      p_organisation: tenant.organisation,
      p_user: tenant.user,
      p_provider: this.#name(),
      p_changes: changes,
    }, anything);
  }

  async #change(setting: Setting): Promise<void> {
    this.settingsTouched = true;
    const { main, second } = this.claire.account;
    if ('target' in setting && setting.target !== this.#target) {
      this.placed.clear();
      this.#target = setting.target;
    }
    await this.#settings(
      this.claire,
      'target' in setting ? { calendar_target_id: setting.target === 'main' ? main : second } : { ...setting },
    );
  }

  /** What the product refuses in so many words is no fault of it. */
  async #refused(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof SyncError) || error.code === 'SYNC_FAILED') throw error;
      this.journal.push(`refused: ${error.code}`);
      return false;
    }
  }

  // What people do in Cassius.

  async #cassius(edit: CassiusEdit): Promise<void> {
    const { sql } = this.parts.database;
    if (edit.kind === 'book') {
      const id = this.#uuid(`${(this.booked.length + 1).toString(16)}00000`);
      this.booked.push(id);
      this.#touch(id).here.add('gone');
      await this.takingBack.changing(id, () =>
        sql`insert into public.rdv
          (id, organisation_id, practitioner_id, patient_id, type, location, starts_at, ends_at)
        values (${id}, ${this.claire.organisation}, ${this.claire.member}, ${this.claire.patient}, 'Contrôle',
          ${edit.place || null}, ${this.instant(edit.slot)}, ${this.instant(edit.slot + edit.hours)})`);
      return;
    }
    if (edit.kind === 'rename') {
      this.patientName = { ...this.patientName, lastName: edit.lastName };
      await sql`update public.patients set last_name = ${edit.lastName} where id = ${this.claire.patient}`;
      return;
    }
    if (edit.kind === 'template') {
      this.titleTemplate = edit.template;
      await sql`update public.organisations set event_title_template = ${edit.template}
        where id = ${this.claire.organisation}`;
      return;
    }
    const id = this.booked[edit.rdv % this.booked.length]!;
    await this.takingBack.changing(id, () => this.#changeAppointment(id, edit));
  }

  async #changeAppointment(
    id: string,
    edit: Exclude<CassiusEdit, { readonly kind: 'book' | 'rename' | 'template' }>,
  ): Promise<void> {
    const { sql } = this.parts.database;
    const touched = this.#touch(id);
    switch (edit.kind) {
      case 'move':
        touched.here.add('time');
        this.#lastTimes.set(id, { starts_at: this.instant(edit.slot), ends_at: this.instant(edit.slot + 1) });
        await sql`update public.rdv set starts_at = ${this.instant(edit.slot)}, ends_at = ${this.instant(edit.slot + 1)}
          where id = ${id}`;
        break;
      case 'relocate':
        touched.here.add('location');
        this.#lastPlaces.set(id, edit.place);
        await sql`update public.rdv set location = ${edit.place || null} where id = ${id}`;
        break;
      case 'retype':
        touched.here.add('type');
        await sql`update public.rdv set type = ${edit.type} where id = ${id}`;
        break;
      case 'note':
        await sql`update public.rdv set notes = ${edit.notes || null} where id = ${id}`;
        break;
      case 'status':
        touched.here.add('gone');
        await sql`update public.rdv set status = ${edit.status} where id = ${id}`;
        break;
      case 'delete':
        touched.here.add('gone');
        await sql`delete from public.rdv where id = ${id}`;
        break;
      case 'patient':
        touched.here.add('gone');
        await sql`update public.rdv set patient_id = ${edit.present ? this.claire.patient : null} where id = ${id}`;
        break;
      case 'practitioner':
        touched.here.add('gone');
        await sql`update public.rdv set practitioner_id = ${edit.own ? this.claire.member : this.claire.colleague}
          where id = ${id}`;
        break;
    }
  }

  #touch(rdv: string): Touched {
    let touched = this.touched.get(rdv);
    if (!touched) {
      touched = {
        here: new Set(),
        there: new Set(),
        time: null,
        location: null,
        ranBetween: false,
        runsBefore: this.#runs,
        decided: false,
      };
      this.touched.set(rdv, touched);
    }
    touched.ranBetween ||= this.#runs > touched.runsBefore;
    touched.runsBefore = this.#runs;
    return touched;
  }

  // What people do in the calendar.

  /** Events of ours as a person sees them, known here or not. */
  ours(): Array<{ calendarId: string; eventId: string; rdv: string }> {
    const { provider } = this.parts;
    const { main, second } = this.claire.account;
    const repeated = [...this.series.values()];
    const inSeries = (eventId: string) => this.series.has(eventId) || repeated.some((own) => own.eventId === eventId);
    const single = [main, second].flatMap((calendarId) =>
      provider.live(calendarId).flatMap(({ eventId, appointmentId }) =>
        appointmentId === null || this.isPersonal(eventId) || inSeries(eventId)
          ? []
          : [{ calendarId, eventId, rdv: appointmentId }]
      )
    );
    return [...single, ...repeated.filter((own) => provider.lives(own.calendarId, own.eventId))];
  }

  /** The appointment that an occurrence of a series of ours is. */
  occurrenceOf(eventId: string): string | null {
    return [...this.series.values()].find((own) => own.eventId === eventId)?.rdv ?? null;
  }

  isPersonal(eventId: string): boolean {
    return this.personal.some((one) => eventId === one.eventId || eventId.startsWith(`${one.eventId}_`));
  }

  async #person(edit: PersonEdit): Promise<void> {
    const { provider } = this.parts;
    const person = provider.personOf(this.claire.account);
    const calendarId = this.claire.account.main;
    if (edit.kind === 'add') {
      const time = { startsAt: this.instant(edit.slot), endsAt: this.instant(edit.slot + 2) };
      const event = { title: `À elle ${this.personal.length}`, location: edit.place, time, shape: edit.shape };
      this.personal.push({ calendarId, eventId: await person.add(calendarId, event) });
      return;
    }
    if (edit.kind === 'foreign') {
      const living = this.personal.filter((one) =>
        !this.otherOccurrences.has(one.eventId) &&
        provider.live(one.calendarId).some(({ eventId }) => eventId === one.eventId)
      );
      const chosen = living[edit.event % living.length];
      if (chosen && edit.change.to !== 'calendar') await this.#alter(chosen, edit.change);
      return;
    }
    if (edit.kind === 'undo') return await this.#undo(edit.event);
    if (edit.kind === 'occurrence') return await this.#alterOccurrence(edit);
    const ours = this.ours();
    const chosen = ours[edit.event % ours.length];
    if (!chosen) return;
    if (edit.kind === 'repeat') return await this.#repeat(chosen);
    if (edit.kind === 'copy') {
      const eventId = await person.copy(chosen.calendarId, chosen.eventId);
      this.personal.push({ calendarId: chosen.calendarId, eventId });
      return;
    }
    if (edit.kind !== 'ours') return await this.#add(chosen, edit);
    const { change } = edit;
    // A series goes as a whole only, which no page of a calendar offers.
    if (change.to === 'calendar' && this.occurrenceOf(chosen.eventId)) return;
    // An occurrence cannot be everywhere.
    if (this.occurrenceOf(chosen.eventId) && !await this.#allowed(() => this.#alter(chosen, change))) return;
    this.handled.add(chosen.rdv);
    const touched = this.#touch(chosen.rdv);
    if (change.to === 'title') {
      touched.there.add('title');
      this.retitled.add(chosen.eventId);
    } else if (change.to === 'place') {
      touched.there.add('location');
      touched.location = change.place;
    } else if (change.to === 'remove') {
      touched.there.add('removed');
    } else if (change.to === 'calendar') {
      touched.there.add('calendar');
      this.placed.set(chosen.rdv, this.#otherThan(chosen.calendarId));
    } else {
      touched.there.add('time');
      touched.time = change.to === 'allDay'
        ? 'allDay'
        : { startsAt: this.instant(change.slot), endsAt: this.instant(change.slot + 1) };
    }
    if (!this.occurrenceOf(chosen.eventId)) await this.#alter(chosen, change);
  }

  /**
   * Only where it is when both sides last agreed that it is: else no occurrence is known to be the appointment's. A series
   * made of an event that had ended is its owner's.
   */
  async #repeat({ calendarId, eventId, rdv }: { calendarId: string; eventId: string; rdv: string }): Promise<void> {
    const { provider, database: { sql } } = this.parts;
    const { account } = this.claire;
    const [link] = await sql`select s.base #>> '{time,startsAt}' as starts_at
      from public.appointment_external_links l join private.link_states s on s.link_id = l.id
      where l.integration_id = ${this.claire.integration} and l.external_event_id = ${eventId} and l.rdv_id = ${rdv}
        and private.has_event(s.state)`;
    const single = (await provider.observe(account, calendarId)).find(({ ref }) => ref.eventId === eventId);
    const time = single?.content?.time;
    if (this.occurrenceOf(eventId) || time?.kind !== 'timed') return;
    if (Date.parse(link?.starts_at ?? '') !== Date.parse(time.startsAt)) return;
    await provider.personOf(account).repeat(calendarId, eventId);
    this.handled.add(rdv);
    const all = (await provider.observe(account, calendarId)).filter(({ seriesId }) => seriesId === eventId);
    const starts = (event: typeof all[number]) =>
      event.content?.time.kind === 'timed' ? event.content.time.startsAt : '';
    const [own, ...others] = all.sort((one, other) => starts(one) < starts(other) ? -1 : 1);
    if (!own) throw new Error(`The series ${eventId} has no occurrence`);
    this.series.set(eventId, { calendarId, eventId: own.ref.eventId, rdv });
    if (this.retitled.has(eventId)) this.retitled.add(own.ref.eventId);
    const made = this.made.get(eventId);
    if (made) this.made.set(own.ref.eventId, { lines: new Set(made.lines), meeting: [] });
    for (const { ref, content } of others) {
      if (content?.time.kind !== 'timed') continue;
      const { title, location, time: { startsAt, endsAt } } = content;
      this.personal.push({ calendarId, eventId: ref.eventId });
      this.otherOccurrences.set(ref.eventId, { calendarId, startsAt, endsAt, title, location });
    }
  }

  async #alterOccurrence({ event, change }: PersonEdit & { kind: 'occurrence' }): Promise<void> {
    const chosen = [...this.otherOccurrences][event % this.otherOccurrences.size];
    if (!chosen) return;
    const [eventId, was] = chosen;
    const person = this.parts.provider.personOf(this.claire.account);
    if (change.to === 'remove') {
      await person.remove(was.calendarId, eventId);
      this.otherOccurrences.delete(eventId);
      return;
    }
    const later = (instant: string) => new Date(Date.parse(instant) + change.halves * HALF_HOUR).toISOString();
    const time = { startsAt: later(was.startsAt), endsAt: later(was.endsAt) };
    if (await this.#allowed(() => person.edit(was.calendarId, eventId, { time }))) {
      this.otherOccurrences.set(eventId, { ...was, ...time });
    }
  }

  /** False where the provider does not let a person do it. */
  async #allowed(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof Error && error.message.includes('ErrorOccurrenceCrossingBoundary')) return false;
      throw error;
    }
  }

  #otherThan(calendarId: string): string {
    const { main, second } = this.claire.account;
    return calendarId === main ? second : main;
  }

  /** What a person makes of an event beside what we wrote: none of it is a difference to be asked about. */
  async #add(
    { calendarId, eventId, rdv }: { calendarId: string; eventId: string; rdv: string },
    edit: PersonEdit & { kind: 'describe' | 'meet' },
  ): Promise<void> {
    const { provider } = this.parts;
    const person = provider.personOf(this.claire.account);
    const made = this.made.get(eventId) ?? { lines: new Set(), meeting: [] };
    this.made.set(eventId, made);
    if (edit.kind === 'meet') {
      await person.meet(calendarId, eventId);
      made.meeting = provider.live(calendarId).find((one) => one.eventId === eventId)?.meeting ?? [];
    } else if (!made.lines.has(edit.line)) {
      made.lines.add(edit.line);
      this.written.set(rdv, new Set(this.written.get(rdv)).add(edit.line));
      await person.describe(calendarId, eventId, edit.line, edit.where);
    }
  }

  async #undo(at: number): Promise<void> {
    const { provider } = this.parts;
    const { main, second } = this.claire.account;
    const deleted = [main, second].flatMap((calendarId) =>
      provider.deleted(calendarId).flatMap(({ eventId, appointmentId }) =>
        appointmentId === null || this.isPersonal(eventId) || this.series.has(eventId) ||
          this.#left.has(`${calendarId} ${eventId}`)
          ? []
          : [{ calendarId, eventId, rdv: appointmentId }]
      )
    );
    const chosen = deleted[at % deleted.length];
    if (!chosen) return;
    this.handled.add(chosen.rdv);
    this.restored.add(chosen.eventId);
    const { there } = this.#touch(chosen.rdv);
    there.delete('removed');
    there.add('restored');
    await provider.personOf(this.claire.account).restore(chosen.calendarId, chosen.eventId);
  }

  async #alter({ calendarId, eventId }: { calendarId: string; eventId: string }, change: Change): Promise<void> {
    const person = this.parts.provider.personOf(this.claire.account);
    switch (change.to) {
      case 'move': {
        const time = { startsAt: this.instant(change.slot), endsAt: this.instant(change.slot + 1) };
        return await person.edit(calendarId, eventId, { time });
      }
      case 'place':
        return await person.edit(calendarId, eventId, { location: change.place });
      case 'title':
        return await person.edit(calendarId, eventId, { title: change.title });
      case 'allDay':
        return await person.edit(calendarId, eventId, { day: this.instant(change.slot).slice(0, 10) });
      case 'calendar': {
        const destination = this.#otherThan(calendarId);
        this.#left.add(`${calendarId} ${eventId}`);
        this.#left.delete(`${destination} ${eventId}`);
        return await person.move(calendarId, eventId, destination);
      }
      case 'remove':
        return await person.remove(calendarId, eventId);
    }
  }

  // The workers.

  async #run({ does, fate, meanwhile }: Worker, turnstile: Turnstile | null): Promise<void> {
    this.#runs++;
    const interruption: Interruption | null = meanwhile &&
      { at: meanwhile.at, act: () => this.edit(meanwhile.edit) };
    const life = new Life(fate, interruption);
    this.answersLost ||= fate.at !== null;
    try {
      await (does === 'push' ? this.#push(life, turnstile) : this.#pull(life, turnstile));
    } catch (error) {
      const broken = error instanceof Dead || life.dead ||
        (fate.at !== null && error instanceof SyncError && error.code === 'SYNC_FAILED');
      if (!broken) throw error;
    }
    this.#runs++;
  }

  /** Who has a lane has it alone, until it is given back or its time is over. */
  #noteLeases(name: string, args: Record<string, unknown>, answer: unknown): void {
    if (name === 'sync_complete') {
      const held = this.#leases.get(String(args.p_integration));
      const { release } = z.object({ release: z.boolean().optional() }).parse(args.p_lane);
      if (release && held?.worker === args.p_worker) this.#leases.delete(String(args.p_integration));
    }
    if (name !== 'sync_claim') return;
    const now = this.parts.clock.now();
    for (const { integrationId } of claimed.parse(answer).lanes) {
      const held = this.#leases.get(integrationId);
      if (held && held.until > now && held.worker !== args.p_worker) {
        this.sharedLanes.push(`I5: ${args.p_worker} was given the lane that ${held.worker} holds`);
      }
      this.#leases.set(integrationId, {
        worker: String(args.p_worker),
        until: now + Number(args.p_lease_seconds) * 1000,
      });
    }
  }

  /** Everything that a worker process reaches, through its life. */
  #process(life: Life, turnstile: Turnstile | null) {
    const { database, provider, clock } = this.parts;
    const gate = <T>(work: () => Promise<T>): Promise<T> =>
      turnstile ? turnstile.pass(() => life.call(work)) : life.call(work);
    const rpc: Rpc = async (name, args, schema) => {
      try {
        return await gate(async () => {
          const answer = await database.rpc(name, args, schema);
          this.#noteLeases(name, args, answer);
          return answer;
        });
      } catch (error) {
        if (error instanceof SyncError) throw error;
        throw new SyncError('SYNC_FAILED', `Call ${name}: the database did not answer as it should`, { cause: error });
      }
    };
    const adapter: CalendarProvider = provider.adapter({ gate, push: this.schedule.push });
    const credentials = credentialStore(rpc);
    const log: SyncLog = ({ step, outcome, error }) => {
      if (outcome === 'error') this.journal.push(`${step}: ${error instanceof Error ? error.message : ''}`);
    };
    return {
      rpc,
      ...adapter,
      credentials,
      handleOf: (integrationId: string, known: Parameters<typeof connectionHandle>[0]['known']) =>
        connectionHandle({ integrationId, known, oauth: adapter.oauth, store: credentials }),
      now: clock.now,
      sleep: (ms: number) => {
        if (life.dead) return Promise.reject(new Dead());
        clock.advance(ms);
        provider.wake();
        return new Promise<void>((resolve) => setImmediate(resolve));
      },
      random: this.#draw,
      newId: () => this.#newId(),
      leaving: () => false,
      log,
    };
  }

  async #push(life: Life, turnstile: Turnstile | null): Promise<void> {
    const { rpc, ...process } = this.#process(life, turnstile);
    const deps = { ...process, store: syncStore(rpc, this.#name()), appBaseUrl: APP };
    const options = { worker: this.#newId(), trigger: 'change', deadlineMs: RUN_MS, maxJobs: 5000 } as const;
    await drain(deps, options);
  }

  #importDeps(life: Life, turnstile: Turnstile | null) {
    const { rpc, ...process } = this.#process(life, turnstile);
    return {
      ...process,
      store: importStore(rpc, this.#name()),
      requests: importRequests(rpc, this.#name()),
      integrations: integrations(rpc, this.#name()),
      newSecret: () => `secret-${this.#newId()}`,
      notificationAddress: `${APP}/functions/v1/import/notifications`,
    };
  }

  async #pull(life: Life, turnstile: Turnstile | null): Promise<void> {
    await drainImports(this.#importDeps(life, turnstile), {
      worker: this.#newId(),
      deadlineMs: RUN_MS,
      budget: new WorkBudget(),
    });
  }

  async #importNow(days: number, mode: 'import' | 'preview'): Promise<void> {
    this.#runs++;
    const deps = this.#importDeps(new Life(UNHARMED), null);
    const now = this.parts.clock.now();
    const request = {
      calendarId: this.claire.account.main,
      from: new Date(now).toISOString(),
      to: new Date(now + days * DAY).toISOString(),
      mode,
      fingerprint: null,
      itemsLimit: 10,
    };
    const worker = this.#newId();
    const lease = { worker, leaseSeconds: IMPORT_LEASE_SECONDS, work: true };
    const { lane } = await deps.requests.ask(this.#owner(), request, lease);
    // Where another reads the calendar the request waits for its turn.
    if (lane) await readCalendar(lane, deps, { worker, deadlineAt: now + 25_000, budget: new WorkBudget() });
  }

  async #resolve(at: number, action: Parameters<typeof resolveConflict>[3]['action']): Promise<void> {
    const { sql } = this.parts.database;
    const open = await sql`select id, internal_id, reason, entity_type from public.sync_conflicts
      where organisation_id = ${this.claire.organisation} and status = 'open' order by reason, internal_id, external_id`;
    const chosen = open[at % open.length];
    if (!chosen) return;
    if (chosen.internal_id) {
      this.#touch(chosen.internal_id).decided = true;
      if (action === 'ignore') this.ignored.add(chosen.internal_id);
    }
    const deps = this.#importDeps(new Life(UNHARMED), null);
    const importing: Importing = {
      ...deps,
      drainDeadlineMs: 50_000,
      worker: () => deps,
      employ: (work) => work(this.#newId()),
      succeed: () => Promise.resolve(),
    };
    const background: Promise<unknown>[] = [];
    const ctx = {
      step: () => {},
      note: () => {},
      log: deps.log,
      waitUntil: (work: Promise<unknown>) => void background.push(work),
    };
    const { id, internal_id: rdv, reason, entity_type: entity } = chosen;
    await this.takingBack.deciding(
      { id, rdv, reason, entity, action },
      () => this.#refused(() => resolveConflict(importing, ctx as never, this.#owner() as never, { id, action })),
    );
    await Promise.all(background);
  }

  #takingBack(): TakingBack {
    const { sql, rpc } = this.parts.database;
    const { organisation, integration, account } = this.claire;
    return new TakingBack({
      sql,
      organisation,
      integration,
      owner: this.#owner(),
      requests: importRequests(rpc, this.#name()),
      shown: async () => {
        const { main, second } = account;
        const seen = [main, second].map((calendarId) => this.parts.provider.observe(account, calendarId));
        return (await Promise.all(seen)).flat();
      },
      takeBackDecision: (id) => {
        const ctx = { step: () => {}, note: () => {} };
        return takeBackDecision(this.#importDeps(new Life(UNHARMED), null), ctx as never, this.#owner() as never, id);
      },
      touched: (id, fields, changed) => {
        const { here } = this.#touch(id);
        const { starts_at, ends_at, location } = fields ?? {};
        if (changed.includes('starts_at') || changed.includes('ends_at')) {
          here.add('time');
          if (starts_at && ends_at) this.#lastTimes.set(id, { starts_at, ends_at });
        }
        if (changed.includes('location')) {
          here.add('location');
          this.#lastPlaces.set(id, location ?? '');
        }
        if (changed.includes('type')) here.add('type');
        if (['status', 'patient_id', 'practitioner_id'].some((field) => changed.includes(field))) here.add('gone');
      },
      decided: (id) => {
        this.#touch(id).decided = true;
      },
      leftNoMore: (id) => {
        this.ignored.delete(id);
      },
      importEnded: () => {
        this.settingsTouched = true;
      },
      note: (line) => {
        this.journal.push(line);
      },
    });
  }

  /** Push notifications arrive, or not. */
  async #deliver(): Promise<void> {
    const { provider, database } = this.parts;
    const taken = provider.takeNotices();
    if (this.#noticeFate === 'getLost' || taken.length === 0) return;
    const adapter = provider.adapter({ gate: (work) => work(), push: true });
    const hashed = taken.flatMap((request) => {
      const parsed = adapter.notices!.parseNotification(request);
      if (parsed.kind !== 'notices') return [];
      return parsed.notices.map(({ secret, ...notice }) => ({ ...notice, secretHash: secretHash(secret ?? '') }));
    });
    if (hashed.length === 0) return;
    const requests = importRequests(database.rpc, this.#name());
    await requests.notified(hashed);
    if (this.#noticeFate === 'comeTwice') await requests.notified(hashed);
  }
}
