/** What must hold once everything has come to rest. Each check gives its objections in words. */
import type { EventContent } from '../../supabase/functions/_shared/providers/port/content.ts';
import type { CalendarEvent } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import { EMPTY_APPOINTMENT } from '../../supabase/functions/_shared/sync/shared/appointment.ts';
import { eventContent } from '../../supabase/functions/_shared/sync/shared/event_content.ts';
import type { Calendars, LinkRow, Picture, RdvRow } from './picture.ts';
import { APP, type Touched, type World, ZONE } from './world.ts';

const DAY = 86_400_000;

export interface Rest {
  readonly picture: Picture;
  readonly calendars: Calendars;
}

export function objections(world: World, before: Rest | null, now: Rest): string[] {
  return [
    ...oneEventEach(world, now),
    ...nothingGivenUp(now),
    ...agreement(world, now),
    ...ownersPart(world, now),
    ...(before ? nothingLost(world, before, now) : []),
    ...mirror(world, now),
    ...importedOnce(world, now),
    ...otherOccurrences(world, now),
    ...silence(world),
    ...world.sharedLanes,
    ...world.takingBack.objections,
    ...strangers(world, before, now),
  ];
}

interface OwnEvent {
  readonly calendarId: string;
  readonly event: CalendarEvent;
}

/** It is back and is to go again. Where nothing is written any more that waits until something is. */
function isLeft({ picture: { settings, ending } }: Rest, eventId: string): boolean {
  return !settings.export_enabled && ending.includes(eventId);
}

function eventsOf(world: World, rest: Rest, rdv: string): OwnEvent[] {
  return [...rest.calendars].flatMap(([calendarId, events]) =>
    events.filter(({ marker, ref }) =>
      (marker?.appointmentId === rdv || world.occurrenceOf(ref.eventId) === rdv) && !world.isPersonal(ref.eventId)
    )
      .map((event) => ({ calendarId, event }))
      .filter((own) => !isLeft(rest, own.event.ref.eventId) && !isUnseen(world, rest, rdv, own))
  );
}

/** Brought back where nothing is read any more, or after it was over: what is not looked at cannot be put right. */
function isUnseen(world: World, { picture }: Rest, rdv: string, { calendarId, event }: OwnEvent): boolean {
  const { settings, links, cursors } = picture;
  const link = links.find(({ rdv_id }) => rdv_id === rdv);
  const named = link?.external_event_id === event.ref.eventId && link.state !== 'gone' && link.state !== 'detached';
  if (!world.restored.has(event.ref.eventId) || named) return false;
  const followed = (settings.import_enabled && settings.calendar_source_id === calendarId) ||
    (settings.export_enabled && settings.calendar_target_id === calendarId);
  const from = cursors.find((one) => one.calendar_id === calendarId)?.window_from ?? null;
  return !followed || settings.status !== 'connected' || (from !== null && isOver(event, from));
}

/** I1. */
function oneEventEach(world: World, now: Rest): string[] {
  const ids = new Set([...world.booked, ...now.picture.rdvs.map(({ id }) => id)]);
  return [...ids].flatMap((id) => {
    const own = eventsOf(world, now, id);
    if (world.ignored.has(id) || isAskedAbout(now, id, 'restored')) return [];
    return own.length > 1
      ? [`I1: ${id} has ${own.length} live events: ${own.map(({ event }) => event.ref.eventId)}`]
      : [];
  });
}

function isAskedAbout({ picture }: Rest, rdv: string, reason: string): boolean {
  return picture.conflicts.some((one) => one.status === 'open' && one.internal_id === rdv && one.reason === reason);
}

/** No fault here lasts: a change that was given up is one that something of ours made impossible. */
function nothingGivenUp({ picture }: Rest): string[] {
  return picture.links.flatMap(({ rdv_id, parked }) => parked ? [`I2: ${rdv_id} was given up`] : []);
}

function isWanted(world: World, rdv: RdvRow | undefined): rdv is RdvRow {
  return rdv !== undefined && rdv.status !== 'cancelled' && rdv.source === 'cassius' && rdv.patient_id !== null &&
    rdv.practitioner_id === world.claire.member;
}

/** Why both sides may differ, as a person can see it; null if nothing says so. */
function excuse({ picture }: Rest, id: string, link: LinkRow | undefined): string | null {
  const open = picture.conflicts.filter(({ status }) => status === 'open');
  if (open.some((one) => one.internal_id === id && one.reason !== 'time_overlap')) return 'an open conflict';
  if (open.some(({ reason }) => reason === 'mass_change')) return 'a mass change';
  if (link?.state === 'detached') return 'detached';
  return null;
}

