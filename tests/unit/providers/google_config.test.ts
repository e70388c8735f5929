import { expect, test } from 'vitest';
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';
import { googleConfig } from '../../../supabase/functions/_shared/providers/google/config.ts';

const env = {
  GOOGLE_CLIENT_ID: 'id',
  GOOGLE_CLIENT_SECRET: 'secret-value',
  GOOGLE_REDIRECT_URI: 'https://cassius.test/functions/v1/google-callback',
};

function refusal(values: Record<string, string | undefined>): SyncError {
  try {
    googleConfig(values);
  } catch (error) {
    if (error instanceof SyncError) return error;
  }
  throw new Error('The configuration was accepted');
}

test('the endpoints default to the real ones', () => {
  expect(googleConfig(env)).toEqual({
    clientId: 'id',
    clientSecret: 'secret-value',
    redirectUri: 'https://cassius.test/functions/v1/google-callback',
    authUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    tokenUrl: 'https://oauth2.googleapis.com/token',
    revokeUrl: 'https://oauth2.googleapis.com/revoke',
    calendarUrl: 'https://www.googleapis.com/calendar/v3',
    batchUrl: 'https://www.googleapis.com/batch/calendar/v3',
  });
});

test('an endpoint of the environment wins, without its last slash', () => {
  expect(googleConfig({ ...env, GOOGLE_CALENDAR_URL: 'http://127.0.0.1:54331/calendar/v3/' }).calendarUrl)
    .toBe('http://127.0.0.1:54331/calendar/v3');
});

test('every missing variable is named, and one that is set to nothing is missing', () => {
  const error = refusal({ ...env, GOOGLE_CLIENT_ID: undefined, GOOGLE_CLIENT_SECRET: '' });
  expect(error.code).toBe('CONFIGURATION_ERROR');
  expect(error.message).toBe('Read Google configuration: GOOGLE_CLIENT_ID is missing, GOOGLE_CLIENT_SECRET is missing');
});

test.each([
  { GOOGLE_CALENDAR_URL: 'https://www.googleapis.com/calendar' },
  { GOOGLE_TOKEN_URL: 'not an address' },
  { GOOGLE_BATCH_URL: 'ftp://google.test/batch' },
])('a bad address is refused by the name of its variable, without its value: %j', (values) => {
  const error = refusal({ ...env, ...values });
  expect(error.message).toBe(`Read Google configuration: ${Object.keys(values)[0]} is not valid`);
});
