/** The product with what the calendar's tests need of it: its database, and a calendar account that nothing is ever sent to. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { BrowserContextOptions, Page, Response as PageResponse } from 'playwright-core';
import postgres from 'postgres';
import type { Stack } from '../../local/stack.ts';
import type { LaunchedBrowser } from './chromium.ts';
import { CLAIRE as CLAIRES_EMAIL, Product } from './product.ts';

const SCREENSHOTS = join(import.meta.dirname!, 'screenshots');

/** Of `supabase/seed.sql`. */
export const PRACTICE = '10000000-0000-4000-8000-000000000001';
export const CLAIRE = 'c1a13e00-0000-4000-8000-000000000001';
export const CLAIRE_MEMBER = '10000000-0000-4000-8000-00000000000a';
export const INTEGRATION = '1a000000-0000-4000-8000-000000000001';

export interface World {
  readonly stack: Stack;
  readonly chromium: LaunchedBrowser;
  readonly url: string;
  readonly sql: postgres.Sql;
  /** A signed-in page of its own, on the given path; Claire's unless another person is named. */
  signedIn(path: string, options?: BrowserContextOptions & { email?: string }): Promise<Page>;
  /** What any of the pages should not have done. */
  complaints(): string[];
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  await mkdir(SCREENSHOTS, { recursive: true });
  const product = await Product.start();
  const sql = postgres(product.stack.dbUrl, { max: 1, onnotice: () => {} });
  const complaints: Array<readonly string[]> = [];
  return {
    stack: product.stack,
    chromium: product.chromium,
    url: product.url,
    sql,
    complaints: () => complaints.flat(),
    async signedIn(path, { email = CLAIRES_EMAIL, ...options } = {}) {
      const visitor = await product.visit(email, options);
      complaints.push(visitor.complaints);
      await visitor.page.goto(`${product.url}${path}`);
      return visitor.page;
    },
    async stop() {
      await sql.end();
      await product.stop();
    },
  };
}

/** Bytes of script, gzip, that the page fetches while something is done with it. */
export async function scriptWeight(page: Page, act: () => Promise<void>): Promise<number> {
  const scripts = new Map<string, Promise<Uint8Array>>();
  const listen = (response: PageResponse) => {
    if (new URL(response.url()).pathname.endsWith('.js')) scripts.set(response.url(), response.body());
  };
  page.on('response', listen);
  await act();
  page.off('response', listen);
  let bytes = 0;
  for (const script of scripts.values()) {
    const zipped = new Blob([await script as Uint8Array<ArrayBuffer>]).stream().pipeThrough(
      new CompressionStream('gzip'),
    );
    bytes += (await new Response(zipped).arrayBuffer()).byteLength;
  }
  return bytes;
}

/** The practitioners of Cabinet Lumière, as the calendar orders them: two of the seed, and six more. */
export const EIGHT = [
  'Dr Anne-Sophie Vandenbroucke-Lemoine',
  'Dr Bertrand Caron',
  'Dr Claire Moreau',
  'Dr Émile Zadkine',
  'Dr Hugo Perrin',
  'Dr Inès Haddad',
  'Dr Marie-Antoinette de La Rochefoucauld-Montbel',
  'Dr Paul Ngo',
] as const;
/** A day of theirs with 200 appointments: from eight in the morning, every twenty minutes, each of them. */
export const FULL_DAY = '2027-05-11';

/** Makes the practice one of eight, and fills that day. Answers with the ids of the members, in their order. */
export async function practiceOfEight(sql: postgres.Sql): Promise<readonly string[]> {
  await sql`insert into public.organisation_members (organisation_id, role, display_name)
    select ${PRACTICE}, 'practitioner', n.name from unnest(${[...EIGHT]}::text[]) as n (name)
    where not exists (
      select from public.organisation_members m where m.organisation_id = ${PRACTICE} and m.display_name = n.name
    )`;
  const members = await sql<Array<{ id: string }>>`
    select m.id from unnest(${[...EIGHT]}::text[]) with ordinality as n (name, place)
    join public.organisation_members m on m.organisation_id = ${PRACTICE} and m.display_name = n.name
    order by n.place`;
  const ids = members.map(({ id }) => id);
  await sql`insert into public.rdv (organisation_id, practitioner_id, patient_id, type, starts_at, ends_at)
    select ${PRACTICE}, w.member, p.ids[1 + (n * 7 + w.place) % cardinality(p.ids)], 'Consultation',
      t.starts_at, t.starts_at + interval '20 minutes'
    from unnest(${ids}::uuid[]) with ordinality as w (member, place), generate_series(0, 24) n,
      (select array_agg(id order by last_name, id) as ids from public.patients where organisation_id = ${PRACTICE}) p,
      lateral (
        select (${FULL_DAY}::date + time '08:00') at time zone 'Europe/Paris' + n * interval '20 minutes' as starts_at
      ) t`;
  return ids;
}

/** What axe finds wrong with what is on screen: one line for each rule and element. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger: the page's own policy would refuse a script element.
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    // deno-lint-ignore no-explicit-any
    const { violations } = await (globalThis as any).axe.run(document, { resultTypes: ['violations'] });
    // deno-lint-ignore no-explicit-any
    return violations.flatMap(({ id, nodes }: any) => nodes.map(({ html }: any) => `${id}: ${html.slice(0, 160)}`));
  });
}

export async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/** A calendar account of Claire's, as connecting one would leave it; nothing is ever sent to it. */
export async function connectClaire(sql: postgres.Sql, fields: Record<string, unknown> = {}): Promise<void> {
  await sql`insert into public.calendar_integrations ${
    sql({
      id: INTEGRATION,
      organisation_id: PRACTICE,
      user_id: CLAIRE,
      provider: 'google',
      account_id: 'account',
      account_email: 'claire@gmail.test',
      calendar_target_id: 'claire@gmail.test',
      calendar_source_id: 'claire@gmail.test',
      event_detail: 'full',
      import_enabled: true,
      ...fields,
    })
  }`;
}

export interface SeededEvent {
  readonly id: string;
  readonly summary?: string | null;
  readonly start: string;
  readonly end: string;
  readonly more?: Record<string, unknown>;
}

export async function seedEvents(sql: postgres.Sql, events: readonly SeededEvent[]): Promise<void> {
  const rows = events.map(({ id, summary = 'Événement', start, end, more = {} }) => ({
    organisation_id: PRACTICE,
    integration_id: INTEGRATION,
    user_id: CLAIRE,
    provider: 'google',
    external_calendar_id: 'claire@gmail.test',
    external_event_id: id,
    status: 'confirmed',
    kind: 'appointment',
    summary,
    start_at: start,
    end_at: end,
    visibility: 'normal',
    availability: 'busy',
    last_synced_at: new Date().toISOString(),
    ...more,
  }));
  for (const row of rows) await sql`insert into public.external_events ${sql(row)}`;
}
