/** How the conformance tests talk to the Google emulator. */
import { GoogleEmulator } from '../../../emulators/google/emulator.ts';
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
  send,
  type Tokens,
  tokensOf,
} from '../core/visitor.ts';

export { type Api, control, type Json, type Reply, send, START } from '../core/visitor.ts';
export const REDIRECT_URI = 'https://app.test/functions/v1/google-callback/callback';
const PREFIX = 'https://www.googleapis.com/auth/';
export const SCOPES = ['openid', 'email', `${PREFIX}calendar.events`, `${PREFIX}calendar.calendarlist.readonly`];

/** An emulator at 2026-11-21T08:00Z; its clock moves only by `advance`. */
export function newEmulator(deliver?: typeof fetch): GoogleEmulator {
  return new GoogleEmulator(optionsOf(REDIRECT_URI, deliver));
}

/** The consent redirect for an authorization request; null parameters are left out. */
export function authorize(core: GoogleEmulator, changes: Changes = {}): Promise<URL> {
  return authorizeAt(core, '/o/oauth2/v2/auth', authorizationQuery(changes));
}

export function authorizationQuery(changes: Changes = {}): URLSearchParams {
  return parametersOf({
    client_id: 'client-1',
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: SCOPES.join(' '),
    access_type: 'offline',
    prompt: 'consent',
    state: 'state-1',
    __approve: 'claire@gmail.test',
    ...changes,
  });
}

export function postToken(core: GoogleEmulator, changes: Changes): Promise<Reply> {
  return postForm(core, '/token', changes);
}

export function exchange(core: GoogleEmulator, code: string, changes: Record<string, string> = {}): Promise<Reply> {
  return postToken(core, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...changes });
}

export function refresh(core: GoogleEmulator, refreshToken: string): Promise<Reply> {
  return postToken(core, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

/** Consent and exchange in one step. */
export async function connect(core: GoogleEmulator, changes: Changes = {}): Promise<Tokens> {
  return await tokensOf(await authorize(core, changes), (code) => exchange(core, code));
}

/** Calls below `/calendar/v3/`. */
export function apiWith(core: GoogleEmulator, token: string): Api {
  return apiBelow(core, '/calendar/v3/', token);
}

/** A connected app with the two scopes that the product asks for. */
export async function connectedApi(core: GoogleEmulator, email = 'claire@gmail.test'): Promise<Api> {
  return apiWith(core, (await connect(core, { __approve: email })).access_token);
}

/** First reason of an error body, wherever it is. */
export function reasonOf(reply: Reply): string {
  const error = reply.body?.error;
  return error?.errors?.[0]?.reason ?? error?.details?.[0]?.reason ?? error;
}

/** A timed event of one hour on 1 December 2026, unless changed. */
export function timed(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    summary: 'Consultation',
    start: { dateTime: '2026-12-01T09:00:00+01:00' },
    end: { dateTime: '2026-12-01T10:00:00+01:00' },
    ...changes,
  };
}

export function allDay(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { summary: 'Congé', start: { date: '2026-12-01' }, end: { date: '2026-12-02' }, ...changes };
}

export const EVENTS = 'calendars/primary/events';

export interface PartReply {
  readonly contentId: string | null;
  readonly status: number;
  readonly body: Json;
}

/** Sends a batch and reads the parts of its answer in their order. */
export async function batch(
  core: GoogleEmulator,
  token: string,
  calls: ReadonlyArray<{ id: string; verb: string; path: string; body?: unknown }>,
): Promise<PartReply[]> {
  const parts = calls.map(({ id, verb, path, body }) =>
    ['--edge', 'Content-Type: application/http', `Content-ID: <${id}>`, '', `${verb} /calendar/v3/${path} HTTP/1.1`]
      .concat(body === undefined ? ['', ''] : ['Content-Type: application/json', '', JSON.stringify(body)])
      .join('\r\n')
  );
  const reply = await send(core, '/batch/calendar/v3', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/mixed; boundary=edge' },
    body: `${parts.join('\r\n')}\r\n--edge--\r\n`,
  });
  const boundary = /boundary=(\S+)/.exec(reply.headers.get('content-type') ?? '')?.[1];
  if (reply.status !== 200 || !boundary) {
    throw new Error(`Could not send the batch: HTTP ${reply.status} ${reply.text}`);
  }
  return reply.text.split(`--${boundary}`).slice(1, -1).map((section) => {
    const [envelope = '', head = '', ...content] = section.trimStart().split('\r\n\r\n');
    const text = content.join('\r\n\r\n').trim();
    return {
      contentId: /Content-ID: (\S+)/i.exec(envelope)?.[1] ?? null,
      status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]),
      body: text.startsWith('{') ? JSON.parse(text) : null,
    };
  });
}
