/** The one way to call the database: a function of the `public` schema that only the secret key may execute. */
import { PostgrestClient, type PostgrestError } from '@supabase/postgrest-js';
import { z } from 'zod';
import type { Database, Json } from '../database.gen.ts';
import { isErrorCode, SyncError } from '../errors.ts';

type Functions = Database['public']['Functions'];
export type FunctionName = keyof Functions;

/** As the migrations declare them. Postgres has no arguments that refuse null, so each may be. */
export type Arguments<Name extends FunctionName> = {
  readonly [Key in keyof Functions[Name]['Args']]: Given<Functions[Name]['Args'][Key]> | null;
};

/** `jsonb` takes whatever has a JSON form: the records of the domain as they are. */
type Given<Declared> = Json extends Declared ? unknown
  : Declared extends readonly (infer Item)[] ? readonly Item[]
  : Declared;

/**
 * Calls `name` and checks what it returns.
 *
 * @throws {SyncError} the code that the database raised by name (SQLSTATE P0001, the code as message), else `SYNC_FAILED`
 */
export type Rpc = <Name extends FunctionName, T>(
  name: Name,
  args: Arguments<Name>,
  schema: z.core.$ZodType<T>,
) => Promise<T>;

export interface DatabaseAccess {
  readonly url: string;
  readonly secretKey: string;
  readonly fetch: typeof fetch;
}

/** Longer than any statement of ours may take, and far inside the time that a function has to answer. */
const TIMEOUT_MS = 30_000;

/** A deadlock, or a serialization failure: the whole call was undone for another's sake, and may be asked for again. */
const UNDONE = new Set(['40P01', '40001']);
const MAX_REPEATS = 2;

function failure(rpc: string, error: Pick<PostgrestError, 'code' | 'message'>): SyncError {
  // Postgres quotes values in its messages, so neither message nor cause goes on.
  const context = { rpc, sqlState: error.code || 'none' };
  if (error.code === 'P0001' && isErrorCode(error.message)) {
    return new SyncError(error.message, `Call ${rpc}: refused by the database`, { context });
  }
  return new SyncError('SYNC_FAILED', `Call ${rpc}: the database did not answer as it should`, { context });
}

/** Calls by the secret key, 30 s at most; a deadlock or serialization failure is repeated twice. */
export function supabaseRpc(access: DatabaseAccess): Rpc {
  const client = new PostgrestClient(`${access.url}/rest/v1`, {
    headers: { apikey: access.secretKey, authorization: `Bearer ${access.secretKey}` },
    fetch: access.fetch,
  });
  return async (name, args, schema) => {
    const call = () => client.rpc(name, args).abortSignal(AbortSignal.timeout(TIMEOUT_MS));
    let { data, error } = await call();
    for (let again = 0; again < MAX_REPEATS && error && UNDONE.has(error.code); again++) {
      ({ data, error } = await call());
    }
    if (error) throw failure(name, error);
    const read = z.safeParse(schema, data);
    if (read.success) return read.data;
    throw new SyncError('SYNC_FAILED', `Call ${name}: the answer has another shape`, {
      context: { rpc: name, path: read.error.issues[0]?.path.join('.') ?? '' },
    });
  };
}
