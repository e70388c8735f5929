/**
 * A client that only writes appointments, on a thread of its own: the stack's request worker, gateway and emulator live
 * on the main one, and a practice's software would not share a thread with them.
 */
import type { Practice } from './practices.ts';
import type { Booked, ToBook } from './writing_thread.ts';

export interface WritingClient {
  /** Milliseconds of one statement, its commit included. */
  book(practice: Practice, count: number): Promise<number>;
  close(): void;
}

export function openWritingClient(dbUrl: string): WritingClient {
  const thread = new Worker(new URL('./writing_thread.ts', import.meta.url), { type: 'module' });
  return {
    book: (practice, count) =>
      new Promise((resolve, reject) => {
        thread.onerror = (event) => {
          event.preventDefault();
          reject(new Error(`Write appointments: ${event.message}`));
        };
        thread.onmessage = ({ data }: MessageEvent<Booked>) => {
          if (data.error === null) resolve(data.ms);
          else reject(new Error(`Write appointments: ${data.error}`));
        };
        thread.postMessage({ dbUrl, practice, count } satisfies ToBook);
      }),
    close: () => thread.terminate(),
  };
}
