import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { supabaseRpc } from '../../../supabase/functions/_shared/db/rpc.ts';
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';

function database(answer: (request: Request) => Response | Promise<Response>) {
  const requests: Request[] = [];
  const rpc = supabaseRpc({
    url: 'http://database.test',
    secretKey: 'sb_secret_demo',
    fetch: async (input, init) => {
      const request = new Request(input as Request, init);
      requests.push(request.clone());
      return await answer(request);
    },
  });
  return { rpc, requests };
}

async function failureOf(work: Promise<unknown>): Promise<SyncError> {
  const error = await work.then(() => null, (thrown) => thrown);
  expect(error).toBeInstanceOf(SyncError);
  return error;
}

const raised = (code: string, message: string) =>
  Response.json({ code, message, details: 'Key (email)=(claire@gmail.test)', hint: null }, { status: 400 });

describe('a database call', () => {
  test('carries the secret key and gives what the schema promises', async () => {
    const { rpc, requests } = database(() => Response.json({ version: 3 }));
    expect(await rpc('revocation_done', { p_id: 'x' }, z.object({ version: z.number() }))).toEqual({ version: 3 });
    expect(requests[0]!.url).toBe('http://database.test/rest/v1/rpc/revocation_done');
    expect(requests[0]!.headers.get('apikey')).toBe('sb_secret_demo');
    expect(await requests[0]!.json()).toEqual({ p_id: 'x' });
  });

  test('that the database refuses by name keeps that name', async () => {
    const { rpc } = database(() => raised('P0001', 'NO_TARGET_CALENDAR'));
    expect((await failureOf(rpc('revocation_done', { p_id: 'x' }, z.null()))).code).toBe('NO_TARGET_CALENDAR');
  });

  test.each([['23505', 'duplicate key'], ['P0001', 'something else'], ['42501', 'FORBIDDEN']])(
    'that fails with %s is SYNC_FAILED and tells nothing of the row',
    async (code, message) => {
      const { rpc } = database(() => raised(code, message));
      const error = await failureOf(rpc('revocation_done', { p_id: 'x' }, z.null()));
      expect(error.code).toBe('SYNC_FAILED');
      expect(error.context).toEqual({ rpc: 'revocation_done', sqlState: code });
      expect(error.cause).toBeUndefined();
    },
  );

  test.each(['40P01', '40001'])(
    'that was undone for another (%s) is asked for again, but not for ever',
    async (code) => {
      let refusals = 2;
      const { rpc, requests } = database(() =>
        refusals-- > 0 ? raised(code, 'deadlock detected') : Response.json('done')
      );
      expect(await rpc('revocation_done', { p_id: 'x' }, z.string())).toBe('done');
      expect(await Promise.all(requests.map((request) => request.json()))).toEqual(Array(3).fill({ p_id: 'x' }));
      const hopeless = database(() => raised(code, 'deadlock detected'));
      expect((await failureOf(hopeless.rpc('revocation_done', { p_id: 'x' }, z.null()))).code).toBe('SYNC_FAILED');
      expect(hopeless.requests).toHaveLength(3);
    },
  );

  test('that gets no answer is SYNC_FAILED and may be tried again', async () => {
    const { rpc } = database(() => Promise.reject(new TypeError('connection refused')));
    const error = await failureOf(rpc('revocation_done', { p_id: 'x' }, z.null()));
    expect(error).toMatchObject({
      code: 'SYNC_FAILED',
      retryable: true,
      context: { rpc: 'revocation_done', sqlState: 'none' },
    });
  });

  test('whose answer has another shape is an error, never a guess', async () => {
    const { rpc } = database(() => Response.json({ version: 'three' }));
    const error = await failureOf(rpc('revocation_done', { p_id: 'x' }, z.object({ version: z.number() })));
    expect(error).toMatchObject({ code: 'SYNC_FAILED', context: { rpc: 'revocation_done', path: 'version' } });
  });

  test('to a function or with an argument that the migrations do not know, is refused by the compiler', () => {
    const { rpc } = database(() => Response.json(true));
    // @ts-expect-error: no such function
    const misspelt = () => rpc('revocation_dun', { p_id: 'x' }, z.boolean());
    // @ts-expect-error: no such argument
    const renamed = () => rpc('revocation_done', { p_revocation: 'x' }, z.boolean());
    // @ts-expect-error: another type
    const numbered = () => rpc('revocation_done', { p_id: 7 }, z.boolean());
    const nothing = () => rpc('revocation_done', { p_id: null }, z.boolean());
    expect([misspelt, renamed, numbered, nothing]).toHaveLength(4);
  });
});
