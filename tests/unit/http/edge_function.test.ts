import { describe, expect, test } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { errorMessage } from '../../../supabase/functions/_shared/error_messages/error_message.ts';
import { ERROR_KINDS, type ErrorCode, SyncError } from '../../../supabase/functions/_shared/errors.ts';
import { edgeFunction } from '../../../supabase/functions/_shared/http/edge_function.ts';
import { MAX_BODY_BYTES } from '../../../supabase/functions/_shared/http/request_body.ts';
import { type Route, route } from '../../../supabase/functions/_shared/http/route.ts';
import { ProviderError } from '../../../supabase/functions/_shared/providers/port/failure.ts';
import { API, APP, CLAIRE, LUMIERE, NUDGE_SECRET, testWorld, type TestWorldOptions, TOLD } from './test_world.ts';

const echo = route({
  method: 'POST',
  path: '/echo',
  auth: 'none',
  ...TOLD,
  body: z.strictObject({ count: z.number().int().optional() }),
  handle: ({ body }) => Response.json({ body }),
});

async function serve(routes: Route[], options: TestWorldOptions = {}) {
  const world = await testWorld(options);
  const handler = edgeFunction({ name: 'demo', providerCodeField: 'demoCode', routes: () => routes }, world);
  const call = (path: string, init: RequestInit = {}) => handler(new Request(`${API}/demo${path}`, init));
  return { world, handler, call };
}

function throwing(error: unknown): Route {
  return route({
    method: 'GET',
    path: '/fails',
    auth: 'none',
    ...TOLD,
    handle({ step }) {
      step('break_something');
      throw error;
    },
  });
}

