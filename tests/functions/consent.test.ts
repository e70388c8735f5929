/** Who can end a consent: every mix of who begins, who consents and who confirms, through the real functions. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OutboundWorld } from './outbound_world.ts';
import { type Answer, comeBack, type Person, type ProviderName } from './person.ts';
import { STAGES } from './stages.ts';

const world = new OutboundWorld();
beforeEach(async () => {
  await world.sql`delete from private.oauth_states where true`;
});

/** Who can be signed in here; each has a browser of their own. */
const PEOPLE = ['claire', 'marc'] as const;
type Name = typeof PEOPLE[number];
/** The stranger is signed in nowhere: what their browser was given is not used. */
const CONSENTING = [...PEOPLE, 'stranger'] as const;
/** Whose cookie the callback brings along. */
const COOKIES = ['their own', 'the one of who began', 'none'] as const;
/** What the one who began sees without any help of the one who consents, and what only the latter's browser is given. */
const KNOWN = ['the flow token', 'the state', 'the code', 'the secret'] as const;

interface Mix {
  readonly begins: Name;
  readonly consents: typeof CONSENTING[number];
  readonly cookie: typeof COOKIES[number];
  readonly confirms: Name | 'nobody';
  readonly by: typeof KNOWN[number];
}

const MIXES: readonly Mix[] = PEOPLE.flatMap((begins) =>
  CONSENTING.flatMap((consents) =>
    COOKIES.flatMap((cookie) =>
      ([...PEOPLE, 'nobody'] as const).flatMap((confirms) =>
        // Only a callback that could not be recognised leaves something to confirm.
        (cookie === 'none' && confirms !== 'nobody' ? KNOWN : KNOWN.slice(3)).map((by) =>
          ({ begins, consents, cookie, confirms, by }) as const
        )
      )
    )
  )
).filter(({ consents, cookie }) => consents !== 'stranger' || cookie === 'none');

/** Whether anything may be stored, and then for the one who began. */
function connects({ begins, consents, cookie, confirms, by }: Mix): boolean {
  if (cookie === 'the one of who began') return true;
  if (cookie === 'their own') return consents === begins;
  return confirms === begins && by === 'the secret';
}