/**
 * A full reading begins with its day: what a person changed before it, and was over by then, is never read. Another
 * calendar than the target is read for as long as an appointment whose event came there is not over by a day; and that it
 * went there is told by the one that it left, from the day on which that is first read. A single
 * occurrence of ours whose deletion the provider's changes do not tell is looked at until a day after it began.
 */
function isOutOfSight(world: World, rest: Rest, id: string): boolean {
  const { rdvs, cursors, links, settings } = rest.picture;
  const rdv = rdvs.find((one) => one.id === id);
  if (!rdv || !world.handled.has(id)) return false;
  const yesterday = world.parts.clock.now() - DAY;
  const link = links.find((one) => one.rdv_id === id);
  const named = link?.external_event_id;
  const untold = named ? world.parts.provider.untoldSince(named) : null;
  if (untold !== null && Date.parse(rdv.starts_at) <= yesterday) return true;
  const events = eventsOf(world, rest, id);
  const target = settings.calendar_target_id;
  const calendarId = events[0]?.calendarId ?? world.placed.get(id) ?? target;
  const readFrom = (where: string) => cursors.find((one) => one.calendar_id === where)?.window_from ?? null;
  const read = readFrom(calendarId);
  const left = link?.external_calendar_id && link.external_calendar_id !== calendarId
    ? readFrom(link.external_calendar_id)
    : null;
  if (left !== null && isPast(rdv, left)) return true;
  if (calendarId !== target && isPast(rdv, new Date(yesterday).toISOString())) return true;
  return read !== null && isPast(rdv, read) && events.every(({ event }) => isOver(event, read));
}

const isPast = ({ ends_at }: RdvRow, at: string) => Date.parse(ends_at) <= Date.parse(at);

function isOver({ content }: CalendarEvent, at: string): boolean {
  if (!content) return false;
  const { time } = content;
  return time.kind === 'timed' ? Date.parse(time.endsAt) <= Date.parse(at) : time.endDay <= dayOf(at);
}

/** Its day in the practice's zone. */
function dayOf(instant: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE }).format(Date.parse(instant));
}

const sameInstant = (one: string, other: string) => Date.parse(one) === Date.parse(other);

function sameTime(rdv: Pick<RdvRow, 'starts_at' | 'ends_at'>, event: CalendarEvent): boolean {
  const time = event.content?.time;
  return time?.kind === 'timed' && sameInstant(time.startsAt, rdv.starts_at) && sameInstant(time.endsAt, rdv.ends_at);
}

/** I2. */
function agreement(world: World, now: Rest): string[] {
  const { settings, rdvs, links } = now.picture;
  if (!settings.export_enabled || settings.status !== 'connected') return [];
  const ids = new Set([...world.booked, ...rdvs.map(({ id }) => id), ...links.map(({ rdv_id }) => rdv_id)]);
  return [...ids].flatMap((id) => {
    const rdv = rdvs.find((one) => one.id === id);
    const link = links.find((one) => one.rdv_id === id);
    if (excuse(now, id, link) || isOutOfSight(world, now, id)) return [];
    const [own] = eventsOf(world, now, id);
    // A person said that both are to be left.
    if (world.ignored.has(id) && own && world.restored.has(own.event.ref.eventId)) return [];
    if (!isWanted(world, rdv)) return own ? [`I2: ${id} is not for the calendar and has ${own.event.ref.eventId}`] : [];
    if (!own) {
      const past = settings.export_from !== null && rdv.starts_at < settings.export_from;
      return past || Date.parse(rdv.starts_at) < Date.parse(settings.export_from ?? '')
        ? []
        : [`I2: ${id} has no event`];
    }
    if (own.calendarId !== settings.calendar_target_id && own.calendarId !== world.placed.get(id)) {
      return [`I2: ${id} has its event in another calendar`];
    }
    if (link?.external_event_id !== own.event.ref.eventId) return [`I2: the link of ${id} names another event`];
    if (world.ignored.has(id)) return [];
    const said: string[] = [];
    const { content } = own.event;
    if (!sameTime(rdv, own.event)) {
      said.push(`I2: ${id} at ${rdv.starts_at}–${rdv.ends_at}, its event at ${JSON.stringify(content?.time)}`);
    }
    if (settings.event_detail !== 'busy' && (rdv.location ?? '') !== content?.location) {
      said.push(`I2: ${id} in "${rdv.location}", its event in "${content?.location}"`);
    }
    const { title, description } = shownBy(world, rdv, settings.event_detail);
    if (!world.retitled.has(own.event.ref.eventId) && content?.title !== title) {
      said.push(`I2: ${id} is "${title}", its event "${content?.title}"`);
    }
    const lines = linesOf(content?.description ?? '');
    const theirs = world.written.get(id) ?? new Set();
    if (lines.filter((line) => !theirs.has(line)).join('\n') !== linesOf(description).join('\n')) {
      said.push(`I2: ${id} says "${description}", its event "${content?.description}"`);
    }
    return said;
  });
}