describe('routing', () => {
  test('a request finds its route whatever stands before the function’s name', async () => {
    const { handler } = await serve([echo]);
    for (const prefix of ['https://x.test/demo', 'https://x.test/functions/v1/demo', 'https://x.test']) {
      const answer = await handler(new Request(`${prefix}/echo`, { method: 'POST', body: '{"count":2}' }));
      expect(await answer.json()).toEqual({ body: { count: 2 } });
    }
  });

  test('a route with a declared answer sends what it gives as JSON, under its status and headers', async () => {
    const declared = route({
      method: 'GET',
      path: '/declared',
      auth: 'none',
      summary: 'Tells a count',
      answer: z.object({ count: z.number() }),
      status: 202,
      handle({ answerHeaders }) {
        answerHeaders.set('set-cookie', 'a=b');
        return { count: 2 };
      },
    });
    const { call } = await serve([declared]);
    const answer = await call('/declared');
    expect(answer.status).toBe(202);
    expect(answer.headers.get('set-cookie')).toBe('a=b');
    expect(await answer.json()).toEqual({ count: 2 });
  });

  test('a route that answers otherwise than it declares is refused by the compiler', () => {
    const of = {
      method: 'GET',
      path: '/',
      auth: 'none',
      summary: '',
      answer: z.object({ count: z.number() }),
    } as const;
    // @ts-expect-error: another type
    const mistyped = () => route({ ...of, handle: () => ({ count: '2' }) });
    // @ts-expect-error: a field is missing
    const incomplete = () => route({ ...of, handle: () => ({}) });
    // @ts-expect-error: a response would pass by the declaration
    const unchecked = () => route({ ...of, handle: () => Response.json({ count: 2 }) });
    expect([mistyped, incomplete, unchecked]).toHaveLength(3);
  });

  test('the function itself is a route, with or without a slash', async () => {
    const root = route({
      method: 'POST',
      path: '/',
      auth: 'none',
      ...TOLD,
      handle: () => new Response(null, { status: 202 }),
    });
    const { call } = await serve([root]);
    expect((await call('', { method: 'POST' })).status).toBe(202);
    expect((await call('/', { method: 'POST' })).status).toBe(202);
  });

  test('segments of the path arrive decoded, and a malformed one is an unknown address', async () => {
    const named = route({
      method: 'GET',
      path: '/items/:id',
      auth: 'none',
      ...TOLD,
      handle: ({ params }) => Response.json(params),
    });
    const { call } = await serve([named]);
    expect(await (await call('/items/a%20b')).json()).toEqual({ id: 'a b' });
    expect((await call('/items/%E0%A4%A')).status).toBe(404);
  });

  test('an unknown address is NOT_FOUND', async () => {
    const { call } = await serve([echo]);
    const answer = await call('/nothing');
    expect(answer.status).toBe(404);
    expect((await answer.json()).error).toBe('NOT_FOUND');
  });

  test('a wrong method is METHOD_NOT_ALLOWED and says which ones are right', async () => {
    const { call } = await serve([echo]);
    const answer = await call('/echo', { method: 'PATCH', body: '{}' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST, OPTIONS');
    expect((await answer.json()).error).toBe('METHOD_NOT_ALLOWED');
  });
});

describe('bodies', () => {
  test('no body is an empty object', async () => {
    const { call } = await serve([echo]);
    expect(await (await call('/echo', { method: 'POST' })).json()).toEqual({ body: {} });
  });

  test('malformed JSON is INVALID_REQUEST', async () => {
    const { call } = await serve([echo]);
    const answer = await call('/echo', { method: 'POST', body: '{"count":' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: 'INVALID_REQUEST',
      step: 'read_request',
      details: { issues: [{ path: ['body'], message: 'not JSON' }] },
    });
  });

  test('bytes that are not UTF-8 are INVALID_REQUEST', async () => {
    const { call } = await serve([echo]);
    const answer = await call('/echo', { method: 'POST', body: new Uint8Array([0x22, 0xff, 0x22]) });
    expect((await answer.json()).error).toBe('INVALID_REQUEST');
  });

  test('a wrong or unknown field is named', async () => {
    const { call } = await serve([echo]);
    const wrong = await (await call('/echo', { method: 'POST', body: '{"count":"two"}' })).json();
    expect(wrong.details.issues[0].path).toEqual(['count']);
    const unknown = await (await call('/echo', { method: 'POST', body: '{"other":1}' })).json();
    expect(unknown).toMatchObject({ error: 'INVALID_REQUEST' });
    expect(JSON.stringify(unknown.details)).toContain('other');
  });

  test('a body over the limit is refused, announced or not', async () => {
    const { call } = await serve([echo]);
    const announced = await call('/echo', { method: 'POST', body: 'x'.repeat(MAX_BODY_BYTES + 1) });
    expect(announced.status).toBe(400);
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(16 * 1024));
      },
    });
    const endless = await call('/echo', { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
    expect((await endless.json()).error).toBe('INVALID_REQUEST');
  });

  test('a wrong query parameter is named', async () => {
    const search = route({
      method: 'GET',
      path: '/search',
      auth: 'none',
      ...TOLD,
      query: z.object({ from: z.iso.datetime().optional() }),
      handle: ({ query }) => Response.json(query),
    });
    const { call } = await serve([search]);
    expect(await (await call('/search?from=2026-11-21T08:00:00Z')).json()).toEqual({ from: '2026-11-21T08:00:00Z' });
    expect((await (await call('/search?from=yesterday')).json()).details.issues[0].path).toEqual(['from']);
  });
});

