import { z } from 'zod';
import { addressVariable, endpointVariable, readConfiguration, textVariable } from '../configuration.ts';

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

const Environment = z.object({
  MICROSOFT_CLIENT_ID: textVariable,
  MICROSOFT_CLIENT_SECRET: textVariable,
  MICROSOFT_REDIRECT_URI: addressVariable,
  MICROSOFT_AUTHORITY_URL: endpointVariable('https://login.microsoftonline.com'),
  MICROSOFT_GRAPH_URL: endpointVariable('https://graph.microsoft.com/v1.0')
    .refine((url) => url.endsWith('/v1.0'), 'must end in /v1.0'),
  MICROSOFT_TENANT: z.string().trim().regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/).default('common'),
});

/** @throws {SyncError} `CONFIGURATION_ERROR` */
export function microsoftConfig(env: Record<string, string | undefined>): MicrosoftConfig {
  const values = readConfiguration('Microsoft', Environment, env);
  return {
    clientId: values.MICROSOFT_CLIENT_ID,
    clientSecret: values.MICROSOFT_CLIENT_SECRET,
    redirectUri: values.MICROSOFT_REDIRECT_URI,
    authorityUrl: values.MICROSOFT_AUTHORITY_URL,
    graphUrl: values.MICROSOFT_GRAPH_URL,
    tenant: values.MICROSOFT_TENANT,
  };
}
