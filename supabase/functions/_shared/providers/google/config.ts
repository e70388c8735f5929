import { z } from 'zod';
import { SyncError } from '../../errors.ts';

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

const text = z.string().trim().min(1);
const address = z.url({ protocol: /^https?$/ });
const endpoint = (real: string) => address.transform((url) => url.replace(/\/+$/, '')).default(real);

const Environment = z.object({
  GOOGLE_CLIENT_ID: text,
  GOOGLE_CLIENT_SECRET: text,
  GOOGLE_REDIRECT_URI: address,
  GOOGLE_AUTH_URL: endpoint('https://accounts.google.com/o/oauth2/v2/auth'),
  GOOGLE_TOKEN_URL: endpoint('https://oauth2.googleapis.com/token'),
  GOOGLE_REVOKE_URL: endpoint('https://oauth2.googleapis.com/revoke'),
  GOOGLE_CALENDAR_URL: endpoint('https://www.googleapis.com/calendar/v3')
    .refine((url) => url.endsWith('/calendar/v3'), 'must end in /calendar/v3'),
  GOOGLE_BATCH_URL: endpoint('https://www.googleapis.com/batch/calendar/v3'),
});

/** Reads the environment. Throws `CONFIGURATION_ERROR` that names every variable at fault, never a value. */
export function googleConfig(env: Record<string, string | undefined>): GoogleConfig {
  // A variable set to nothing is how many dashboards and .env files say "not set".
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const read = Environment.safeParse(present);
  if (!read.success) {
    const variables = [...new Set(read.error.issues.map((issue) => String(issue.path[0])))];
    const faults = variables.map((name) => `${name} ${name in present ? 'is not valid' : 'is missing'}`);
    throw new SyncError('CONFIGURATION_ERROR', `Read Google configuration: ${faults.join(', ')}`, {
      context: { variables },
    });
  }
  const values = read.data;
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
