import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RequestWorker, startRequestWorker } from '../../local/request_worker.ts';
import { type BareDatabase, bareDatabase, until } from './bare_database.ts';

interface Arrival {
  method: string;
  path: string;
  headers: Headers;
  body: string;
}

describe('pg_net stand-in', () => {
  let database: BareDatabase;
  let worker: RequestWorker;
  let server: Deno.HttpServer<Deno.NetAddr>;
  let target: string;
  let arrivals: Arrival[] = [];
  const held = new Set<() => void>();

  beforeAll(async () => {
    database = await bareDatabase();
    await database.sql`create extension pg_net with schema extensions`;
    worker = await startRequestWorker(database.adminUrl);
    server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: () => {} }, async (request) => {
      const { pathname, search } = new URL(request.url);
      arrivals.push({
        method: request.method,
        path: pathname + search,
        headers: request.headers,
        body: await request.text(),
      });
      if (pathname === '/never') await new Promise<void>((resolve) => held.add(resolve));
      return pathname === '/broken' ? new Response('no', { status: 500 }) : Response.json({ ok: true });
    });
    target = `http://127.0.0.1:${server.addr.port}`;
  });
  afterAll(async () => {
    for (const release of held) release();
    await worker.stop();
    await server.shutdown();
    await database.stop();
  });
  beforeEach(() => {
    arrivals = [];
  });

  const answerTo = (id: string) =>
    until(async () => (await database.sql`select * from net._http_response where id = ${id}`)[0], `answer ${id}`);

  const queued = async (): Promise<number> =>
    (await database.sql`select count(*)::int as n from net.http_request_queue`)[0]!.n;

  test('a request leaves when its transaction commits, with its body and headers', async () => {
    const [row] = await database.sql`
      select net.http_post(${
      target + '/nudge'
    }, '{"a": 1}', '{"q": "é&"}', '{"X-Id": "7", "Content-Type": "application/json"}') as id`;
    const answer = await answerTo(row!.id);
    expect(answer).toMatchObject({
      status_code: 200,
      content_type: 'application/json',
      timed_out: false,
      error_msg: null,
    });
    expect(arrivals).toHaveLength(1);
    expect(arrivals[0]).toMatchObject({ method: 'POST', path: '/nudge?q=%C3%A9%26', body: '{"a": 1}' });
    expect(arrivals[0]!.headers.get('x-id')).toBe('7');
  });

  test('a rolled back transaction sends nothing', async () => {
    await database.sql.begin(async (transaction) => {
      await transaction`select net.http_post(${target + '/undone'})`;
      throw new Error('undo');
    }).catch(() => {});
    const [row] = await database.sql`select net.http_get(${target + '/done'}) as id`;
    await answerTo(row!.id);
    expect(arrivals.map((arrival) => arrival.path)).toEqual(['/done']);
  });

  test('a row put in the queue by hand waits for the next wake', async () => {
    await database.sql`insert into net.http_request_queue (method, url, headers, timeout_milliseconds) values ('GET', ${
      target + '/hand'
    }, '{}', 5000)`;
    expect(await queued()).toBe(1);
    await database.sql`select net.wake()`;
    await until(() => arrivals.length === 1, 'the queued request');
    // It leaves the queue with its answer.
    await until(async () => (await queued()) === 0, 'the queue to be empty');
  });

  test('a POST with a charset in its content type raises, and sends nothing', async () => {
    const post = database.sql`
      select net.http_post(${target + '/charset'}, headers => '{"content-type": "application/json; charset=utf-8"}')`;
    await expect(post).rejects.toThrow('Content-Type header must be "application/json"');
    expect(await queued()).toBe(0);
  });

  test('a refused request is recorded and never repeated', async () => {
    const [row] = await database.sql`select net.http_post(${target + '/broken'}) as id`;
    expect(await answerTo(row!.id)).toMatchObject({ status_code: 500, content: 'no' });
    const [next] = await database.sql`select net.http_get(${target + '/next'}) as id`;
    await answerTo(next!.id);
    expect(arrivals.map((arrival) => arrival.path)).toEqual(['/broken', '/next']);
  });

  test('a slow answer is given up at its own timeout', async () => {
    const [row] = await database.sql`select net.http_get(${target + '/never'}, timeout_milliseconds => 60) as id`;
    expect(await answerTo(row!.id)).toMatchObject({ status_code: null, timed_out: true });
  });

  test('an address where nobody listens leaves an error to read', async () => {
    const [row] = await database.sql`select net.http_get('http://127.0.0.1:1/') as id`;
    const answer = await answerTo(row!.id);
    expect(answer.status_code).toBeNull();
    expect(answer.error_msg).not.toBe('');
  });

  test('what is no address raises, and queues nothing', async () => {
    await expect(database.sql`select net.http_post('not a url')`).rejects.toThrow('Malformed input');
    await expect(database.sql`select net.http_get('/relative')`).rejects.toThrow('Malformed input');
    expect([...await database.sql`select id from net.http_request_queue`]).toEqual([]);
  });

  test('hundreds of requests of one statement all arrive, in batches', async () => {
    await database.sql`select net.http_get(${target + '/many'}) from generate_series(1, 450)`;
    await until(
      async () => (await database.sql`select count(*)::int as n from net.http_request_queue`)[0]!.n === 0,
      'an empty queue',
    );
    await until(() => arrivals.length === 450, 'all requests');
  });
});

