/** `/__emulator/…`: how tests look inside and steer. Never part of what a client may use. */
import { type Answer, isObject, type JsonObject } from './answers.ts';

export const CONTROL_PATH = '/__emulator/';

/** What every emulator lets itself be steered by. */
export interface Steerable {
  readonly settings: object;
  now(): number;
  advance(ms: number): void;
  setNow(at: number): void;
  reset(): void;
  configure(changes: JsonObject): void;
  /** Throws where the rule is misspelt. */
  addFault(rule: never): string;
  clearFaults(id?: string): void;
  faults(): readonly unknown[];
  userToken(email: string): string;
  state(): object;
}

/** A route of one emulator only: the answer's body, or null where there is no such route. */
export type OwnRoutes = (route: string, fields: JsonObject) => JsonObject | null | Promise<JsonObject | null>;

/** Answers a control request; what is malformed is 400 `{error}`. */
export async function control(
  emulator: Steerable,
  request: Request,
  url: URL,
  own: OwnRoutes,
): Promise<Answer> {
  try {
    const text = await request.text();
    const body: unknown = text === '' ? {} : JSON.parse(text);
    const route = `${request.method} ${url.pathname.slice(CONTROL_PATH.length)}`;
    const fields = isObject(body) ? body : {};
    const shared = sharedRoute(emulator, route, body, fields, url.searchParams);
    const answer = shared ?? await own(route, fields);
    return answer ? { status: 200, body: answer } : { status: 404, body: { error: `There is no ${route}` } };
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function sharedRoute(
  emulator: Steerable,
  route: string,
  body: unknown,
  fields: JsonObject,
  query: URLSearchParams,
): JsonObject | null {
  switch (route) {
    case 'GET state':
      return state(emulator, query.get('only'));
    case 'GET faults':
      return { faults: emulator.faults() };
    case 'POST faults':
      return addFaults(emulator, body, fields);
    case 'DELETE faults':
      emulator.clearFaults(query.get('id') ?? undefined);
      return { faults: emulator.faults() };
    case 'POST reset':
      emulator.reset();
      return {};
    case 'POST clock':
      moveClock(emulator, fields);
      return { now: new Date(emulator.now()).toISOString() };
    case 'POST settings':
      emulator.configure(fields);
      return { ...emulator.settings };
    case 'POST token':
      return { access_token: emulator.userToken(String(fields.email)), token_type: 'Bearer' };
    default:
      return null;
  }
}

function state(emulator: Steerable, only: string | null): JsonObject {
  const whole = Object.entries(emulator.state());
  const wanted = only?.split(',');
  return Object.fromEntries(whole.filter(([name]) => wanted === undefined || wanted.includes(name)));
}

/** A rule, a list of rules, or `{rules: [...], clear: true}`. */
function addFaults(emulator: Steerable, body: unknown, fields: JsonObject): JsonObject {
  if (fields.clear === true) emulator.clearFaults();
  const rules = Array.isArray(body) ? body : Array.isArray(fields.rules) ? fields.rules : fields.action ? [fields] : [];
  return { ids: rules.map((rule) => emulator.addFault(rule as never)) };
}

function moveClock(emulator: Steerable, fields: JsonObject): void {
  const at = typeof fields.now === 'string' ? Date.parse(fields.now) : fields.now;
  if (typeof fields.advanceMs === 'number') emulator.advance(fields.advanceMs);
  else if (typeof at === 'number' && Number.isFinite(at)) emulator.setNow(at);
  else throw new TypeError('Could not move the clock: give advanceMs or now');
}
