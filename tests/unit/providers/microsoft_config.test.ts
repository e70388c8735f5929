import { expect, test } from 'vitest';
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';
import { microsoftConfig } from '../../../supabase/functions/_shared/providers/microsoft/config.ts';

const env = {
  MICROSOFT_CLIENT_ID: 'id',
  MICROSOFT_CLIENT_SECRET: 'secret-value',
  MICROSOFT_REDIRECT_URI: 'https://cassius.test/functions/v1/microsoft-callback',
};

function refusal(values: Record<string, string | undefined>): SyncError {
  try {
    microsoftConfig(values);
  } catch (error) {
    if (error instanceof SyncError) return error;
  }
  throw new Error('The configuration was accepted');
}

test('the endpoints default to the real ones, open to every kind of account', () => {
  expect(microsoftConfig(env)).toEqual({
    clientId: 'id',
    clientSecret: 'secret-value',
    redirectUri: 'https://cassius.test/functions/v1/microsoft-callback',
    authorityUrl: 'https://login.microsoftonline.com',
    graphUrl: 'https://graph.microsoft.com/v1.0',
    tenant: 'common',
  });
});

test('an endpoint of the environment wins, without its last slash', () => {
  const config = microsoftConfig({
    ...env,
    MICROSOFT_AUTHORITY_URL: 'http://127.0.0.1:54332/',
    MICROSOFT_GRAPH_URL: 'http://127.0.0.1:54332/v1.0/',
    MICROSOFT_TENANT: 'consumers',
  });
  expect(config).toMatchObject({
    authorityUrl: 'http://127.0.0.1:54332',
    graphUrl: 'http://127.0.0.1:54332/v1.0',
    tenant: 'consumers',
  });
});

test('every missing variable is named, and one that is set to nothing is missing', () => {
  const error = refusal({ ...env, MICROSOFT_CLIENT_ID: undefined, MICROSOFT_CLIENT_SECRET: '' });
  expect(error.code).toBe('CONFIGURATION_ERROR');
  expect(error.message).toBe(
    'Read Microsoft configuration: MICROSOFT_CLIENT_ID is missing, MICROSOFT_CLIENT_SECRET is missing',
  );
});

test.each([
  { MICROSOFT_GRAPH_URL: 'https://graph.microsoft.com/beta' },
  { MICROSOFT_AUTHORITY_URL: 'not an address' },
  { MICROSOFT_TENANT: '../other' },
])('a bad value is refused by the name of its variable, without the value: %j', (values) => {
  const error = refusal({ ...env, ...values });
  expect(error.message).toBe(`Read Microsoft configuration: ${Object.keys(values)[0]} is not valid`);
});
