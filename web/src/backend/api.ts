/** The functions' HTTP API, as the page uses it: one method a route, one error type, every answer checked. */
import * as z from 'zod/mini';
import { conflictResolution, conflictUndone } from '../../../supabase/functions/_shared/contract/conflicts.ts';
import type { ImportRequest } from '../../../supabase/functions/_shared/contract/requests.ts';
import { refusal } from '../../../supabase/functions/_shared/contract/refusal.ts';
import { importStatus, importSummary, importUndone } from '../../../supabase/functions/_shared/contract/import.ts';
import {
  calendarList,
  confirmation,
  consentAddress,
  disconnection,
  type IntegrationSettings,
  integrationStatus,
} from '../../../supabase/functions/_shared/contract/connection.ts';
import { syncSummary } from '../../../supabase/functions/_shared/contract/sync.ts';
import type { ConflictAction, SwitchAction } from '../../../supabase/functions/_shared/vocabulary.ts';
import { errorMessage, language, sentence, t } from '../words/i18n.ts';
import type { Backend } from './backend.ts';
import { asFailure, Failure, wasAborted } from './failure.ts';
import { newTrace } from './trace.ts';

export type { ConflictResolution } from '../../../supabase/functions/_shared/contract/conflicts.ts';
export type {
  ImportItem,
  ImportStatus,
  ImportSummary,
  ImportUndone,
} from '../../../supabase/functions/_shared/contract/import.ts';
export type {
  Calendar,
  IntegrationSettings,
  IntegrationStatus,
} from '../../../supabase/functions/_shared/contract/connection.ts';
export type { SyncSummary } from '../../../supabase/functions/_shared/contract/sync.ts';

export type Api = ReturnType<typeof createApi>;

/** @param provider key in the database and prefix of the functions */
export function createApi(backend: Backend, organisationId: string, provider: string) {
  const connect = `${provider}-connect`;
  const sync = `${provider}-sync`;
  const imports = `${provider}-import`;

  async function call<Shape extends z.ZodMiniType>(
    method: 'GET' | 'POST' | 'PATCH',
    route: string,
    shape: Shape,
    options: { body?: unknown; signal?: AbortSignal | undefined } = {},
  ): Promise<z.infer<Shape>> {
    const step = `${method} ${route}`;
    const trace = newTrace();
    let response: Response;
    try {
      response = await backend.fetch(`${backend.config.url}/functions/v1/${route}`, {
        method,
        // The functions bind a connection attempt to this browser with a cookie.
        credentials: 'include',
        headers: {
          'accept': 'application/json',
          'accept-language': language,
          'x-organisation-id': organisationId,
          'traceparent': trace.traceparent,
          ...(backend.config.region === null ? {} : { 'x-region': backend.config.region }),
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (error) {
      if (wasAborted(error)) throw error;
      throw asFailure(error, step, trace.id);
    }
    const answer: unknown = await response.json().catch((error) => {
      if (wasAborted(error)) throw error;
      return null;
    });
    if (!response.ok) throw refused(answer, response, step);
    const read = z.safeParse(shape, answer);
    if (read.success) return read.data;
    throw new Failure(t.failure.unreadable, {
      code: 'UNEXPECTED',
      step,
      requestId: response.headers.get('x-request-id'),
      details: read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    });
  }

  return {
    /** The address of the provider's consent page. */
    async connect(redirectTo?: string): Promise<string> {
      const body = redirectTo === undefined ? {} : { redirectTo };
      const { url } = await call('POST', `${connect}/connect`, consentAddress, { body });
      if (!/^https?:\/\//.test(url)) {
        throw new Failure(t.failure.unsafeAddress, { code: 'UNEXPECTED', step: `POST ${connect}/connect` });
      }
      return url;
    },
    /** Ends a connection that came back without the browser's cookie: the signed-in user answers for it instead. */
    confirm: (secret: string) => call('POST', `${connect}/confirm`, confirmation, { body: { secret } }),
    /** What becomes of the account before, now that another one was consented to. */
    switchAccount: (action: SwitchAction) => call('POST', `${connect}/switch`, integrationStatus, { body: { action } }),
    status: (signal?: AbortSignal) => call('GET', `${connect}/status`, integrationStatus, { signal }),
    calendars: async (signal?: AbortSignal) =>
      (await call('GET', `${connect}/calendars`, calendarList, { signal })).calendars,
    change: (settings: Partial<IntegrationSettings>) =>
      call('PATCH', `${connect}/settings`, integrationStatus, { body: settings }),
    disconnect: (removeEvents: boolean) =>
      call('POST', `${connect}/disconnect`, disconnection, { body: { removeEvents } }),
    syncNow: () => call('POST', `${sync}/sync-now`, syncSummary, { body: {} }),
    /** All failed appointments when no ids are given. */
    retry: (rdvIds?: readonly string[]) =>
      call('POST', `${sync}/retry`, syncSummary, { body: rdvIds === undefined ? {} : { rdvIds } }),
    /** Reads the calendar: `preview` writes nothing and says what `import` would do. */
    import: (request: ImportRequest, signal?: AbortSignal) =>
      call('POST', `${imports}/import`, importSummary, { body: request, signal }),
    importStatus: (signal?: AbortSignal) => call('GET', `${imports}/status`, importStatus, { signal }),
    undoImport: (runId: string) => call('POST', `${imports}/runs/${runId}/undo`, importUndone, { body: {} }),
    /** Of a route that one page alone needs: it brings the shape along. */
    read: <Shape extends z.ZodMiniType>(route: string, shape: Shape, signal?: AbortSignal) =>
      call('GET', `${provider}-${route}`, shape, { signal }),
    /** `seen` is `updated_at` of the conflict as it was shown. */
    resolveConflict: (id: string, action: ConflictAction, seen: string) =>
      call('POST', `${imports}/conflicts/${id}/resolve`, conflictResolution, { body: { action, seen } }),
    undoDecision: (id: string) => call('POST', `${imports}/conflicts/${id}/undo`, conflictUndone, { body: {} }),
  };
}

/** The functions always answer with their error shape; a gateway in front of them may not. */
function refused(answer: unknown, response: Response, step: string): Failure {
  const known = z.safeParse(refusal, answer);
  if (!known.success) {
    const code = response.status === 429
      ? 'RATE_LIMITED'
      : response.status === 401
      ? 'UNAUTHENTICATED'
      : `HTTP_${response.status}`;
    const requestId = response.headers.get('x-request-id');
    return new Failure(errorMessage(code, t.failure.service), { code, step, requestId, details: answer });
  }
  const { error: code, message, requestId, details, ...rest } = known.data;
  const providerCode = Object.entries(rest).find(([key]) => key.endsWith('Code'))?.[1];
  return new Failure(sentence(message), {
    code,
    step: known.data.step,
    requestId,
    providerCode: typeof providerCode === 'string' ? providerCode : null,
    details,
  });
}
