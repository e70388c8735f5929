/**
 * What a function tells the operators of its own deployment (`GET <function>/health`, asked by `npm run doctor`). It is
 * answered however broken the configuration is, to a caller with the project's secret key alone, and holds no secret.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { SyncError } from '../errors.ts';
import { keysOf } from './access_token.ts';
import { type Environment, secretKeys } from './environment.ts';

export interface SelfReport {
  readonly function: string;
  /** Variables that are missing or wrong; empty where the function works. One may hide another until it is put right. */
  readonly variables: readonly string[];
  /** The function's own clock. */
  readonly at: string;
  /** Where the platform runs it; null where it does not say. */
  readonly region: string | null;
  /** Addresses that it was given, by variable. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Ids of the keys with which it checks access tokens. */
  readonly tokenKeys: readonly string[];
}

/** Addresses that people and providers use. Others may carry a password (`SUPABASE_DB_URL`). */
const ADDRESSES = /^(?:SUPABASE_URL|APP_BASE_URL|AUTH_ISSUER|[A-Z]+_(?:REDIRECT_URI|WEBHOOK_URL))$/;

export interface Reporting {
  readonly environment: Environment;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Throws what the function's first request would throw. */
  readonly prepare: () => unknown;
}

/**
 * @throws {SyncError} `UNAUTHENTICATED`; `CONFIGURATION_ERROR` where there is no secret key to compare with
 */
export function selfReport(name: string, request: Request, { environment, now, prepare }: Reporting): SelfReport {
  requireSecretKey(request, environment);
  const addresses = Object.entries(environment).filter(([variable, value]) => ADDRESSES.test(variable) && value);
  return {
    function: name,
    variables: variablesAtFault(prepare),
    at: new Date(now()).toISOString(),
    region: environment.SB_REGION?.trim() || null,
    addresses: Object.fromEntries(addresses) as Record<string, string>,
    tokenKeys: keysOf(environment.SUPABASE_JWKS).flatMap(({ kid }) => typeof kid === 'string' ? [kid] : []),
  };
}

function requireSecretKey(request: Request, environment: Environment): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const given = digest(request.headers.get('apikey')?.trim() ?? '');
  if (secretKeys(environment).some((key) => timingSafeEqual(digest(key), given))) return;
  throw new SyncError('UNAUTHENTICATED', 'Report: the secret key is not accepted');
}

function variablesAtFault(prepare: () => unknown): readonly string[] {
  try {
    prepare();
    return [];
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'CONFIGURATION_ERROR') throw error;
    const { variable, variables = variable } = error.context;
    return Array.isArray(variables) ? variables : [String(variables)];
  }
}
