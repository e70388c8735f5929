import { describe, expect, test } from 'vitest';
import { edgeFunction } from '../../../supabase/functions/_shared/http/edge_function.ts';
import type { Environment } from '../../../supabase/functions/_shared/http/environment.ts';
import { readEnvironment, urlVariable } from '../../../supabase/functions/_shared/http/environment.ts';
import { API, testWorld } from './test_world.ts';

const KEY = 'sb_secret_of_the_test';

async function health(environment: Environment, headers: Record<string, string> = { apikey: KEY }) {
  const world = await testWorld();
  const handler = edgeFunction({
    name: 'demo',
    routes: (setup) => {
      readEnvironment(setup.environment, { DEMO_REDIRECT_URI: urlVariable });
      return [];
    },
  }, { ...world, environment: { ...world.environment, SUPABASE_SECRET_KEYS: `{"mine":"${KEY}"}`, ...environment } });
  const answer = await handler(new Request(`${API}/demo/health`, { headers }));
  return { status: answer.status, body: await answer.json() };
}

describe('what a function says of itself', () => {
  test.each(
    [
      ['without a key', {}],
      ['with another key', { apikey: 'sb_secret_of_another' }],
      ['with the key where a person’s token belongs', { authorization: `Bearer ${KEY}` }],
    ] as const,
  )('is not for a caller %s, whether it works or not', async (_who, headers) => {
    for (const address of ['https://demo.test', undefined]) {
      const { status, body } = await health({ DEMO_REDIRECT_URI: address }, headers);
      expect(status).toBe(401);
      expect(JSON.stringify(body)).not.toContain('DEMO_REDIRECT_URI');
    }
  });

  test('is for each secret key of the project, the legacy one too', async () => {
    const environment = { SUPABASE_SECRET_KEYS: `{"default":"a","mine":"${KEY}"}`, SUPABASE_SERVICE_ROLE_KEY: 'old' };
    for (const apikey of ['a', KEY, 'old']) {
      expect(await health(environment, { apikey })).toMatchObject({ status: 200 });
    }
  });

  test('names the variable that is missing or wrong, and none where all is well', async () => {
    const variables = async (environment: Environment) => (await health(environment)).body.variables;
    expect(await variables({ DEMO_REDIRECT_URI: 'https://demo.test' })).toEqual([]);
    expect(await variables({})).toEqual(['DEMO_REDIRECT_URI']);
    expect(await variables({ DEMO_REDIRECT_URI: 'no address' })).toEqual(['DEMO_REDIRECT_URI']);
    expect(await variables({ APP_BASE_URL: undefined })).toEqual(['APP_BASE_URL']);
  });

  test('without any secret key it is no secret either: it is refused as a fault of the configuration', async () => {
    const none = { SUPABASE_SECRET_KEYS: undefined, SUPABASE_SERVICE_ROLE_KEY: undefined };
    expect(await health(none, { apikey: '' })).toMatchObject({ status: 500, body: { error: 'CONFIGURATION_ERROR' } });
  });

  test('shows addresses that people and providers use, and nothing that could hold a secret', async () => {
    const { body } = await health({
      DEMO_REDIRECT_URI: 'https://demo.test/callback',
      DEMO_WEBHOOK_URL: 'https://demo.test/notifications',
      SUPABASE_DB_URL: 'postgresql://postgres:password@db.test/postgres',
      DEMO_CLIENT_SECRET: 'client-secret',
      SB_REGION: 'eu-west-3',
    });
    expect(body.region).toBe('eu-west-3');
    expect(Object.keys(body.addresses).toSorted()).toEqual(
      ['APP_BASE_URL', 'DEMO_REDIRECT_URI', 'DEMO_WEBHOOK_URL', 'SUPABASE_URL'],
    );
    expect(JSON.stringify(body)).not.toMatch(/password|client-secret|sb_secret/);
  });
});
