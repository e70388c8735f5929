/**
 * Reading the environment: always through a zod object, always as late as the first request, so that a missing variable is
 * an answer (`CONFIGURATION_ERROR`) and a log line naming it, not a function that does not start.
 */
import { z } from 'zod';
import { SyncError } from '../errors.ts';

/** Variable names and values, as `Deno.env.toObject()` gives them. Passed in: nothing here reads the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that holds JSON, checked by `inner`. */
function jsonVariable<Inner extends z.ZodType>(inner: Inner) {
  return z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  }).pipe(inner);
}

/** An http(s) address, without the slash that people add at its end. */
export const urlVariable = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

/** `METRICS_TOKEN`: as `openssl rand -hex 32` makes it. */
export const metricsTokenVariable = z.string().regex(/^[\w+/=-]{32,200}$/);

/** Issuers of access tokens, parted by commas; each exactly as in `iss`. */
export const issuersVariable = z.string().transform((text) =>
  text.split(',').map((issuer) => issuer.trim()).filter((issuer) => issuer !== '')
).pipe(z.array(z.string()).min(1));

/** Hosted Supabase gives its keys as JSON, by name. */
const namedKeys = jsonVariable(z.record(z.string(), z.string().min(1)));

/**
 * The variables named by `shape`, typed.
 *
 * @throws {SyncError} `CONFIGURATION_ERROR`; its context names the first variable that is missing or wrong, never its value.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  environment: Environment,
  shape: Shape,
): z.output<z.ZodObject<Shape>> {
  const present: Record<string, string> = {};
  for (const name of Object.keys(shape)) {
    const value = environment[name]?.trim();
    if (value) present[name] = value;
  }
  const read = z.object(shape).safeParse(present);
  if (read.success) return read.data;
  const variable = String(read.error.issues[0]?.path[0] ?? 'unknown');
  const state = variable in present ? 'is invalid' : 'is missing';
  // Zod's issues may quote the value, so they are not kept as a cause.
  throw new SyncError('CONFIGURATION_ERROR', `Read environment: ${variable} ${state}`, { context: { variable } });
}

/**
 * A secret key of the project: the one named `default`, else the first of whatever names people gave theirs, else the key
 * of a project that has none but the legacy one.
 *
 * @throws {SyncError} `CONFIGURATION_ERROR`
 */
export function secretKey(environment: Environment): string {
  const { SUPABASE_SECRET_KEYS: keys = {} } = readEnvironment(environment, {
    SUPABASE_SECRET_KEYS: namedKeys.optional(),
  });
  const named = keys.default ?? Object.values(keys)[0];
  if (named !== undefined) return named;
  const legacy = environment.SUPABASE_SERVICE_ROLE_KEY?.trim();
  if (legacy) return legacy;
  const variable = 'SUPABASE_SECRET_KEYS';
  throw new SyncError('CONFIGURATION_ERROR', `Read environment: ${variable} is missing`, { context: { variable } });
}
