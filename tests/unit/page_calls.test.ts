/** What the page says of itself when it calls a function. */
import { expect, test, vi } from 'vitest';
import type { Backend } from '../../web/src/backend/backend.ts';
import type { Failure } from '../../web/src/backend/failure.ts';

// The page chooses its language from its address once it is loaded.
vi.stubGlobal('location', new URL('https://page.test/?lang=en'));
const { createApi } = await import('../../web/src/backend/api.ts');

/** Calls one route; gives the headers of the call, and how it failed. */
async function called(region: string | null, answer: () => Response): Promise<{ headers: Headers; failure: Failure }> {
  let headers = new Headers();
  const backend = {
    config: { url: 'https://project.test', publishableKey: 'sb_publishable_test', region, realtime: false },
    fetch: (_input: RequestInfo | URL, init: RequestInit) => {
      headers = new Headers(init.headers);
      return Promise.resolve().then(answer);
    },
  } as unknown as Backend;
  const failure = await createApi(backend, 'practice', 'google').status().catch((error: Failure) => error);
  return { headers, failure: failure as Failure };
}

const offline = () => {
  throw new TypeError('Failed to fetch');
};

test('each call names a trace, by which support finds it where no answer came', async () => {
  const calls = [await called(null, offline), await called(null, offline)];
  const traces = calls.map(({ headers }) =>
    /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(headers.get('traceparent')!)?.[1]
  );
  expect(calls.map(({ failure }) => [failure.code, failure.requestId])).toEqual(
    traces.map((trace) => ['NETWORK', trace]),
  );
  expect(new Set(traces).size).toBe(2);
});

test('an answer names its own request', async () => {
  const refusal = {
    error: 'NOT_CONNECTED',
    message: 'Non connecté',
    step: 'status',
    requestId: 'of the function',
    details: null,
  };
  const { failure } = await called(null, () => Response.json(refusal, { status: 400 }));
  expect([failure.code, failure.requestId]).toEqual(['NOT_CONNECTED', 'of the function']);
});

test('functions are asked to run where the build says, and near the browser where it says nothing', async () => {
  expect((await called('eu-west-3', offline)).headers.get('x-region')).toBe('eu-west-3');
  expect((await called(null, offline)).headers.has('x-region')).toBe(false);
});
