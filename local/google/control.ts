/** `/__emulator/…`: how tests look inside and steer. Never part of what a client may use. */
import { type Answer, isObject, type JsonObject } from './answers.ts';
import type { GoogleEmulator } from './emulator.ts';
import type { FaultRule } from './faults.ts';
import { seedEvent } from './seeding.ts';
import type { AccessRole, CalendarSeed } from './world.ts';

export const CONTROL_PATH = '/__emulator/';

/** Answers a control request; what is malformed is 400 `{error}`. */
export async function control(emulator: GoogleEmulator, request: Request, url: URL): Promise<Answer> {
  try {
    const text = await request.text();
    const body: unknown = text === '' ? {} : JSON.parse(text);
    return answer(emulator, `${request.method} ${url.pathname.slice(CONTROL_PATH.length)}`, body, url.searchParams);
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function answer(emulator: GoogleEmulator, route: string, body: unknown, query: URLSearchParams): Answer {
  const fields = isObject(body) ? body : {};
  switch (route) {
    case 'GET state':
      return state(emulator, query.get('only'));
    case 'GET faults':
      return done({ faults: emulator.session.faults.list() });
    case 'POST faults':
      return addFaults(emulator, body, fields);
    case 'DELETE faults':
      emulator.clearFaults(query.get('id') ?? undefined);
      return done({ faults: emulator.session.faults.list() });
    case 'POST reset':
      emulator.reset();
      return done({});
    case 'POST clock':
      moveClock(emulator, fields);
      return done({ now: new Date(emulator.now()).toISOString() });
    case 'POST settings':
      emulator.configure(fields);
      return done({ ...emulator.settings });
    case 'POST token':
      return done({ access_token: emulator.userToken(String(fields.email)), token_type: 'Bearer' });
    case 'POST revoke':
      emulator.session.grants.revokeAccount(String(fields.email));
      return done({});
    case 'POST calendars':
      return done({ id: changeCalendar(emulator, fields) });
    case 'POST channels':
      emulator.session.channels.silence(String(fields.silence));
      return done({});
    case 'POST events':
      return done({ event: seedEvent(emulator.session.scene, fields, emulator.now()) });
    default:
      return { status: 404, body: { error: `There is no ${route}` } };
  }
}

function done(body: JsonObject): Answer {
  return { status: 200, body };
}

function state(emulator: GoogleEmulator, only: string | null): Answer {
  const whole = Object.entries(emulator.state());
  const wanted = only?.split(',');
  return done(Object.fromEntries(whole.filter(([name]) => wanted === undefined || wanted.includes(name))));
}

/** A rule, a list of rules, or `{rules: [...], clear: true}`. */
function addFaults(emulator: GoogleEmulator, body: unknown, fields: JsonObject): Answer {
  if (fields.clear === true) emulator.clearFaults();
  const rules = Array.isArray(body) ? body : Array.isArray(fields.rules) ? fields.rules : fields.action ? [fields] : [];
  const ids = rules.map((rule) => emulator.addFault(rule as FaultRule));
  return done({ ids });
}

function moveClock(emulator: GoogleEmulator, fields: JsonObject): void {
  const at = typeof fields.now === 'string' ? Date.parse(fields.now) : fields.now;
  if (typeof fields.advanceMs === 'number') emulator.advance(fields.advanceMs);
  else if (typeof at === 'number' && Number.isFinite(at)) emulator.setNow(at);
  else throw new TypeError('Could not move the clock: give advanceMs or now');
}

/**
 * Adds a calendar, or changes one that exists: `{id, summary?, owner?, access: {email: role|null}, timeZone?,
 * pushSupported?, deleted?}`.
 */
function changeCalendar(emulator: GoogleEmulator, fields: JsonObject): string {
  const { world } = emulator.session.scene;
  const now = emulator.now();
  const id = String(fields.id);
  const access = isObject(fields.access) ? fields.access : {};
  let calendar = world.calendars.get(id);
  if (calendar) {
    for (const [email, role] of Object.entries(access)) world.changeAccess(calendar, email, role as AccessRole | null);
    if (typeof fields.timeZone === 'string') calendar.timeZone = fields.timeZone;
  } else {
    const seed = { summary: id, owner: Object.keys(access)[0] ?? '', ...fields } as unknown as CalendarSeed;
    calendar = world.addCalendar(seed, now);
  }
  if (typeof fields.pushSupported === 'boolean') calendar.pushSupported = fields.pushSupported;
  if (fields.deleted === true) world.deleteCalendar(calendar, now);
  if (fields.expireSyncTokens === true) calendar.syncGeneration++;
  return id;
}
