/** A practitioner's subscription address, as a calendar program meets it: the real function, over HTTP. */
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { findEverywhere } from '../database/every_copy.ts';
import { tellFailures } from '../tell_failures.ts';
import { day } from './moments.ts';

let stack: Stack;
tellFailures(() => stack && { stack });
let sql: postgres.Sql;
let claire: SupabaseClient;
let marc: SupabaseClient;
/** Claire's practice and herself in it. */
let practice: string;
let member: string;
let patient: string;

async function signedIn(email: string): Promise<SupabaseClient> {
  const client = createClient(stack.apiUrl, stack.publishableKey, { auth: { persistSession: false } });
  const user = stack.users.find((one) => one.email === email)!;
  const { error } = await client.auth.signInWithPassword({ email, password: user.password });
  if (error) throw error;
  return client;
}

beforeAll(async () => {
  stack = await startStack({ portBase: freePortBase(), web: false, quiet: true, scheduled: false });
  sql = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
  claire = await signedIn('claire@cabinet-lumiere.test');
  marc = await signedIn('marc@cabinet-rivoli.test');
  const { data } = await claire.auth.getUser();
  const [row] = await sql`select id, organisation_id from public.organisation_members
    where user_id = ${data.user!.id} and role = 'admin' order by created_at, id limit 1`;
  ({ id: member, organisation_id: practice } = row as never);
});
afterAll(async () => {
  await sql?.end();
  await stack?.stop();
});

beforeEach(async () => {
  await sql`delete from public.rdv`;
  await sql`delete from public.calendar_feeds`;
  const [found] = await sql`insert into public.patients (organisation_id, first_name, last_name)
    values (${practice}, 'Ada', 'Quetzalcoatline') returning id`;
  patient = found!.id;
});

