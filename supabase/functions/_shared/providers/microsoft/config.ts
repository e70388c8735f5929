import { z } from 'zod';
import { SyncError } from '../../errors.ts';

/** Where Microsoft is and who we are to it. Every address ends without a slash. */
export interface MicrosoftConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Of the identity platform, without a tenant. */
  readonly authorityUrl: string;
  /** Ends in `/v1.0`. */
  readonly graphUrl: string;
  /** Who may sign in: `common`, `organizations`, `consumers`, or one tenant's id or domain. */
  readonly tenant: string;
}

const text = z.string().trim().min(1);
const address = z.url({ protocol: /^https?$/ });
const endpoint = (real: string) => address.transform((url) => url.replace(/\/+$/, '')).default(real);

const Environment = z.object({
  MICROSOFT_CLIENT_ID: text,
  MICROSOFT_CLIENT_SECRET: text,
  MICROSOFT_REDIRECT_URI: address,
  MICROSOFT_AUTHORITY_URL: endpoint('https://login.microsoftonline.com'),
  MICROSOFT_GRAPH_URL: endpoint('https://graph.microsoft.com/v1.0')
    .refine((url) => url.endsWith('/v1.0'), 'must end in /v1.0'),
  MICROSOFT_TENANT: z.string().trim().regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/).default('common'),
});

/** Reads the environment. Throws `CONFIGURATION_ERROR` that names every variable at fault, never a value. */
export function microsoftConfig(env: Record<string, string | undefined>): MicrosoftConfig {
  // A variable set to nothing is how many dashboards and .env files say "not set".
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const read = Environment.safeParse(present);
  if (!read.success) {
    const variables = [...new Set(read.error.issues.map((issue) => String(issue.path[0])))];
    const faults = variables.map((name) => `${name} ${name in present ? 'is not valid' : 'is missing'}`);
    throw new SyncError('CONFIGURATION_ERROR', `Read Microsoft configuration: ${faults.join(', ')}`, {
      context: { variables },
    });
  }
  const values = read.data;
  return {
    clientId: values.MICROSOFT_CLIENT_ID,
    clientSecret: values.MICROSOFT_CLIENT_SECRET,
    redirectUri: values.MICROSOFT_REDIRECT_URI,
    authorityUrl: values.MICROSOFT_AUTHORITY_URL,
    graphUrl: values.MICROSOFT_GRAPH_URL,
    tenant: values.MICROSOFT_TENANT,
  };
}