describe('errors', () => {
  test.each(Object.keys(ERROR_KINDS) as ErrorCode[])('%s leaves in the one shape, with its status', async (code) => {
    const { call } = await serve([throwing(new SyncError(code, 'Break: on purpose'))]);
    const answer = await call('/fails');
    expect(answer.status).toBe(ERROR_KINDS[code].status);
    expect(await answer.json()).toEqual({
      error: code,
      step: 'break_something',
      message: errorMessage(code, 'fr'),
      details: null,
      requestId: answer.headers.get('x-request-id'),
    });
  });

  test('the message is in the language asked for, French otherwise', async () => {
    const { call } = await serve([throwing(new SyncError('NOT_CONNECTED', 'Break: on purpose'))]);
    const message = async (language: string) =>
      (await (await call('/fails', { headers: { 'accept-language': language } })).json()).message;
    const [fr, en] = [errorMessage('NOT_CONNECTED', 'fr'), errorMessage('NOT_CONNECTED', 'en')];
    expect(await message('en-GB,en;q=0.9')).toBe(en);
    expect(await message('de')).toBe(fr);
    expect(await message('de,en;q=0.4,fr;q=0.7')).toBe(fr);
    expect(await message('fr;q=0.2,en;q=0.8')).toBe(en);
    expect(await message('en;q=rubbish')).toBe(fr);
  });

  test('a provider’s own code and pause are shown under the name that the function declares', async () => {
    const error = new ProviderError('RATE_LIMITED', 'List: slow down', {
      operation: 'list',
      status: 403,
      providerCode: 'userRateLimitExceeded',
      retryAfterSeconds: 12.4,
    });
    const { call } = await serve([throwing(error)]);
    const answer = await call('/fails');
    expect(answer.headers.get('retry-after')).toBe('13');
    expect(await answer.json()).toMatchObject({
      error: 'RATE_LIMITED',
      demoCode: 'userRateLimitExceeded',
      details: { retryAfterSeconds: 12.4 },
    });
  });

  test('an unexpected exception says nothing of itself, to the caller or to the log', async () => {
    const { call, world } = await serve([throwing(new TypeError('claire@gmail.test has the token ya29.canary'))]);
    const answer = await call('/fails');
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(JSON.parse(text).error).toBe('SYNC_FAILED');
    expect(text + world.lines.join()).not.toMatch(/claire|ya29/);
    expect(world.entries()[0]).toMatchObject({ exception: 'TypeError', level: 'error', outcome: 'error' });
  });

  test('something thrown that is no error at all is still an answer', async () => {
    const { call } = await serve([throwing('text')]);
    expect((await (await call('/fails')).json()).error).toBe('SYNC_FAILED');
  });

  test.each(['SUPABASE_URL', 'SUPABASE_SECRET_KEYS', 'APP_BASE_URL', 'NUDGE_SIGNING_SECRET'])(
    'without %s every request is CONFIGURATION_ERROR, and only the log names the variable',
    async (variable) => {
      const routes = [
        route({ method: 'GET', path: '/mine', auth: 'user', ...TOLD, handle: () => new Response() }),
        route({ method: 'POST', path: '/', auth: 'nudge', ...TOLD, handle: () => new Response() }),
      ];
      const { call, world } = await serve(routes, { environment: { [variable]: undefined } });
      const answer = await call('/mine');
      expect(answer.status).toBe(500);
      const text = await answer.text();
      expect(JSON.parse(text).error).toBe('CONFIGURATION_ERROR');
      expect(text).not.toContain(variable);
      expect(world.entries()[0]).toMatchObject({ code: 'CONFIGURATION_ERROR', variable });
    },
  );

  test.each([
    ['the one that is called default', { SUPABASE_SECRET_KEYS: '{"other":"sb_secret_2","default":"sb_secret_1"}' }],
    ['whatever it is called', { SUPABASE_SECRET_KEYS: '{"calendar":"sb_secret_1"}' }],
    ['the legacy one where there is no other', {
      SUPABASE_SECRET_KEYS: '{}',
      SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_1',
    }],
    ['the legacy one of an older platform', {
      SUPABASE_SECRET_KEYS: undefined,
      SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_1',
    }],
  ])('the database is called with a secret key: %s', async (_case, environment) => {
    const world = await testWorld({ environment });
    const keys: string[] = [];
    const handler = edgeFunction({ name: 'demo', routes: () => [echo] }, {
      ...world,
      database: (access) => {
        keys.push(access.secretKey);
        return world.database(access);
      },
    });
    expect((await handler(new Request(`${API}/demo/echo`, { method: 'POST' }))).status).toBe(200);
    expect(keys).toEqual(['sb_secret_1']);
  });

  test('a variable that is wrong is not quoted', async () => {
    const { call, world } = await serve([echo], { environment: { SUPABASE_SECRET_KEYS: 'sb_secret_bare' } });
    expect((await call('/echo')).status).toBe(500);
    expect(world.lines.join()).toContain('SUPABASE_SECRET_KEYS');
    expect(world.lines.join()).not.toContain('sb_secret_bare');
  });
});

