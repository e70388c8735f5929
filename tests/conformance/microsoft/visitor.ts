/** How the conformance tests talk to the Microsoft emulator: as an app over HTTP semantics, in process. */
import { createHash } from 'node:crypto';
import { MicrosoftEmulator } from '../../../emulators/microsoft/emulator.ts';

export const START = Date.parse('2026-11-21T08:00:00Z');
export const REDIRECT_URI = 'https://app.test/functions/v1/microsoft-callback';
export const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'User.Read', 'Calendars.ReadWrite'];
export const ORIGIN = 'https://microsoft.test';
export const CLAIRE = 'claire@outlook.test';
export const MARC = 'marc@outlook.test';
export const IMMUTABLE = 'IdType="ImmutableId"';
export const TAG = 'String {9f3b2c1a-5d7e-4f60-8a91-b2c3d4e5f607} Name CassiusAppointment';

const VERIFIER = 'verifier-of-43-characters-or-more-0123456789abcdef';

// deno-lint-ignore no-explicit-any
export type Json = any;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; null if empty or no JSON. */
  readonly body: Json;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly id_token?: string;
}

/** An emulator at 2026-11-21T08:00Z; its clock moves only by `advance`. */
export function newEmulator(deliver?: typeof fetch): MicrosoftEmulator {
  return new MicrosoftEmulator({
    clientId: 'client-1',
    clientSecret: 'secret-1',
    redirectUris: [REDIRECT_URI],
    now: () => START,
    ...(deliver ? { deliver } : {}),
  });
}

export async function send(core: MicrosoftEmulator, path: string, init: RequestInit = {}): Promise<Reply> {
  const address = path.startsWith('https://') ? path : `${ORIGIN}${path}`;
  const response = await core.fetch(new Request(address, { redirect: 'manual', ...init }));
  const text = await response.text();
  let body: Json = null;
  try {
    body = text === '' ? null : JSON.parse(text);
  } catch {
    // HTML answers are read as text.
  }
  return { status: response.status, headers: response.headers, text, body };
}

export type Changes = Record<string, string | null>;

export function authorizationQuery(changes: Changes = {}): URLSearchParams {
  const parameters: Changes = {
    client_id: 'client-1',
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: SCOPES.join(' '),
    state: 'state-1',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    __approve: CLAIRE,
    ...changes,
  };
  return new URLSearchParams(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** The consent redirect for an authorization request; null parameters are left out. */
export async function authorize(core: MicrosoftEmulator, changes: Changes = {}, tenant = 'common'): Promise<URL> {
  const reply = await send(core, `/${tenant}/oauth2/v2.0/authorize?${authorizationQuery(changes)}`);
  if (reply.status !== 302) throw new Error(`Could not get consent: HTTP ${reply.status} ${reply.text}`);
  return new URL(reply.headers.get('location') ?? '');
}

export function postToken(
  core: MicrosoftEmulator,
  changes: Changes,
  tenant = 'common',
  headers: Record<string, string> = {},
): Promise<Reply> {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries({ client_id: 'client-1', client_secret: 'secret-1', ...changes })) {
    if (value !== null) form.set(name, value);
  }
  return send(core, `/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: form, headers });
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
  const back = await authorize(core, changes);
  const reply = await exchange(core, back.searchParams.get('code') ?? '');
  if (reply.status !== 200) throw new Error(`Could not exchange the code: ${reply.text}`);
  return reply.body;
}

export interface Api {
  (verb: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  readonly token: string;
}

/** Calls below `/v1.0/`, or of a whole link. Ids are immutable and times UTC unless `prefer` says otherwise. */
export function apiWith(core: MicrosoftEmulator, token: string): Api {
  const call = (verb: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    send(core, path.startsWith('https://') ? path : `/v1.0/${path}`, {
      method: verb,
      headers: {
        authorization: `Bearer ${token}`,
        prefer: IMMUTABLE,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return Object.assign(call, { token });
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

export async function control(core: MicrosoftEmulator, route: string, body?: unknown): Promise<Json> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const reply = await send(core, `/__emulator/${route}`, init);
  if (reply.status !== 200) throw new Error(`Could not steer the emulator: ${reply.text}`);
  return reply.body;
}

/** Id of a calendar of Claire's (or of another account's): `Calendar`, `cabinet` or `equipe`. */
export function calendarId(kind: 'Calendar' | 'cabinet' | 'equipe', user = 'claire'): string {
  return `AAMkAGViNDU7-${user}-${kind}_AAAAAAGtlAAA=`;
}