const book = async (fields: Record<string, unknown> = {}) => {
  const [row] = await sql`insert into public.rdv ${
    sql({
      organisation_id: practice,
      practitioner_id: member,
      patient_id: patient,
      type: 'Contrôle',
      act: 'Couronne',
      notes: 'Anxieuse',
      location: 'Salle 2',
      starts_at: day(2, 9),
      ends_at: day(2, 10),
      ...fields,
    })
  } returning id`;
  return row!.id as string;
};
async function made(detail = 'full', client = claire, organisation = practice): Promise<string> {
  const { data, error } = await client.rpc('make_feed', { p_organisation: organisation, p_event_detail: detail });
  if (error) throw error;
  return data;
}
const read = async (file: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${stack.apiUrl}/functions/v1/calendar-feed/${file}`, { headers });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

/** The lines of RFC 5545 with their folds undone, each held to the form `NAME[;PARAMETER]:VALUE`. */
function linesOf(text: string): string[] {
  const physical = text.split('\r\n');
  for (const line of physical) {
    expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    // deno-lint-ignore no-control-regex
    expect(line).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f]/);
  }
  const lines = text.replaceAll('\r\n ', '').split('\r\n').filter((line) => line !== '');
  for (const line of lines) expect(line).toMatch(/^[A-Z-]+(;[A-Z-]+=[^:;]+)*:/);
  return lines;
}
const value = (text: string, name: string) =>
  linesOf(text).find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1);

describe('a subscription address', () => {
  test('shows its practitioner’s appointments to whoever has it, and to no cache', async () => {
    const id = await book();
    const answer = await read(`${await made()}.ics`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain(`default-src 'none'`);
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const lines = linesOf(answer.text);
    expect(lines[0]).toBe('BEGIN:VCALENDAR');
    expect(lines).toContain('VERSION:2.0');
    expect(lines).toContain('CLASS:PRIVATE');
    expect(lines.at(-1)).toBe('END:VCALENDAR');
    expect(lines.filter((line) => line === 'BEGIN:VEVENT')).toHaveLength(1);
    expect(value(answer.text, 'UID')).toBe(`${id}@cassius`);
    expect(value(answer.text, 'SUMMARY')).toBe('[Cassius] Contrôle — Ada Quetzalcoatline');
    expect(value(answer.text, 'DTSTART')).toBe(day(2, 9).replace(/[-:]|\.000/g, ''));
    expect(value(answer.text, 'DTEND')).toBe(day(2, 10).replace(/[-:]|\.000/g, ''));
  });

  test.each(
    [
      ['full', ['Quetzalcoatline', 'Couronne', 'Anxieuse', 'Salle 2'], []],
      ['initials', ['A. Q.', 'Salle 2'], ['Quetzalcoatline', 'Couronne', 'Anxieuse']],
      ['busy', ['SUMMARY:Occupé'], ['Quetzalcoatline', 'A. Q.', 'Couronne', 'Anxieuse', 'Salle 2', 'Contrôle']],
    ] as const,
  )('at the level %s says as much as a connected calendar would', async (detail, said, unsaid) => {
    await book();
    const secret = await made(detail);
    const text = linesOf((await read(`${secret}.ics`)).text).join('\n');
    for (const words of said) expect(text).toContain(words);
    for (const words of unsaid) expect(text).not.toContain(words);
    expect((await read(`${secret}.ics`)).text).toContain('BEGIN:VEVENT');
  });

  test('shows nobody else’s, nothing cancelled, nothing without a time, and no more than its window', async () => {
    const shown = await book();
    await book({ practitioner_id: null });
    await book({ status: 'cancelled' });
    await book({ starts_at: null, ends_at: null });
    await book({ ends_at: day(2, 8) });
    await book({ starts_at: day(-20, 9), ends_at: day(-20, 10) });
    await book({ starts_at: day(200, 9), ends_at: day(200, 10) });
    const { text } = await read(`${await made()}.ics`);
    expect([...text.matchAll(/^UID:(.*)\r$/gm)].map(([, uid]) => uid)).toEqual([`${shown}@cassius`]);
  });

  test('is answered without a body to a program that has this version, and whole once anything changed', async () => {
    const id = await book();
    const file = `${await made()}.ics`;
    const first = await read(file);
    const etag = first.headers.get('etag')!;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      expect(await read(file, { 'if-none-match': known })).toMatchObject({ status: 304, text: '' });
    }
    expect((await read(file, { 'if-none-match': '"other"' })).status).toBe(200);
    await sql`update public.rdv set location = 'Salle 3' where id = ${id}`;
    const second = await read(file, { 'if-none-match': etag });
    expect(second.status).toBe(200);
    expect(value(second.text, 'LOCATION')).toBe('Salle 3');
    await sql`update public.patients set last_name = 'Bathybius' where id = ${patient}`;
    const third = await read(file, { 'if-none-match': second.headers.get('etag')! });
    expect(value(third.text, 'SUMMARY')).toContain('Bathybius');
    expect(value(third.text, 'LAST-MODIFIED')! >= value(second.text, 'LAST-MODIFIED')!).toBe(true);
  });

  test('what people typed makes no line of its own', async () => {
    await book({
      type: 'A\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:B; C, D\\ "E" \u0007\u0085\u2028 é'.repeat(2),
      location: '\u202eX\nATTACH:http://x.test',
      notes: '\nURL:http://x.test\r\n\r\nx'.repeat(50),
    });
    const lines = linesOf((await read(`${await made()}.ics`)).text);
    expect(lines.filter((line) => line === 'BEGIN:VEVENT')).toHaveLength(1);
    expect(lines.filter((line) => /^(ATTACH|URL)/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('SUMMARY'))).toHaveLength(1);
  });
});

describe('an address that is none', () => {
  const constant = ({ status, headers, text }: Awaited<ReturnType<typeof read>>) => {
    const { requestId: _, ...body } = JSON.parse(text);
    const kept = [...headers].filter(([name]) => !['x-request-id', 'date', 'content-length'].includes(name));
    return { status, body, headers: kept.toSorted() };
  };

  test('is refused in the same words, whether it ended, was replaced, never was or could not be', async () => {
    await book();
    const before = await made();
    const now = await made();
    expect(now).not.toBe(before);
    const replaced = constant(await read(`${before}.ics`));
    expect(replaced).toMatchObject({ status: 404, body: { error: 'NOT_FOUND', details: null } });
    expect((await read(`${now}.ics`)).status).toBe(200);
    expect((await claire.from('calendar_feeds').delete().eq('member_id', member)).error).toBeNull();
    for (
      const file of [`${now}.ics`, `${'0'.repeat(64)}.ics`, 'x.ics', now, `${now.toUpperCase()}.ics`]
    ) {
      expect(constant(await read(file))).toEqual(replaced);
    }
    expect((await read('%00.ics')).status).toBe(404);
  });
});

describe('the secret of an address', () => {
  test('is in no table and no log, and of who reads it nothing is kept', async () => {
    await book();
    const secret = await made();
    await read(`${secret}.ics`);
    await read(`${secret}x.ics`);
    expect(await findEverywhere(sql, secret)).toEqual([]);
    const logs = stack.functionLogs();
    expect(logs).not.toContain(secret);
    const [hashed] = await sql`select secret_hash from public.calendar_feeds`;
    expect(logs).not.toContain(hashed!.secret_hash);
    expect(logs).not.toContain(practice);
  });

  test('is made for members of the practice alone', async () => {
    await expect(made('full', marc)).rejects.toMatchObject({ code: '42501' });
    await expect(made('everything')).rejects.toMatchObject({ code: '23514' });
  });
});