describe('signed nudges', () => {
  const nudge = route({
    method: 'POST',
    path: '/',
    auth: 'nudge',
    ...TOLD,
    handle: () => new Response(null, { status: 202 }),
  });

  /** The library that checks reads the machine's clock, so these are signed with it. */
  function signed(body: string, { secret = NUDGE_SECRET, at = new Date() } = {}): RequestInit {
    const id = 'msg_1';
    return {
      method: 'POST',
      body,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign(id, at, body),
      },
    };
  }

  test('our own signature is accepted, with an empty body too', async () => {
    const { call } = await serve([nudge]);
    expect((await call('', signed(''))).status).toBe(202);
    expect((await call('', signed('{}'))).status).toBe(202);
  });

  test.each([
    ['without a signature', { method: 'POST' }],
    ['signed with another secret', signed('{}', { secret: `whsec_${btoa('another secret of thirty-two char')}` })],
    ['signed ten minutes ago', signed('{}', { at: new Date(Date.now() - 600_000) })],
    ['signed for ten minutes from now', signed('{}', { at: new Date(Date.now() + 600_000) })],
    ['with another body', { ...signed('{}'), body: '{"more":1}' }],
    ['with a signature of another form', {
      method: 'POST',
      headers: { ...signed('').headers, 'webhook-signature': 'v1' },
    }],
  ])('a nudge %s is UNAUTHENTICATED', async (_case, init) => {
    const { call } = await serve([nudge]);
    const answer = await call('', init as RequestInit);
    expect(answer.status).toBe(401);
    expect((await answer.json()).error).toBe('UNAUTHENTICATED');
  });
});

describe('CORS', () => {
  test('only our page is allowed, with its cookies and whatever headers it asks for', async () => {
    const { call } = await serve([echo]);
    const preflight = (origin: string) =>
      call('/echo', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-headers': 'authorization, traceparent' },
      });
    const ours = await preflight(APP);
    expect(ours.status).toBe(204);
    expect(ours.headers.get('access-control-allow-origin')).toBe(APP);
    expect(ours.headers.get('access-control-allow-credentials')).toBe('true');
    expect(ours.headers.get('access-control-allow-headers')).toBe('authorization, traceparent');
    expect(ours.headers.get('access-control-allow-methods')).toContain('PATCH');
    const theirs = await preflight('https://evil.test');
    expect(theirs.status).toBe(204);
    expect(theirs.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('errors can be read by our page too, even those of a broken configuration', async () => {
    const { call } = await serve([echo], { environment: { SUPABASE_URL: undefined } });
    const answer = await call('/echo', { method: 'POST', headers: { origin: APP } });
    expect(answer.status).toBe(500);
    expect(answer.headers.get('access-control-allow-origin')).toBe(APP);
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
  });
});

describe('what a browser is told of an answer', () => {
  const text = route({
    method: 'GET',
    path: '/text',
    auth: 'none',
    ...TOLD,
    handle: () =>
      new Response('<script>', { headers: { 'content-type': 'text/plain', 'referrer-policy': 'unsafe-url' } }),
  });
  const away = route({
    method: 'GET',
    path: '/away',
    auth: 'none',
    ...TOLD,
    handle: () => new Response(null, { status: 303, headers: { location: APP } }),
  });

  test.each([
    ['good', '/echo', { method: 'POST', body: '{}' }, 200],
    ['text that repeats what was sent', '/text', {}, 200],
    ['a redirect', '/away', {}, 303],
    ['an error', '/echo', { method: 'POST', body: 'x' }, 400],
    ['an unknown address', '/nothing', {}, 404],
    ['a preflight', '/echo', { method: 'OPTIONS' }, 204],
  ])(
    '%s: it is what it says, loads nothing, is framed by nobody, and tells nobody its address',
    async (_name, path, init, status) => {
      const { call } = await serve([echo, text, away]);
      const answer = await call(path, init);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toBe(`default-src 'none'; frame-ancestors 'none'`);
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    },
  );
});

describe('text that Postgres cannot keep', () => {
  const keeping = route({
    method: 'POST',
    path: '/keep/:name',
    auth: 'none',
    ...TOLD,
    body: z.record(z.string(), z.unknown()),
    query: z.object({ q: z.string().optional() }),
    handle: ({ body, params }) => Response.json({ body, params }),
  });
  const keep = async (body: unknown, path = '/keep/a', query = '') => {
    const { call } = await serve([keeping]);
    const answer = await call(path + query, { method: 'POST', body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };

  test.each([
    ['a value', { a: 'x\0y' }, ['a']],
    ['a value far inside', { a: [1, { b: '\ud800' }] }, ['a', 1, 'b']],
    ['a name', { a: { 'x\0': 1 } }, ['a']],
  ])('in %s is INVALID_REQUEST, and says where', async (_name, body, path) => {
    const refused = { status: 400, body: { error: 'INVALID_REQUEST', details: { issues: [{ path }] } } };
    expect(await keep(body)).toMatchObject(refused);
  });

  test('in a query is INVALID_REQUEST, in an address unknown', async () => {
    expect(await keep({}, '/keep/a', '?q=%00')).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } });
    expect(await keep({}, '/keep/a%00')).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } });
  });

  test('is told from text that it can keep, however strange or deep', async () => {
    const body = { 'clé': 'Éloïse 🦷 \u0001\u200b' };
    expect((await keep(body)).body.body).toEqual(body);
    const { call } = await serve([keeping]);
    const nested = `{"deep":${'['.repeat(20_000)}"\\u0000"${']'.repeat(20_000)}}`;
    expect((await call('/keep/a', { method: 'POST', body: nested })).status).toBe(400);
  });
});

