/** How the conformance tests talk to the Microsoft emulator. */
import { MicrosoftEmulator } from '../../../emulators/microsoft/emulator.ts';
import {
  type Api,
  apiBelow,
  authorizeAt,
  type Changes,
  type Json,
  optionsOf,
  parametersOf,
  postForm,
  type Reply,
  s256,
  type Tokens,
  tokensOf,
} from '../core/visitor.ts';

export { type Api, type Changes, control, type Json, type Reply, send, START } from '../core/visitor.ts';
export const REDIRECT_URI = 'https://app.test/functions/v1/microsoft-callback';
export const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'User.Read', 'Calendars.ReadWrite'];
export const ORIGIN = 'https://emulator.test';
export const CLAIRE = 'claire@outlook.test';
export const MARC = 'marc@outlook.test';
export const IMMUTABLE = 'IdType="ImmutableId"';
export const TAG = 'String {9f3b2c1a-5d7e-4f60-8a91-b2c3d4e5f607} Name CassiusAppointment';

const VERIFIER = 'verifier-of-43-characters-or-more-0123456789abcdef';

/** An emulator at 2026-11-21T08:00Z; its clock moves only by `advance`. */
export function newEmulator(deliver?: typeof fetch): MicrosoftEmulator {
  return new MicrosoftEmulator(optionsOf(REDIRECT_URI, deliver));
}

/** An emulator, and an app that Claire connected to it. */
export async function stage() {
  const core = newEmulator();
  return { core, api: await connectedApi(core) };
}

export function authorizationQuery(changes: Changes = {}): URLSearchParams {
  return parametersOf({
    client_id: 'client-1',
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: SCOPES.join(' '),
    state: 'state-1',
    code_challenge: s256(VERIFIER),
    code_challenge_method: 'S256',
    __approve: CLAIRE,
    ...changes,
  });
}

/** The consent redirect for an authorization request; null parameters are left out. */
export function authorize(core: MicrosoftEmulator, changes: Changes = {}, tenant = 'common'): Promise<URL> {
  return authorizeAt(core, `/${tenant}/oauth2/v2.0/authorize`, authorizationQuery(changes));
}

export function postToken(
  core: MicrosoftEmulator,
  changes: Changes,
  tenant = 'common',
  headers: Record<string, string> = {},
): Promise<Reply> {
  return postForm(core, `/${tenant}/oauth2/v2.0/token`, changes, headers);
}

export function exchange(core: MicrosoftEmulator, code: string, changes: Changes = {}, tenant = 'common') {
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER };
  return postToken(core, { ...grant, ...changes }, tenant);
}

export function refresh(core: MicrosoftEmulator, refreshToken: string, changes: Changes = {}): Promise<Reply> {
  return postToken(core, { grant_type: 'refresh_token', refresh_token: refreshToken, ...changes });
}

/** Consent and exchange in one step. */
export async function connect(core: MicrosoftEmulator, changes: Changes = {}): Promise<Tokens> {
  return await tokensOf(await authorize(core, changes), (code) => exchange(core, code));
}

/** Calls below `/v1.0/`, or of a whole link. Ids are immutable and times UTC unless `prefer` says otherwise. */
export function apiWith(core: MicrosoftEmulator, token: string): Api {
  return apiBelow(core, '/v1.0/', token, { prefer: IMMUTABLE });
}

export async function connectedApi(core: MicrosoftEmulator, email = CLAIRE): Promise<Api> {
  return apiWith(core, (await connect(core, { __approve: email })).access_token);
}

export const codeOf = (reply: Reply): string => reply.body?.error?.code ?? reply.body?.error;

/** The number of an identity platform error. */
export const aadOf = (reply: Reply): number => reply.body?.error_codes?.[0];

/** A timed event of one hour on 1 December 2026, unless changed. */
export function timed(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    subject: 'Consultation',
    start: { dateTime: '2026-12-01T09:00:00', timeZone: 'Europe/Paris' },
    end: { dateTime: '2026-12-01T10:00:00', timeZone: 'Europe/Paris' },
    ...changes,
  };
}

export function allDay(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    subject: 'Congé',
    isAllDay: true,
    start: { dateTime: '2026-12-01T00:00:00', timeZone: 'Europe/Paris' },
    end: { dateTime: '2026-12-02T00:00:00', timeZone: 'Europe/Paris' },
    ...changes,
  };
}

/** Every Tuesday of December 2026, at nine in Paris. */
export function weekly(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return timed({
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['tuesday'] },
      range: { type: 'endDate', startDate: '2026-12-01', endDate: '2026-12-31' },
    },
    ...changes,
  });
}

export const EVENTS = 'me/calendar/events';
export const WINDOW = 'startDateTime=2026-11-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z';
export const DELTA = `me/calendarView/delta?${WINDOW}`;

/** Follows a round to its end: all items, and the link for the next round. */
export async function round(api: Api, link: string, prefer = IMMUTABLE): Promise<{ items: Json[]; deltaLink: string }> {
  const items: Json[] = [];
  for (let next = link;;) {
    const reply = await api('GET', next, undefined, { prefer });
    if (reply.status !== 200) throw new Error(`Could not read changes: HTTP ${reply.status} ${reply.text}`);
    items.push(...reply.body.value);
    if (reply.body['@odata.deltaLink']) return { items, deltaLink: reply.body['@odata.deltaLink'] };
    next = reply.body['@odata.nextLink'];
  }
}

/** Id of a calendar of Claire's (or of another account's): `Calendar`, `cabinet` or `equipe`. */
export function calendarId(kind: 'Calendar' | 'cabinet' | 'equipe', user = 'claire'): string {
  return `AAMkAGViNDU7-${user}-${kind}_AAAAAAGtlAAA=`;
}
