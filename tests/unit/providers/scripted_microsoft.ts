import { microsoftConfig } from '../../../supabase/functions/_shared/providers/microsoft/config.ts';
import { microsoftProvider } from '../../../supabase/functions/_shared/providers/microsoft/provider.ts';
import { json, NOW, script, type SentRequest, type Step, unsignedToken } from './scripted.ts';

export { html, json, NOW, type SentRequest } from './scripted.ts';

export const CONFIG = microsoftConfig({
  MICROSOFT_CLIENT_ID: 'client.test',
  MICROSOFT_CLIENT_SECRET: 'client-secret',
  MICROSOFT_REDIRECT_URI: 'http://127.0.0.1:54321/functions/v1/microsoft-callback',
  MICROSOFT_AUTHORITY_URL: 'http://microsoft.test',
  MICROSOFT_GRAPH_URL: 'http://microsoft.test/v1.0',
});

export const GRAPH = CONFIG.graphUrl;
export const TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** The adapter before a script. Looks into a calendar for an event that was just read find it, and are kept apart. */
export function scripted(...steps: Step[]) {
  return withViews(foundInView, ...steps);
}

/** The same, where a look into a calendar is answered by `view`. */
export function withViews(view: (eventIds: readonly string[]) => Response, ...steps: Step[]) {
  const looks: SentRequest[] = [];
  const { runtime, ...world } = script(steps, async (request) => {
    if (!isLook(request)) return null;
    looks.push(request);
    const answer = () => view(idsRead(world.sent));
    return request.url.pathname.endsWith('/$batch') ? await batched(request, answer) : answer();
  });
  return { provider: microsoftProvider(CONFIG, runtime), ...world, looks };
}

const VIEW = /\/calendarView\?.*\$select=id(,seriesMasterId|%2CseriesMasterId)?&\$top=999$/;

/** Whether the own view of a calendar is asked for an event, in a batch or alone. */
function isLook(request: SentRequest): boolean {
  if (!request.url.pathname.endsWith('/$batch')) return VIEW.test(request.url.href);
  return batchRequests(request).every(({ url }) => VIEW.test(url));
}

/** Ids of the events that were read. */
function idsRead(sent: readonly SentRequest[]): string[] {
  const addresses = sent.flatMap((request) =>
    request.url.pathname.endsWith('/$batch') ? batchRequests(request).map(({ url }) => url) : [request.url.pathname]
  );
  return addresses.flatMap((address) => {
    const id = /\/me\/events\/([^/?]+)/.exec(address)?.[1];
    return id === undefined ? [] : [decodeURIComponent(id)];
  });
}

function foundInView(eventIds: readonly string[]): Response {
  return json(200, { value: eventIds.map((id) => ({ id })) });
}

async function batched(request: SentRequest, answer: () => Response): Promise<Response> {
  const responses = await Promise.all(
    batchRequests(request).map(async ({ id }) => {
      const response = answer();
      return { id, status: response.status, headers: {}, body: await response.json() };
    }),
  );
  return json(200, { responses });
}

/** Requests as `METHOD /path?query`, the query decoded. */
export function told(sent: readonly SentRequest[]): string[] {
  return sent.map(({ method, url }) =>
    `${method} ${url.pathname.replace('/v1.0', '')}${decodeURIComponent(url.search)}`
  );
}

export function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  return json(status, refusalBody(code), headers);
}

export function refusalBody(code: string, more: Record<string, unknown> = {}) {
  return { error: { code, message: `${code}: a sentence that nobody reads`, ...more } };
}

export type Part = readonly [status: number, body?: unknown, headers?: Record<string, string>];

interface BatchRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: Record<string, unknown>;
}

export function batchRequests({ body }: SentRequest): BatchRequest[] {
  return JSON.parse(body).requests;
}

/** Answers a batch in reverse order; a part that is null is left out. */
export function batchAnswer(parts: ReadonlyArray<Part | null>) {
  return (request: SentRequest) => {
    const responses = batchRequests(request).flatMap(({ id }, at) => {
      const part = parts[at];
      if (!part) return [];
      const [status, body, headers = {}] = part;
      return [{ id, status, headers, ...(body === undefined ? {} : { body }) }];
    });
    return json(200, { responses: responses.reverse() });
  };
}

/** An event as Graph shows it when text and UTC are preferred. */
export function event(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    '@odata.etag': `W/"${id}-1"`,
    id,
    subject: 'Suivi',
    body: { contentType: 'text', content: '' },
    location: { displayName: '' },
    isAllDay: false,
    isCancelled: false,
    isOrganizer: true,
    showAs: 'busy',
    sensitivity: 'normal',
    type: 'singleInstance',
    seriesMasterId: null,
    lastModifiedDateTime: '2026-11-20T10:00:00.1234567Z',
    start: { dateTime: '2026-11-21T08:00:00.0000000', timeZone: 'UTC' },
    end: { dateTime: '2026-11-21T08:30:00.0000000', timeZone: 'UTC' },
    attendees: [],
    ...more,
  };
}

/** What a look before a write sees. */
export function standing(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const { start, end, type } = event(id);
  return { '@odata.etag': `W/"${id}-1"`, id, type, start, end, isOrganizer: true, attendees: [], ...more };
}

const PROPERTY = 'String {7d9c2a4e-6b1f-4c58-9e3a-2f5d8b7a1c60} Name ';
export const NAMES = {
  mark: `${PROPERTY}CassiusMark`,
  key: `${PROPERTY}CassiusKey`,
};

/** The extended property of our mark as `$expand` brings it. */
export function marked(value = 'rdv/integration/0') {
  return { singleValueExtendedProperties: [{ id: NAMES.mark, value }] };
}

/** An identity token as Microsoft makes them, unsigned. */
export function idToken(claims: Record<string, unknown> = {}): string {
  return unsignedToken({
    iss: `http://microsoft.test/${TENANT}/v2.0`,
    aud: CONFIG.clientId,
    ver: '2.0',
    tid: TENANT,
    oid: '00000000-0000-0000-66f3-3332eca7ea81',
    sub: 'pairwise',
    email: 'claire@outlook.test',
    preferred_username: 'claire@outlook.test',
    exp: NOW / 1000 + 3600,
    ...claims,
  });
}