describe('the log', () => {
  test('each step is one line with its duration, and the organisation once it is known', async () => {
    const { call, world } = await serve([
      route({
        method: 'GET',
        path: '/work',
        auth: 'user',
        ...TOLD,
        handle(ctx) {
          ctx.step('load');
          world.clock.now += 40;
          ctx.note({ rows: 3, title: 'Consultation — Jean Dupont' });
          ctx.step('store');
          world.clock.now += 5;
          return Response.json({});
        },
      }),
    ]);
    await call('/work', { headers: { authorization: await world.authorization(CLAIRE) } });
    const entries = world.entries();
    expect(entries.map(({ step, durationMs }) => [step, durationMs])).toEqual([['load', 40], [
      'store',
      5,
    ]]);
    expect(entries[0]).toMatchObject({
      organisation: LUMIERE,
      function: 'demo',
      level: 'info',
      outcome: 'ok',
      rows: 3,
    });
    expect(entries[0]!.title).toBe('[withheld]');
    expect(new Set(entries.map(({ requestId }) => requestId)).size).toBe(1);
  });

  test('work that goes on after the answer and fails leaves a line', async () => {
    const { call, world } = await serve([
      route({
        method: 'POST',
        path: '/later',
        auth: 'none',
        ...TOLD,
        handle(ctx) {
          ctx.waitUntil(Promise.reject(new SyncError('PROVIDER_UNAVAILABLE', 'Drain: no answer')), 'drain');
          return new Response(null, { status: 202 });
        },
      }),
    ]);
    expect((await call('/later', { method: 'POST' })).status).toBe(202);
    await Promise.all(world.background);
    expect(world.entries()).toContainEqual(
      expect.objectContaining({ step: 'drain', outcome: 'error', code: 'PROVIDER_UNAVAILABLE' }),
    );
  });

  describe('while everything fails', () => {
    const failing = route({
      method: 'POST',
      path: '/many',
      auth: 'none',
      ...TOLD,
      body: z.strictObject({ code: z.string() }),
      handle({ body, log }) {
        for (let item = 0; item < 1000; item++) {
          log({ step: 'push_item', outcome: 'error', error: new SyncError(body.code as ErrorCode, 'Push: refused') });
        }
        return Response.json({});
      },
    });
    const fail = (call: Awaited<ReturnType<typeof serve>>['call'], code: ErrorCode) =>
      call('/many', { method: 'POST', body: JSON.stringify({ code }) });

    test('has at most 60 lines of an instance in ten seconds, 20 of a kind, so that another kind is told too', async () => {
      const { call, world } = await serve([failing]);
      const kinds = ['INVALID_EVENT', 'RATE_LIMITED', 'QUOTA_EXCEEDED', 'PROVIDER_UNAVAILABLE'] as const;
      for (const code of kinds) await fail(call, code);
      const failures = world.entries().filter(({ outcome }) => outcome === 'error');
      expect(kinds.map((code) => failures.filter((line) => line.code === code).length)).toEqual([20, 20, 20, 0]);
    });

    test('says afterwards how many were left out, and what went well is told all the while', async () => {
      const { call, world } = await serve([failing]);
      await fail(call, 'INVALID_EVENT');
      expect(world.entries().at(-1)).toMatchObject({ step: 'many', outcome: 'ok' });
      world.clock.now += 10_000;
      world.lines.length = 0;
      await fail(call, 'INVALID_EVENT');
      const failures = world.entries().filter(({ outcome }) => outcome === 'error');
      expect(failures.map(({ leftOut }) => leftOut)).toEqual([980, ...Array.from({ length: 19 })]);
    });

    test('is not silent because the clock was put back', async () => {
      const { call, world } = await serve([failing]);
      await fail(call, 'INVALID_EVENT');
      world.clock.now -= 3_600_000;
      world.lines.length = 0;
      await fail(call, 'INVALID_EVENT');
      expect(world.entries().filter(({ outcome }) => outcome === 'error')).toHaveLength(20);
    });
  });
});