describe('pg_net stand-in, between its batches', () => {
  let database: BareDatabase;
  let worker: RequestWorker;
  let server: Deno.HttpServer<Deno.NetAddr>;
  let target: string;
  const arrivals: string[] = [];
  /** Ends the second that the worker is sleeping. */
  let secondIsOver = () => {};
  let hung = () => {};

  beforeAll(async () => {
    database = await bareDatabase();
    await database.sql`create extension pg_net with schema extensions`;
    worker = await startRequestWorker(database.adminUrl, {
      second: () => new Promise((resolve) => secondIsOver = resolve),
    });
    server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: () => {} }, async (request) => {
      const { pathname } = new URL(request.url);
      arrivals.push(pathname);
      if (pathname === '/hangs') await new Promise<void>((resolve) => hung = resolve);
      return Response.json({});
    });
    target = `http://127.0.0.1:${server.addr.port}`;
  });
  afterAll(async () => {
    hung();
    secondIsOver();
    await worker.stop();
    await server.shutdown();
    await database.stop();
  });

  const ask = (path: string) => database.sql`select net.http_get(${target + path})`;
  const queued = async (path: string) =>
    Number((await database.sql`select count(*) as n from net.http_request_queue where url = ${target + path}`)[0]!.n);
  /** Lets the worker's seconds pass until `path` has arrived. */
  const inTime = (path: string) =>
    until(() => {
      secondIsOver();
      return arrivals.includes(path);
    }, path);

  test('the worker sleeps a second after each batch, which no stream of requests cuts short', async () => {
    await ask('/first');
    await inTime('/first');
    for (let n = 1; n <= 100; n++) await ask(`/${n}`);
    await inTime('/100');
    await until(
      async () => (await database.sql`select count(*)::int as n from net._http_response`)[0]!.n === 101,
      'all answers',
    );
    // One transaction a batch: the first, the rest, and at most two that came when the worker was about to rest.
    const [row] = await database.sql`select count(distinct created)::int as batches from net._http_response`;
    expect(row!.batches).toBeLessThanOrEqual(4);
  });

  test('B11: a request that hangs holds up whatever comes after its batch', async () => {
    await ask('/hangs');
    await inTime('/hangs');
    for (let n = 1; n <= 10; n++) {
      await ask('/after');
      secondIsOver();
    }
    expect(await queued('/after')).toBe(10);
    hung();
    await inTime('/after');
  });
});