const linesOf = (text: string) => text.split('\n').map((line) => line.trim()).filter((line) => line !== '');

/** What a person made of an event of ours is theirs: each line is there once, and a meeting stays one. */
function ownersPart(world: World, { calendars }: Rest): string[] {
  return [...calendars].flatMap(([calendarId, events]) =>
    events.flatMap(({ ref: { eventId }, content }) => {
      const { lines, meeting } = world.made.get(eventId) ?? { lines: new Set(), meeting: [] };
      const there = linesOf(content?.description ?? '');
      const live = world.parts.provider.live(calendarId).find((one) => one.eventId === eventId)?.meeting ?? [];
      return [
        ...[...lines].filter((line) => there.filter((one) => one === line).length !== 1)
          .map((line) => `R5: "${line}" is not there once: "${content?.description}"`),
        ...meeting.filter((one) => !live.includes(one)).map((one) => `R4: ${eventId} has lost ${one}`),
      ];
    })
  );
}

function shownBy(world: World, rdv: RdvRow, detail: Picture['settings']['event_detail']): EventContent {
  const organisation = {
    timezone: ZONE,
    titleTemplate: world.titleTemplate,
    language: 'fr' as const,
    defaultDurationMinutes: 30,
  };
  return eventContent({
    ...EMPTY_APPOINTMENT,
    source: rdv.source,
    status: rdv.status,
    type: rdv.type,
    notes: rdv.notes,
    location: rdv.location,
    startsAt: rdv.starts_at,
    endsAt: rdv.ends_at,
    practitionerName: 'Dr Essai',
    patient: world.patientName,
  }, { rdvId: rdv.id, detail, organisation, appBaseUrl: APP });
}

const UNTOUCHED: Touched = {
  here: new Set(),
  there: new Set(),
  time: null,
  location: null,
  ranBetween: false,
  runsBefore: 0,
  decided: false,
};

