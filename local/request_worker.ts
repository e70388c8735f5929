/**
 * The worker of the pg_net stand-in. Like the real one: it wakes when a transaction that asked for it commits, takes at most 200 requests,
 * runs them together, writes the answers as they come, and starts the next batch when the whole batch is over. It never tries again.
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

export async function startRequestWorker(adminUrl: string): Promise<RequestWorker> {
  const sql = postgres(adminUrl, { max: 2, onnotice: () => {}, connection: { application_name: 'pg_net worker' } });
  let stopping = false;
  let woken = false;
  let working: Promise<void> | null = null;

  const wake = () => {
    woken = true;
    if (stopping || working) return;
    working = drain().catch((error) => {
      if (!stopping) warn(`Cannot send queued requests: ${(error as Error).message}`);
    }).finally(() => {
      working = null;
      if (woken && !stopping) wake();
    });
  };

  async function drain(): Promise<void> {
    for (woken = false; !stopping; woken = false) {
      if (await sendBatch(sql) === 0 && !woken) return;
    }
  }

  await sql.listen('pg_net_wake', wake, wake); // and once on every (re)connection, for what was queued before
  return {
    async stop() {
      stopping = true;
      await sql.end({ timeout: 1 });
      await working;
    },
  };
}

/** One transaction, as in the real worker: if it breaks in the middle, the requests are in the queue again. */
async function sendBatch(sql: postgres.Sql): Promise<number> {
  const [present] = await sql`select to_regclass('net.http_request_queue') is not null as yes`;
  if (!present!.yes) return 0;
  return await sql.begin(async (transaction) => {
    await transaction`
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
    return requests.length;
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
