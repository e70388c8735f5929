/** The other side of `writing_client.ts`. */
import postgres from 'postgres';
import { timed } from './measure.ts';
import { book, type Practice } from './practices.ts';

export interface ToBook {
  readonly dbUrl: string;
  readonly practice: Practice;
  readonly count: number;
}

export interface Booked {
  readonly ms: number;
  readonly error: string | null;
}

interface Thread {
  onmessage: ((event: MessageEvent<ToBook>) => void) | null;
  postMessage(answer: Booked): void;
}
const thread = self as unknown as Thread;

let sql: postgres.Sql | null = null;

thread.onmessage = async ({ data: { dbUrl, practice, count } }) => {
  sql ??= postgres(dbUrl, { max: 1, onnotice: () => {} });
  try {
    thread.postMessage({ ms: await timed(() => book(sql!, practice, count)), error: null });
  } catch (error) {
    thread.postMessage({ ms: NaN, error: error instanceof Error ? error.message : String(error) });
  }
};