describe.each(STAGES)('%s', (name, stage) => {
  world.at(stage);
  let other: ProviderName;
  beforeAll(() => {
    other = STAGES.find(([one]) => one !== name)![0];
  });

  const app = () => `http://127.0.0.1:${Number(new URL(world.stack.apiUrl).port) + 4}`;
  const person = (who: Name): Person => world[who];
  const accountOf = (who: typeof CONSENTING[number]) => who === 'claire' ? stage.claire.email : stage.marc.email;
  const stored = async () => [
    ...await world.sql`select user_id, account_email from public.calendar_integrations where provider = ${name}`,
  ];
  const exchanges = async () =>
    (await world.emulator.control('state?only=requests')).requests.byMethod['oauth.token'] ?? {};
  const waiting = async () =>
    (await world.sql`select 1 from private.oauth_states where code_sealed is not null`).length;
  const confirm = (who: Person, secret: string) => who.use('connect/confirm', { body: { secret } });
  const pass = (seconds: number) =>
    world.sql`insert into private.app_config (key, value) values ('clock_offset', ${`${seconds} seconds`})`;
  const REFUSED = { status: 400, body: { error: 'OAUTH_STATE_INVALID' } };

  /** `begins` presses the button in their browser; a person consents, and the callback comes back without a cookie. */
  async function held(begins: Name, consents: typeof CONSENTING[number]) {
    const { callback, cookie } = await person(begins).consent(accountOf(consents), { origin: app() });
    const { result } = await comeBack(callback);
    expect(result).toEqual({ result: 'confirm', confirm: expect.stringMatching(/^[\w-]{43}$/) });
    return {
      callback,
      cookie: cookie!,
      'the flow token': cookie!.split('=')[1]!,
      'the state': callback.searchParams.get('state')!,
      'the code': callback.searchParams.get('code')!,
      'the secret': result['confirm']!,
    };
  }

  test('an attacker who begins a consent and has a victim give it is never connected to the victim’s calendar', async () => {
    const attacker = world.claire;
    const victim = world.marc;
    const lured = await held('claire', 'marc');
    // All that the attacker has: what the beginning showed them, and what of it can be guessed.
    const known = ['the flow token', 'the state', 'the code'] as const;
    for (const what of known) expect(await confirm(attacker, lured[what])).toMatchObject(REFUSED);
    for (const flow of known.map((what) => lured[what])) {
      expect((await attacker.use('connect/confirm', { body: { flow } })).body.error).toBe('INVALID_REQUEST');
    }
    const again = new URL(lured.callback);
    again.searchParams.set('code', 'guessed');
    for (const cookie of [lured.cookie, null]) {
      expect((await comeBack(again, cookie)).result).toEqual({ result: 'error', code: 'OAUTH_STATE_INVALID' });
    }
    expect(await waiting()).toBe(1);
    // The victim's own page confirms, for another practice than the one that began: the code is gone.
    expect(await confirm(victim, lured['the secret'])).toMatchObject(REFUSED);
    expect(await waiting()).toBe(0);
    // Now even the secret would not help.
    expect(await confirm(attacker, lured['the secret'])).toMatchObject(REFUSED);
    expect(await stored()).toEqual([]);
    expect(await exchanges()).toEqual({});
  });

  describe('of every mix of two people and two browsers', () => {
    test.each(MIXES)(
      '$begins begins, $consents consents (cookie: $cookie), $confirms confirms by $by',
      async (mix) => {
        const { begins, consents, cookie, confirms, by } = mix;
        const { callback, cookie: theirs } = await person(begins).consent(accountOf(consents), { origin: app() });
        const own = consents === begins || consents === 'stranger'
          ? theirs
          : (await person(consents).consent(accountOf(consents), { origin: app() })).cookie;
        const { result } = await comeBack(
          callback,
          cookie === 'none' ? null : cookie === 'their own' ? own : theirs,
        );
        let answer: Answer | null = null;
        if (confirms !== 'nobody') {
          const known = {
            'the flow token': theirs!.split('=')[1]!,
            'the state': callback.searchParams.get('state')!,
            'the code': callback.searchParams.get('code')!,
            'the secret': result['confirm'] ?? 'none',
          };
          answer = await confirm(person(confirms), known[by]);
        }
        const expected = connects(mix);
        expect(await stored()).toEqual(
          expected ? [{ user_id: person(begins).userId, account_email: accountOf(consents) }] : [],
        );
        expect(await exchanges()).toEqual(expected ? { 200: 1 } : {});
        if (answer !== null && !(expected && cookie === 'none')) expect(answer).toMatchObject(REFUSED);
        // A foreign confirmation leaves nothing to confirm; a wrong guess does not take the right one's chance away.
        const burnt = by === 'the secret' && confirms !== 'nobody';
        expect(await waiting()).toBe(cookie === 'none' && !burnt ? 1 : 0);
      },
    );
  });

  test('a confirmation is good once, also when it comes three times at once', async () => {
    const flow = await held('claire', 'claire');
    const answers = await Promise.all([1, 2, 3].map(() => confirm(world.claire, flow['the secret'])));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect(await confirm(world.claire, flow['the secret'])).toMatchObject(REFUSED);
    expect(await exchanges()).toEqual({ 200: 1 });
  });

  test('a callback that comes twice gives no second secret, and leaves the first one its worth', async () => {
    const flow = await held('claire', 'claire');
    for (const cookie of [flow.cookie, null]) {
      expect((await comeBack(flow.callback, cookie)).result).toEqual({ result: 'error', code: 'OAUTH_STATE_INVALID' });
    }
    expect((await confirm(world.claire, flow['the secret'])).body.connected).toBe(true);
  });

  test('a held code waits five minutes', async () => {
    const flow = await held('claire', 'claire');
    await pass(301);
    expect(await confirm(world.claire, flow['the secret'])).toMatchObject(REFUSED);
    expect(await stored()).toEqual([]);
    expect(await exchanges()).toEqual({});
  });

  test('the person is told where they wanted to go', async () => {
    const { callback } = await world.claire.consent(stage.claire.email, { origin: app(), redirectTo: '/calendar' });
    const { page, result } = await comeBack(callback);
    // The page of the caller's choice may not know how to confirm.
    expect(page).toBe(`${app()}/settings/integrations/${name}-calendar`);
    expect((await world.claire.use('connect/status')).body.connected).toBe(false);
    expect(await confirm(world.claire, result['confirm']!)).toMatchObject({
      status: 200,
      body: { connected: true, redirectTo: '/calendar', settings: { export_enabled: false } },
    });
  });

  test('a consent at one provider is worth nothing at the other: neither its state nor its secret', async () => {
    const { callback, cookie } = await world.claire.consent(stage.claire.email, { origin: app() });
    const elsewhere = new URL(callback.href.replace(`${name}-callback`, `${other}-callback`));
    expect((await comeBack(elsewhere, cookie)).result).toEqual({ result: 'error', code: 'OAUTH_STATE_INVALID' });
    const { result } = await comeBack(callback);
    expect(await confirm(world.claire.at(other), result['confirm']!)).toMatchObject(REFUSED);
    // Shown elsewhere, it counts as led astray.
    expect(await confirm(world.claire, result['confirm']!)).toMatchObject(REFUSED);
    expect(await world.sql`select 1 from public.calendar_integrations`).toHaveLength(0);
  });

  test('the secret stands in no log, no queue and no table', async () => {
    const flow = await held('claire', 'claire');
    const tables = await world.sql`select schemaname, tablename from pg_tables
      where schemaname in ('public', 'private', 'net', 'vault', 'cron')`;
    for (const { schemaname, tablename } of tables) {
      const found = await world.sql`select 1 from ${world.sql(schemaname)}.${world.sql(tablename)} t
        where t::text like ${`%${flow['the secret']}%`}`;
      expect(found, `${schemaname}.${tablename}`).toHaveLength(0);
    }
    await confirm(world.claire, flow['the secret']);
    expect(world.stack.functionLogs()).not.toContain(flow['the secret']);
  });
});
