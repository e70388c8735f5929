import { z } from 'zod';
import { addressVariable, endpointVariable, readConfiguration, textVariable } from '../configuration.ts';

/** Where Google is and who we are to it. Every address ends without a slash. */
export interface GoogleConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly authUrl: string;
  readonly tokenUrl: string;
  readonly revokeUrl: string;
  /** Ends in `/calendar/v3`. */
  readonly calendarUrl: string;
  readonly batchUrl: string;
}

const Environment = z.object({
  GOOGLE_CLIENT_ID: textVariable,
  GOOGLE_CLIENT_SECRET: textVariable,
  GOOGLE_REDIRECT_URI: addressVariable,
  GOOGLE_AUTH_URL: endpointVariable('https://accounts.google.com/o/oauth2/v2/auth'),
  GOOGLE_TOKEN_URL: endpointVariable('https://oauth2.googleapis.com/token'),
  GOOGLE_REVOKE_URL: endpointVariable('https://oauth2.googleapis.com/revoke'),
  GOOGLE_CALENDAR_URL: endpointVariable('https://www.googleapis.com/calendar/v3')
    .refine((url) => url.endsWith('/calendar/v3'), 'must end in /calendar/v3'),
  GOOGLE_BATCH_URL: endpointVariable('https://www.googleapis.com/batch/calendar/v3'),
});

/** @throws {SyncError} `CONFIGURATION_ERROR` */
export function googleConfig(env: Record<string, string | undefined>): GoogleConfig {
  const values = readConfiguration('Google', Environment, env);
  return {
    clientId: values.GOOGLE_CLIENT_ID,
    clientSecret: values.GOOGLE_CLIENT_SECRET,
    redirectUri: values.GOOGLE_REDIRECT_URI,
    authUrl: values.GOOGLE_AUTH_URL,
    tokenUrl: values.GOOGLE_TOKEN_URL,
    revokeUrl: values.GOOGLE_REVOKE_URL,
    calendarUrl: values.GOOGLE_CALENDAR_URL,
    batchUrl: values.GOOGLE_BATCH_URL,
  };
}