/** No side loses silently: what one side alone changed since the last rest is now on both, or a person is asked. */
function nothingLost(world: World, before: Rest, now: Rest): string[] {
  const { settings } = now.picture;
  return world.booked.flatMap((id) => {
    const was = before.picture.rdvs.find((one) => one.id === id);
    const is = now.picture.rdvs.find((one) => one.id === id);
    const link = now.picture.links.find((one) => one.rdv_id === id);
    const touched = world.touched.get(id) ?? UNTOUCHED;
    if (touched.decided || !was) return [];
    const [ownBefore] = eventsOf(world, before, id);
    const samePlace = before.picture.settings.event_detail === 'busy' ||
      (was.location ?? '') === ownBefore?.event.content?.location;
    const agreed = ownBefore !== undefined && sameTime(was, ownBefore.event) && samePlace &&
      excuse(before, id, before.picture.links.find((one) => one.rdv_id === id)) === null;
    const here = touched.here;
    // Where Cassius decides, whatever a person does there changes nothing here.
    const decides = settings.two_way === 'off' && !world.settingsTouched;
    const there = decides
      ? new Set()
      : agreed
      ? touched.there
      : new Set(touched.there).add('time').add('location').add('removed');
    const said: string[] = [];
    if (!is) return here.has('gone') ? [] : [`${id} is gone, and nobody deleted it`];

    // What only Cassius changed, or neither side, is as Cassius left it.
    const listened = settings.two_way === 'auto' || world.settingsTouched;
    const asked = excuse(now, id, link) !== null;
    const justMoved = [...touched.there].every((what) => what === 'calendar');
    if (justMoved && !world.settingsTouched && !world.answersLost && agreed && asked) {
      said.push(`${id}: nobody changed its event, and yet ${excuse(now, id, link)}`);
    }
    const ownNow = eventsOf(world, now, id)[0];
    if (justMoved && touched.there.size > 0 && here.size === 0 && agreed && !world.settingsTouched) {
      // Made a series, it is the occurrence that is the appointment's.
      const known = ownBefore?.event.ref.eventId ?? '';
      const stays = ownNow?.event.ref.eventId === (world.series.get(known)?.eventId ?? known) &&
        ownNow?.calendarId === world.placed.get(id);
      if (!stays) said.push(`${id}: its event was moved to another calendar, and is not there`);
    }
    if (!there.has('removed') && !there.has('restored') && !here.has('gone') && is.status !== was.status) {
      said.push(`${id}: ${was.status} became ${is.status} by itself`);
    }
    const last = world.lastHere(id);
    if (!there.has('time')) {
      const wanted = here.has('time') ? last.time : was;
      if (wanted && (!sameInstant(is.starts_at, wanted.starts_at) || !sameInstant(is.ends_at, wanted.ends_at))) {
        said.push(`${id}: left at ${wanted.starts_at} here, and now at ${is.starts_at}`);
      }
    }
    if (!there.has('location')) {
      const wanted = here.has('location') ? last.location : was.location;
      if (wanted !== undefined && (is.location ?? '') !== (wanted ?? '')) {
        said.push(`${id}: left in "${wanted}" here, and now in "${is.location}"`);
      }
    }

    // What only the person changed, the appointment has taken over.
    if (!listened || world.settingsTouched || !settings.export_enabled || asked || !agreed || here.has('gone')) {
      return said;
    }
    if (isOutOfSight(world, now, id)) return said;
    if (touched.there.has('removed')) {
      if (is.status !== 'cancelled') said.push(`${id}: its event was removed, and it is ${is.status}`);
      return said;
    }
    if (touched.there.has('time') && here.has('time') && !touched.ranBetween) {
      const { time } = touched;
      const moved = last.time !== undefined && !sameInstant(last.time.starts_at, was.starts_at);
      const elsewhere = time === 'allDay' || (time && !sameInstant(time.startsAt, last.time?.starts_at ?? '') &&
        !sameInstant(time.startsAt, was.starts_at));
      if (moved && elsewhere) said.push(`${id}: moved on both sides at once, and nobody is asked`);
    }
    if (touched.there.has('time') && !here.has('time')) {
      const { time } = touched;
      if (time === 'allDay') said.push(`${id}: its event takes the whole day now, and nobody is asked`);
      else if (time && !sameInstant(time.startsAt, is.starts_at)) {
        said.push(`${id}: moved to ${time.startsAt} there, and still at ${is.starts_at}`);
      }
    }
    if (
      touched.there.has('location') && !here.has('location') && settings.event_detail !== 'busy' &&
      touched.location !== (is.location ?? '')
    ) {
      said.push(`${id}: put in "${touched.location}" there, and still in "${is.location}"`);
    }
    return said;
  });
}

/**
 * I9: the events of the followed calendar are here, and nothing else. What no change of the provider tells is found by
 * the full reading of the next day.
 */
