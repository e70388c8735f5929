/**
 * The worker of the pg_net stand-in. Like the real one: it wakes when a transaction that asked for it commits, takes at most 200 requests,
 * runs them together, writes the answers as they come, and when the whole batch is over, its slowest request too, it sleeps for a second
 * before the next. Only the first commit that asks for it while it is busy cuts that sleep short. It never tries a request again.
 */
import postgres from 'postgres';
import { warn } from './terminal.ts';

const BATCH = 200;
const KEPT = '6 hours';

interface QueuedRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string> | null;
  readonly body: Uint8Array | null;
  readonly timeout_milliseconds: number;
}

export interface RequestWorker {
  stop(): Promise<void>;
}

export interface RequestWorkerOptions {
  /** The sleep after each batch; default the real worker's second. */
  readonly pauseMs?: number | undefined;
  /** The same, ended by a test when it likes. */
  readonly second?: () => Promise<void>;
}

export async function startRequestWorker(
  adminUrl: string,
  { pauseMs = 1000, second = () => new Promise((resolve) => setTimeout(resolve, pauseMs)) }: RequestWorkerOptions = {},
): Promise<RequestWorker> {
  const sql = postgres(adminUrl, { max: 2, onnotice: () => {}, connection: { application_name: 'pg_net worker' } });
  let stopping = false;
  // The two bits of the real worker: a wish that it has not looked at yet, and the latch that ends a sleep, set by the first wish only.
  let wished = false;
  let latched = false;
  let endSleep = () => {};

  const wake = () => {
    if (wished) return;
    wished = true;
    latched = true;
    endSleep();
  };

  async function sleep(end: Promise<void> | null): Promise<void> {
    if (!latched && !stopping) {
      const { promise, resolve } = Promise.withResolvers<void>();
      endSleep = resolve;
      await (end === null ? promise : Promise.race([promise, end]));
    }
    latched = false;
  }

  async function work(): Promise<void> {
    while (!stopping) {
      if (!wished) {
        await sleep(null);
        continue;
      }
      wished = false;
      let done = 0;
      do {
        try {
          done = await sendBatch(sql);
        } catch (error) {
          // The real worker's process ends here, and another begins a second later with what is in the queue.
          if (!stopping) warn(`Cannot send queued requests: ${(error as Error).message}`);
          wished = true;
          done = 0;
        }
        await sleep(second());
      } while (!stopping && done > 0);
    }
  }

  await sql.listen('pg_net_wake', wake, wake); // and once on every (re)connection, for what was queued before
  const working = work();
  return {
    async stop() {
      stopping = true;
      endSleep();
      await sql.end({ timeout: 1 });
      await working;
    },
  };
}

/**
 * One transaction, as in the real worker: if it breaks in the middle, the requests are in the queue again. Gives how many requests were
 * sent and old answers deleted.
 */
async function sendBatch(sql: postgres.Sql): Promise<number> {
  const [present] = await sql`select to_regclass('net.http_request_queue') is not null as yes`;
  if (!present!.yes) return 0;
  return await sql.begin(async (transaction) => {
    const expired = await transaction`
      delete from net._http_response where ctid in (
        select ctid from net._http_response where created < now() - ${KEPT}::interval order by created limit ${BATCH})`;
    const requests = await transaction<QueuedRequest[]>`
      with taken as (
        delete from net.http_request_queue q
        using (select id from net.http_request_queue order by id limit ${BATCH}) next
        where q.id = next.id
        returning q.id, q.method, q.url, q.headers, q.body, q.timeout_milliseconds)
      select * from taken order by id`;
    await Promise.all(requests.map(async (request) => {
      const answer = await send(request);
      await transaction`
        insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
        values (${request.id}, ${answer.status}, ${answer.contentType}, ${
        answer.headers === null ? null : transaction.json(answer.headers)
      }, ${answer.content},
          ${answer.timedOut}, ${answer.error})`;
    }));
    return requests.length + expired.count;
  });
}

interface Answer {
  readonly status: number | null;
  readonly contentType: string | null;
  readonly headers: Record<string, string> | null;
  readonly content: string | null;
  readonly timedOut: boolean;
  readonly error: string | null;
}

async function send(request: QueuedRequest): Promise<Answer> {
  try {
    const response = await fetch(request.url, {
      method: request.method.toUpperCase(),
      headers: { 'user-agent': 'pg_net/0.20.0', ...request.headers },
      body: request.body === null ? null : new Uint8Array(request.body),
      signal: AbortSignal.timeout(request.timeout_milliseconds),
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      headers: Object.fromEntries(response.headers),
      content: (await response.text()).replaceAll('\0', ''),
      timedOut: false,
      error: null,
    };
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    const reason = timedOut ? `Timeout of ${request.timeout_milliseconds} ms reached` : (error as Error).message;
    return { status: null, contentType: null, headers: null, content: null, timedOut, error: reason };
  }
}
