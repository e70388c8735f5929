/** The scheduler of the pg_cron stand-in: runs each job on time as the role that made it, never two runs of one job at once. */
import postgres from 'postgres';
import { warn } from './terminal.ts';
import { parseSchedule, type Schedule } from './cron_schedule.ts';

interface Job {
  readonly jobid: string;
  readonly schedule: string;
  readonly command: string;
  readonly database: string;
  readonly username: string;
  readonly jobname: string | null;
}

interface Entry {
  job: Job;
  schedule: Schedule;
  /** Runs that came due while one was going on, and the run itself. */
  waiting: number;
  running: Promise<void> | null;
  lastStart: number;
}

export interface Cron {
  /** Runs a job now and waits for its end; throws what the job threw. */
  run(jobName: string): Promise<void>;
  stop(): Promise<void>;
}

/** For a clock of one's own: look at the time, wait for what runs, and see which jobs are known (by name). */
export interface CronControls {
  tick(): void;
  idle(): Promise<void>;
  jobs(): string[];
}

export interface CronOptions {
  readonly adminUrl: string;
  /** The wall clock in milliseconds; tests put their own in and call `tick`. */
  readonly now?: () => number;
  /** Default true; false: no job runs but by `run`. */
  readonly scheduled?: boolean;
}

export async function startCron(options: CronOptions): Promise<Cron & CronControls> {
  const now = options.now ?? Date.now;
  const sql = postgres(options.adminUrl, {
    max: 3,
    onnotice: () => {},
    connection: { application_name: 'pg_cron scheduler' },
  });
  const entries = new Map<string, Entry>();
  let stopping = false;
  let lastMinute = Math.floor(now() / 60_000);
  let loading = Promise.resolve();

  const load = () =>
    loading = loading.then(read).catch((error) => {
      if (!stopping) warn(`Cannot read the cron jobs: ${(error as Error).message}`);
    });

  async function read(): Promise<void> {
    const [present] = await sql`select to_regclass('cron.job') is not null as yes`;
    const jobs = present!.yes ? await sql<Job[]>`select * from cron.job where active` : [];
    const seen = new Set(jobs.map((job) => job.jobid));
    for (const id of entries.keys()) if (!seen.has(id)) entries.delete(id);
    for (const job of jobs) {
      const known = entries.get(job.jobid);
      const schedule = parseSchedule(job.schedule);
      if (!known) entries.set(job.jobid, { job, schedule, waiting: 0, running: null, lastStart: now() });
      else Object.assign(known, { job, schedule });
    }
  }

  function tick(): void {
    const at = now();
    const minute = Math.floor(at / 60_000);
    for (const entry of entries.values()) {
      if (entry.schedule.kind === 'seconds') {
        if (!entry.running && at - entry.lastStart >= entry.schedule.every * 1000) start(entry);
      } else if (minute > lastMinute && entry.schedule.due(new Date(minute * 60_000))) start(entry);
    }
    lastMinute = Math.max(lastMinute, minute);
  }

  function start(entry: Entry): void {
    if (entry.running) {
      entry.waiting++;
      return;
    }
    entry.lastStart = now();
    entry.running = execute(entry.job).then(() => {}, () => {}).finally(() => {
      entry.running = null;
      if (entry.waiting > 0 && !stopping) {
        entry.waiting--;
        start(entry);
      }
    });
  }

  /** On a connection of its own, as the job's role; whatever happens is a row of cron.job_run_details. */
  async function execute(job: Job): Promise<void> {
    const url = new URL(options.adminUrl);
    url.pathname = `/${job.database}`;
    const own = postgres(url.href, { max: 1, onnotice: () => {}, connection: { application_name: 'pg_cron' } });
    const [details] = await sql`
      insert into cron.job_run_details (jobid, database, username, command, status, start_time)
      values (${job.jobid}, ${job.database}, ${job.username}, ${job.command}, 'running', clock_timestamp()) returning runid`;
    const finish = (status: string, message: string) =>
      sql`
        update cron.job_run_details set status = ${status}, return_message = ${message}, end_time = clock_timestamp()
        where runid = ${details!.runid}`;
    try {
      await own.unsafe(`set session authorization "${job.username.replaceAll('"', '""')}"`);
      const result = await own.unsafe(job.command) as unknown as
        | { command?: string; count?: number }
        | Array<{ command: string; count: number }>;
      const last = Array.isArray(result) && !('command' in result)
        ? result.at(-1)
        : result as { command?: string; count?: number };
      await finish(
        'succeeded',
        commandTag(last?.command ?? '', last?.count ?? 0),
      );
    } catch (error) {
      if (!stopping) await finish('failed', `ERROR: ${(error as Error).message}`);
      throw error;
    } finally {
      await own.end({ timeout: 1 });
    }
  }

  async function idle(): Promise<void> {
    await loading;
    for (;;) {
      const runs = [...entries.values()].map((entry) => entry.running).filter((run) => run !== null);
      if (runs.length === 0) return;
      await Promise.all(runs);
    }
  }

  await sql.listen('pg_cron_changed', load, load);
  await load();
  const timer = options.now || options.scheduled === false ? undefined : setInterval(tick, 250);

  return {
    tick,
    idle,
    jobs: () => [...entries.values()].map((entry) => entry.job.jobname ?? entry.job.jobid),
    async run(jobName) {
      await load();
      const entry = [...entries.values()].find((one) => one.job.jobname === jobName);
      if (!entry) throw new Error(`Cannot run the cron job ${jobName}: there is no active job of that name`);
      while (entry.running) await entry.running;
      let outcome: Promise<void> | undefined;
      entry.running = (outcome = execute(entry.job)).then(() => {}, () => {}).finally(() => entry.running = null);
      await outcome;
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      await sql.end({ timeout: 1 });
      await idle().catch(() => {});
    },
  };
}

/** How pg_cron reports a success: rows read in words, everything else as the server's own command tag. */
function commandTag(command: string, rows: number): string {
  if (command === 'SELECT') return `${rows} row${rows === 1 ? '' : 's'}`;
  if (command === 'INSERT') return `INSERT 0 ${rows}`;
  return `${command} ${rows}`.trim();
}