describe('what follows from a request', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
  const asking: Route = route({
    method: 'GET',
    path: '/ask',
    auth: 'none',
    ...TOLD,
    handle: () => Response.json({}),
  });

  /** A function that asks another place, now and after its answer. */
  async function asks(traceparent: string | null) {
    const bare = await testWorld();
    const sent: Array<string | null> = [];
    const world = {
      ...bare,
      fetch: async (...call: Parameters<typeof fetch>) => {
        sent.push(new Request(...call).headers.get('traceparent'));
        return await Promise.resolve(new Response('{}'));
      },
    };
    const handler = edgeFunction({
      name: 'demo',
      routes: ({ fetch }) => [{
        ...asking,
        handle: async ({ waitUntil, log }: Parameters<Route['handle']>[0]) => {
          await fetch('https://provider.test/events', { headers: { accept: 'text/plain' } });
          const later = async () => {
            await Promise.resolve();
            await fetch(new Request('https://provider.test/later'));
            log({ step: 'later', outcome: 'ok' });
          };
          waitUntil(later(), 'later');
          return Response.json({});
        },
      }],
    }, world);
    const headers = traceparent === null ? {} : { traceparent };
    await handler(new Request(`${API}/demo/ask`, { headers }));
    await Promise.all(bare.background);
    return { sent, traces: new Set(bare.entries().map(({ traceId }) => traceId)) };
  }

  test('belongs to the trace of its caller, in logs and in what it asks elsewhere, also after the answer', async () => {
    const { sent, traces } = await asks(`00-${TRACE}-00f067aa0ba902b7-01`);
    expect([...traces]).toEqual([TRACE]);
    expect(sent).toHaveLength(2);
    expect(new Set(sent).size).toBe(1);
    expect(sent[0]).toMatch(new RegExp(`^00-${TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
  });

  test.each([
    ['is missing', null],
    ['is a sentence', 'Ada Lovelace'],
    ['is all zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['has more', `00-${TRACE}-00f067aa0ba902b7-01-x`],
  ])('is a trace of its own where the caller’s %s', async (_name, traceparent) => {
    const [first, second] = [await asks(traceparent), await asks(traceparent)];
    const [trace] = first.traces;
    expect(trace).toMatch(/^[0-9a-f]{32}$/);
    expect(trace).not.toBe(TRACE);
    expect(second.traces).not.toEqual(first.traces);
    expect(first.sent.every((header) => header?.split('-')[1] === trace)).toBe(true);
  });
});