function mirror({ parts }: World, rest: Rest): string[] {
  const { picture, calendars } = rest;
  const { settings, cursors, external, links, conflicts } = picture;
  if (!settings.import_enabled || settings.status !== 'connected') return [];
  if (conflicts.some(({ reason, status }) => reason === 'mass_change' && status === 'open')) return [];
  const calendarId = settings.calendar_source_id;
  const cursor = cursors.find((one) => one.calendar_id === calendarId);
  if (!cursor?.read || cursor.window_from === null || cursor.window_to === null) {
    return ['I9: the calendar was never read'];
  }
  const own = new Set(links.map(({ external_event_id }) => external_event_id));
  const from = Date.parse(cursor.window_from);
  const to = Date.parse(cursor.window_to);
  const said: string[] = [];
  const seen = new Set<string>();
  // Where ids are the provider's, a link that never had its answer does not know its event; the mark does.
  const coming = new Set(
    links.flatMap(({ rdv_id, epoch, state }) =>
      state === 'creating' || state === 'deleting' ? [`${rdv_id} ${epoch}`] : []
    ),
  );
  // Earlier events of an appointment that are back: a person decides whose they are, about one after the other.
  const asked = conflicts.filter(({ reason, status }) => reason === 'restored' && status === 'open');
  for (const { ref, content, kind, marker, requestedId } of calendars.get(calendarId) ?? []) {
    if (own.has(ref.eventId) || isLeft(rest, ref.eventId) || !content || kind !== 'appointment') continue;
    const mayBeOurs = marker !== null && coming.has(`${marker.appointmentId} ${marker.epoch}`);
    // A person's copy has the mark and is no write of ours: it may have come in before its original was unsure.
    if (!mayBeOurs || !requestedId) seen.add(ref.eventId);
    if (mayBeOurs) continue;
    if (asked.some((one) => one.external_id === ref.eventId || one.internal_id === marker?.appointmentId)) continue;
    const time = content.time.kind === 'timed' ? content.time : null;
    const row = external.find((one) =>
      one.external_calendar_id === calendarId && one.external_event_id === ref.eventId && one.status !== 'cancelled'
    );
    // Midnights of whole days are the practice's own: only the hours of a clock are compared with a window's end.
    const inside = time !== null && Date.parse(time.endsAt) > from && Date.parse(time.startsAt) < to;
    if (!row) {
      if (external.some((one) => one.external_event_id === ref.eventId && one.status === 'cancelled')) {
        said.push(`I9: ${ref.eventId} lives in the calendar, and is cancelled here`);
      }
      if (inside) said.push(`I9: ${ref.eventId} stands in the calendar and not here`);
      continue;
    }
    if (time && (!sameInstant(row.start_at, time.startsAt) || !sameInstant(row.end_at, time.endsAt))) {
      said.push(`I9: ${ref.eventId} is at ${time.startsAt}, and here at ${row.start_at}`);
    }
    if (content.visibility !== 'private' && row.summary !== content.title) {
      said.push(`I9: ${ref.eventId} is "${content.title}", and here "${row.summary}"`);
    }
  }
  for (const row of external) {
    if (row.status === 'cancelled' || row.detached_at || row.external_calendar_id !== calendarId) continue;
    if (Date.parse(row.end_at) <= from || Date.parse(row.start_at) >= to) continue;
    const untold = parts.provider.untoldSince(row.external_event_id);
    if (untold !== null && untold >= from && parts.clock.now() - untold < 2 * DAY) continue;
    if (!seen.has(row.external_event_id)) said.push(`I9: ${row.external_event_id} stands here and not in the calendar`);
  }
  return said;
}

/** An event is at most one appointment, which is never exported. */
function importedOnce(world: World, { picture, calendars }: Rest): string[] {
  const imported = picture.rdvs.filter(({ source }) => source !== 'cassius');
  const all = [...calendars.values()].flat();
  return imported.flatMap(({ id }) =>
    all.some(({ marker, ref }) => marker?.appointmentId === id && !world.isPersonal(ref.eventId))
      ? [`The imported ${id} was exported`]
      : []
  );
}

/** Of a series that a person made of an event of ours, only the appointment's occurrence is ours to write and to end. */
function otherOccurrences(world: World, { calendars }: Rest): string[] {
  return [...world.otherOccurrences].flatMap(([eventId, { calendarId, startsAt, title, location }]) => {
    const content = calendars.get(calendarId)?.find(({ ref }) => ref.eventId === eventId)?.content;
    if (!content) return [`R3: the occurrence ${eventId} of a person's series was ended`];
    const { time } = content;
    const same = time.kind === 'timed' && sameInstant(time.startsAt, startsAt) && content.title === title &&
      content.location === location;
    return same ? [] : [`R3: the occurrence ${eventId} of a person's series was written: ${JSON.stringify(content)}`];
  });
}

/** I6, and the rules of the provider. */
function silence(world: World): string[] {
  const { provider } = world.parts;
  return [
    ...provider.mails().map((mail) => `I6: a mail: ${JSON.stringify(mail)}`),
    ...provider.violations().map((what) => `The provider objects: ${what}`),
  ];
}

/** I4. */
function strangers(world: World, before: Rest | null, now: Rest): string[] {
  const marc = world.parts.provider.live(world.marc.account.main);
  const said: string[] = [];
  if (marc.length !== 1) said.push(`I4: the other practice has ${marc.length} events`);
  if (before && JSON.stringify(before.picture.marc) !== JSON.stringify(now.picture.marc)) {
    said.push(`I4: the other practice changed: ${JSON.stringify([before.picture.marc, now.picture.marc])}`);
  }
  return said;
}
