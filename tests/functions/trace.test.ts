/** One id from a person's click through the functions that it wakes to what they ask of the provider. */
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';
import { Person } from './person.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

let stack: Stack;
let claire: Person;
/** Between the functions and Google: what they asked for, and in which trace. */
let between: Deno.HttpServer<Deno.NetAddr>;
const asked: Array<{ path: string; trace: string | undefined }> = [];

beforeAll(async () => {
  stack = await startStack({ portBase: freePortBase(), web: false, quiet: true, scheduled: false });
  between = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push({ path: pathname, trace: request.headers.get('traceparent')?.split('-')[1] });
    const { method, headers } = request;
    const body = method === 'GET' ? null : await request.text();
    return await fetch(stack.google.url + pathname + search, { method, headers, body });
  });
  const url = `http://127.0.0.1:${between.addr.port}`;
  await stack.stopFunctions();
  await stack.startFunctions({
    GOOGLE_CALENDAR_URL: `${url}/calendar/v3`,
    GOOGLE_BATCH_URL: `${url}/batch/calendar/v3`,
  });
  // The database wakes nothing: what is woken, a function has woken.
  const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  await sql`select private.configure('http://127.0.0.1:1/functions/v1')`;
  await sql.end();
  claire = await Person.signIn(stack, 'claire@cabinet-lumiere.test');
});
tellFailures(() => stack && { stack });
afterAll(async () => {
  await stack?.stop();
  await between?.shutdown();
});

/** Functions with a log line of the trace. */
function functionsOf(trace: string): string[] {
  const lines = stack.functionLogs().split('\n').flatMap((line) => {
    const at = line.indexOf('{');
    return at < 0 || !line.includes(`"traceId":"${trace}"`) ? [] : [JSON.parse(line.slice(at))];
  });
  return [...new Set(lines.map((line) => line.function))].sort();
}

test('a click is followed to the function that it wakes, and to the provider', async () => {
  await claire.grant('claire@gmail.test');
  await claire.start({ traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
  await expect.poll(() => asked.filter(({ path, trace }) => path.startsWith('/batch/') && trace === TRACE), WAIT)
    .not.toEqual([]);
  await expect.poll(() => functionsOf(TRACE), WAIT).toEqual(['google-connect', 'google-sync']);
  expect(asked.filter(({ path }) => path.endsWith('/calendarList')).map(({ trace }) => trace)).toContain(TRACE);
  expect(asked.filter(({ trace }) => trace === undefined)).toEqual([]);
});
