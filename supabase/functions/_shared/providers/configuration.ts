/** An adapter's part of the environment. */
import { z } from 'zod';
import { SyncError } from '../errors.ts';

export const textVariable = z.string().trim().min(1);
export const addressVariable = z.url({ protocol: /^https?$/ });
/** Where a provider is, without a slash at its end; `real` unless a test or an emulator says otherwise. */
export const endpointVariable = (real: string) =>
  addressVariable.transform((url) => url.replace(/\/+$/, '')).default(real);

/** @throws {SyncError} `CONFIGURATION_ERROR` that names every variable at fault, never a value */
export function readConfiguration<Values>(
  provider: string,
  shape: z.ZodType<Values>,
  env: Readonly<Record<string, string | undefined>>,
): Values {
  // A variable set to nothing is how many dashboards and .env files say "not set".
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const read = shape.safeParse(present);
  if (read.success) return read.data;
  const variables = [...new Set(read.error.issues.map((issue) => String(issue.path[0])))];
  const faults = variables.map((name) => `${name} ${name in present ? 'is not valid' : 'is missing'}`);
  throw new SyncError('CONFIGURATION_ERROR', `Read ${provider} configuration: ${faults.join(', ')}`, {
    context: { variables },
  });
}
