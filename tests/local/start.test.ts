/** `npm start` as a person runs it: a process in a terminal, ended with Ctrl-C, and started again. */
import { join } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eachLine } from '../../local/child_output.ts';
import { asksForAPerson } from '../../local/function_log.ts';
import { freePortBase } from '../../local/ports.ts';
import { adoptedProject } from '../database/adopted/adopted.ts';

const ROOT = join(import.meta.dirname!, '..', '..');
const START = join(ROOT, 'local', 'start.ts');

let stateDir: string;
const running = new Set<Deno.ChildProcess>();

beforeAll(async () => {
  stateDir = await Deno.makeTempDir({ prefix: 'cassius-test-' });
});
afterAll(async () => {
  await Promise.all([...running].map((child) => {
    child.kill('SIGINT');
    return child.status;
  }));
  await Deno.remove(stateDir, { recursive: true });
});

function spawn(...options: string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', START, ...options],
    stdout: 'piped',
    stderr: 'piped',
  }).spawn();
  running.add(child);
  void child.status.then(() => running.delete(child));
  return child;
}

/** Runs to its end; what it said. */
async function ran(...options: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await spawn(...options).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

const started = (...options: string[]) => startedIn(stateDir, ...options);

/** Waits until it is ready. `leave` is a person's Ctrl-C. */
async function startedIn(stateDir: string, ...options: string[]) {
  const child = spawn('--no-web', '--state-dir', stateDir, '--port-base', String(freePortBase()), ...options);
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  const take = (line: string) => {
    lines.push(line);
    if (line.includes('Ready.')) ready.resolve();
  };
  const ended = Promise.all([eachLine(child.stdout, take), eachLine(child.stderr, take), child.status]);
  void ended.then(() => ready.reject(new Error(`It ended: ${lines.join('\n')}`)));
  await ready.promise;
  const stack = JSON.parse(await Deno.readTextFile(join(stateDir, 'stack.json')));
  const emulator = async (route: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return await (await fetch(`${stack.google.url}/__emulator/${route}`, init)).json();
  };
  return {
    lines,
    stack,
    emulator,
    titles: async () => (await emulator('state?only=events')).events.map(({ summary }: { summary: string }) => summary),
    async leave() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

async function signIn(stack: { apiUrl: string; publishableKey: string }, email: string) {
  const options = { auth: { persistSession: false, autoRefreshToken: false } };
  const client = createClient(stack.apiUrl, stack.publishableKey, options);
  const { error } = await client.auth.signInWithPassword({ email, password: 'demo-password' });
  if (error) throw error;
  return client;
}

test('--help lists the options and starts nothing', async () => {
  const { code, said } = await ran('--help');
  expect(code).toBe(0);
  for (const option of ['fresh', 'verbose', 'no-web', 'port-base', 'db-url', 'supabase']) {
    expect(said).toContain(`--${option} `);
  }
  expect(said).not.toContain('Cassius Calendar starts');
});

test.each(['deploy', 'doctor', 'uninstall'])(
  'npm run %s -- --help tells its options and does nothing',
  async (name) => {
    const script = join(ROOT, 'scripts', `${name}.ts`);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args: ['run', '-A', script, '--help'] })
      .output();
    const said = new TextDecoder().decode(stdout);
    expect(code).toBe(0);
    expect(said).toMatch(new RegExp(`^.npm run ${name}`));
    for (const option of Deno.readTextFileSync(script).matchAll(/^ +'?([\w-]+)'?: \{ type: /gm)) {
      expect(said).toContain(`--${option[1]}`);
    }
  },
);

test('an option that there is not is named, and nothing starts', async () => {
  const { code, said } = await ran('--frehs');
  expect([code, said.includes('--frehs'), said.includes('Cassius Calendar starts')]).toEqual([1, true, false]);
});

test.each([
  ['{"level":"info","step":"claim_jobs","outcome":"ok"}', false],
  ['{"level":"error","step":"claim_jobs","outcome":"error"}', true],
  ['process ended (SIGKILL), starting it again', true],
])('of the functions’ lines the terminal keeps what asks for a person: %s', (line, expected) => {
  expect(asksForAPerson(line)).toBe(expected);
});

test('with --supabase it is an app that adopted the sync: its migrations, its seed, none of our logins', async () => {
  const directory = await adoptedProject();
  const own = await Deno.makeTempDir({ prefix: 'cassius-test-' });
  try {
    const app = await startedIn(own, '--supabase', directory);
    expect(app.lines.join('\n')).not.toContain('demo-password');
    await app.leave();
    const { code, said } = await ran('--supabase', own);
    expect([code, said]).toEqual([1, `Cannot use --supabase ${own}: it has no folder "migrations"\n`]);
  } finally {
    await Deno.remove(directory, { recursive: true });
    await Deno.remove(own, { recursive: true });
  }
});

describe('started, left and started again', () => {
  test('it says what it does, its logs are in a file, and emulated calendars are there again until --fresh', async () => {
    const first = await started();
    expect(first.lines[0]).toMatch(/^Cassius Calendar starts: usually/);
    for (const step of ['Database', 'Emulators', 'Functions']) {
      expect(first.lines.findIndex((line) => line.includes(` s  ${step}`)), step).toBeGreaterThan(0);
    }
    const nadia = await signIn(first.stack, 'nadia@cabinet-tilleuls.test');
    const { data: members } = await nadia.from('organisation_members').select('role, user_id');
    expect(members?.filter(({ role }) => role !== 'secretary')).toHaveLength(8);
    expect(members?.filter(({ role, user_id }) => role === 'secretary' && user_id !== null)).toHaveLength(1);
    const event = { summary: 'Visite', start: { date: '2026-12-01' }, end: { date: '2026-12-02' } };
    await first.emulator('events', { calendarId: 'claire@gmail.test', event });
    expect((await nadia.functions.invoke('google-connect/status', { method: 'GET' })).error).toBeNull();
    await first.leave();
    expect(first.lines.at(-1)).toMatch(/^Stopping/);
    expect(await Deno.readTextFile(join(stateDir, 'functions.log'))).toContain('[google-connect] {');
    expect(first.lines.filter((line) => line.includes('"level":"info"'))).toEqual([]);
    expect((await Deno.stat(join(stateDir, 'functions.log'))).mode! & 0o777).toBe(0o600);

    const second = await started('--verbose');
    expect(await second.titles()).toEqual(['Visite']);
    await signIn(second.stack, 'alice@cabinet-tilleuls.test');
    await second.leave();

    const fresh = await started('--fresh');
    expect(fresh.lines[1]).toMatch(/^Fresh: .*emulated calendars.* forgotten/);
    expect(await fresh.titles()).toEqual([]);
    await fresh.leave();
  });
});
