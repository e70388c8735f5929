/**
 * Between an upgrade's database and its functions the version before runs on the new database (docs/upgrades.md): its
 * functions, out of its tag, on this tree's migrations. While no version was made, this tree's own take their place, which
 * proves no more than that a version can be run so; its contract has a test of its own (released_contract.test.ts).
 */
import { createClient } from '@supabase/supabase-js';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { asPerson, type Emulator, emulatorOf, type Json } from '../functions/emulator.ts';
import { comeBack } from '../functions/person.ts';
import { REQUEST_PAUSE_MS, WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';

const ROOT = join(import.meta.dirname!, '..', '..');
const ACCOUNT = 'claire@gmail.test';

async function run(program: string, ...args: string[]): Promise<string | null> {
  const { success, stdout } = await new Deno.Command(program, { args, cwd: ROOT, stderr: 'null' }).output();
  return success ? new TextDecoder().decode(stdout).trim() : null;
}

const tag = await run('git', 'describe', '--tags', '--match', 'v[0-9]*', '--abbrev=0', 'HEAD^');

/** The functions of the tag, in a folder of their own, with the packages that they ask for. */
async function functionsIn(folder: string): Promise<string> {
  const files = ['supabase/functions', 'package.json', 'package-lock.json'];
  const archive = join(folder, 'tree.tar');
  const packed = tag === null
    ? await run('tar', '-cf', archive, ...files)
    : await run('git', 'archive', '--output', archive, tag, ...files);
  if (packed === null || await run('tar', '-xf', archive, '-C', folder) === null) {
    throw new Error(`The files of ${tag ?? 'this tree'} cannot be packed`);
  }
  const wanted = async (root: string) =>
    JSON.stringify(JSON.parse(await Deno.readTextFile(join(root, 'package.json'))).dependencies);
  if (await wanted(folder) === await wanted(ROOT)) {
    await Deno.symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  } else {
    await run('npm', 'ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--prefix', folder);
  }
  return join(folder, 'supabase', 'functions');
}

let folder: string;
let stack: Stack;
let emulator: Emulator;
let token: string;
beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: 'cassius-before-' });
  const functions = await functionsIn(folder);
  const options = { web: false, quiet: true, requestPauseMs: REQUEST_PAUSE_MS, scheduled: false };
  stack = await startStack({ portBase: freePortBase(), functions, ...options });
  emulator = emulatorOf(stack, 'google');
});
tellFailures(() => stack && { stack });
afterAll(async () => {
  await stack?.stop();
  await Deno.remove(folder, { recursive: true });
});

/** Of the version before: its answers need not be what is described today. */
async function call(path: string, method: string, body?: unknown): Promise<Json> {
  const answer = await fetch(`${stack.apiUrl}/functions/v1/google-${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, apikey: stack.publishableKey, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const read = await answer.json();
  expect(answer.status, `${method} ${path}: ${JSON.stringify(read)}`).toBe(200);
  return read;
}

const EVENTS = '/calendar/v3/calendars/primary/events';

test(`functions of ${tag ?? 'this tree'}: a calendar is connected, written, read, and left`, async () => {
  const { email, password } = stack.users.find((user) => user.email.startsWith('claire@'))!;
  const db = createClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const signedIn = await db.auth.signInWithPassword({ email, password });
  token = signedIn.data.session!.access_token;
  const begun = await call('connect/connect', 'POST', {});
  const consent = await fetch(`${begun.url}&__approve=${ACCOUNT}`, { redirect: 'manual' });
  await consent.body?.cancel();
  const back = await comeBack(new URL(consent.headers.get('location')!));
  expect(back.result).toMatchObject({ result: 'connected' });
  const { calendars } = await call('connect/calendars', 'GET');
  const own = calendars.find(({ primary }: Json) => primary).id;
  await call('connect/settings', 'PATCH', {
    calendar_target_id: own,
    calendar_source_id: own,
    event_detail: 'full',
    two_way: 'auto',
    export_enabled: true,
  });

  const { data: member } = await db.from('organisation_members').select('id, organisation_id')
    .eq('user_id', signedIn.data.user!.id).single();
  const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const { data: patient } = await db.from('patients')
    .insert({ organisation_id: member!.organisation_id, first_name: 'Ada', last_name: 'Lovelace' }).select('id')
    .single();
  const { data: booked, error } = await db.from('rdv').insert({
    organisation_id: member!.organisation_id,
    practitioner_id: member!.id,
    patient_id: patient!.id,
    type: 'Contrôle',
    starts_at: `${day}T09:00:00Z`,
    ends_at: `${day}T09:30:00Z`,
  }).select('id').single();
  expect(error).toBeNull();
  const links = async () =>
    (await db.from('appointment_external_links').select('external_event_id')
      .eq('rdv_id', booked!.id).eq('sync_status', 'synced')).data!;
  await expect.poll(links, WAIT).toHaveLength(1);
  const [{ external_event_id: id }] = await links() as [{ external_event_id: string }];
  const event = () => asPerson(emulator, ACCOUNT, 'GET', `${EVENTS}/${id}`);
  expect(await event()).toMatchObject({ status: 'confirmed' });
  await asPerson(emulator, ACCOUNT, 'PATCH', `${EVENTS}/${id}`, {
    body: { start: { dateTime: `${day}T10:00:00Z` }, end: { dateTime: `${day}T10:30:00Z` } },
  });
  const until = new Date(Date.now() + 7 * 86_400_000).toISOString();
  const request = { calendarId: own, timeMin: `${day}T00:00:00Z`, timeMax: until, mode: 'import' };
  expect(await call('import/import', 'POST', request)).toMatchObject({ remaining: false });
  const { data: moved } = await db.from('rdv').select('starts_at').eq('id', booked!.id).single();
  expect(Date.parse(moved!.starts_at)).toBe(Date.parse(`${day}T10:00:00Z`));

  expect(await call('sync/sync-now', 'POST', {})).toMatchObject({ remaining: 0 });
  await call('connect/disconnect', 'POST', { removeEvents: true });
  await expect.poll(event, WAIT).toMatchObject({ status: 'cancelled' });
});
