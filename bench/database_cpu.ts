/** What Postgres itself spends: the CPU of all its processes, as Linux tells it. */
import type postgres from 'postgres';
import { sum } from './measure.ts';

/** Kernel ticks a second, as /proc counts CPU on every Linux that matters. */
const TICKS = 100;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly own: number;
  /** Of its children that have ended. */
  readonly ended: number;
}

export class DatabaseCpu {
  readonly #server: number;
  readonly #observer: number;

  private constructor(server: number, observer: number) {
    this.#server = server;
    this.#observer = observer;
  }

  /** `sql` is the bench's own connection: what it asks is not what is measured. Null where the system does not tell. */
  static async of(sql: postgres.Sql): Promise<DatabaseCpu | null> {
    const [row] = await sql`select pg_backend_pid() as pid`;
    const backend = readProcess(row!.pid);
    return backend && new DatabaseCpu(backend.parent, backend.pid);
  }

  /** Milliseconds since the server began, without the bench's own connection. */
  total(): number {
    return this.#all() - this.observer();
  }

  /** Milliseconds of the bench's own connection. */
  observer(): number {
    return readProcess(this.#observer)?.own ?? NaN;
  }

  #all(): number {
    const server = readProcess(this.#server);
    if (server === null) return NaN;
    const children = [...Deno.readDirSync('/proc')]
      .map(({ name }) => /^\d+$/.test(name) ? readProcess(Number(name)) : null)
      .filter((process) => process?.parent === this.#server);
    return server.own + server.ended + sum(children.map((process) => process!.own));
  }
}

function readProcess(pid: number): Process | null {
  try {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ');
    const ms = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) * 1000 / TICKS;
    return { pid, parent: Number(fields[1]), own: ms(11), ended: ms(13) };
  } catch {
    return null;
  }
}
