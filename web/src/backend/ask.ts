import type { PostgrestError } from '@supabase/postgrest-js';
import { t } from '../words/i18n.ts';
import { asFailure, Failure, wasAborted } from './failure.ts';

interface Answer {
  readonly data: unknown;
  readonly error: PostgrestError | null;
  readonly status: number;
}

const REFUSALS: Readonly<Record<string, string>> = {
  '42501': t.failure.forbidden,
  '22023': t.failure.invalid,
  '23514': t.failure.invalid,
};

/** What the database refuses with a word of its own. */
const RULES: Readonly<Record<string, string>> = { LAST_ADMINISTRATOR: t.failure.lastAdministrator };

/** The database's bounds of texts are named for it. */
function isTooLong({ code, message }: PostgrestError): boolean {
  return code === '23514' && message.includes('_length"');
}

/**
 * Waits for an answer of the tables' API; throws a Failure.
 * @param step `table.action`, for who looks for the cause
 * @typeParam T what the columns asked for give
 */
export async function ask<T>(step: string, request: PromiseLike<Answer>): Promise<T> {
  let answer: Answer;
  try {
    answer = await request;
  } catch (error) {
    if (wasAborted(error)) throw error;
    throw asFailure(error, step);
  }
  const { data, error, status } = answer;
  if (error === null) return data as T;
  // The client answers an abort and a broken connection with the same empty status.
  if (status === 0 && /abort/i.test(error.message)) throw new DOMException('Read table: aborted', 'AbortError');
  const code = status === 0 ? 'NETWORK' : status === 401 ? 'UNAUTHENTICATED' : error.code || `HTTP_${status}`;
  const message = status === 0
    ? t.failure.network
    : status === 401
    ? t.failure.sessionEnded
    : isTooLong(error)
    ? t.failure.tooLong
    : RULES[error.message] ?? REFUSALS[error.code] ?? t.failure.table;
  throw new Failure(message, {
    code,
    step,
    details: [error.message, error.details, error.hint].filter(Boolean).join(' — '),
  });
}

/** Rows of one answer: the API cuts there, and says nothing. */
const PAGE = 1000;

/**
 * All rows of a table that match, page after page.
 * @param page the request for the rows from `first` to `last`, in an order that no two rows share
 */
export async function askAll<T>(
  step: string,
  page: (first: number, last: number) => PromiseLike<Answer>,
): Promise<T[]> {
  const rows: T[] = [];
  for (let read = PAGE; read === PAGE;) {
    const next = await ask<T[]>(step, page(rows.length, rows.length + PAGE - 1));
    rows.push(...next);
    read = next.length;
  }
  return rows;
}

/** The one row that changed, or a Failure: no row means that it changed, went, or may not be seen. */
export async function changed<T>(step: string, request: PromiseLike<Answer>): Promise<T> {
  const [row] = await ask<T[]>(step, request);
  if (row === undefined) throw new Failure(t.failure.changedMeanwhile, { code: 'CHANGED_MEANWHILE', step });
  return row;
}
