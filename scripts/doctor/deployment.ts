/** The deployment under examination: its database and its functions, reached by address and secret key alone. */
import type { SelfReport } from '../../supabase/functions/_shared/http/self_report.ts';

/** As `public.sync_health` answers. */
export interface Health {
  readonly sealing: {
    readonly scheme: string | null;
    readonly keyPresent: boolean;
    readonly keyFits: boolean;
    readonly fallback: boolean;
  };
  readonly extensions: Readonly<Record<string, string>>;
  readonly nudgeConfigured: boolean;
  readonly pauses: ReadonlyArray<{ readonly scope: string; readonly key: string; readonly since: string }>;
  readonly oldestDueSeconds: number | null;
  readonly mostOverduePollSeconds: number | null;
  readonly calendarsFailing: number;
}

/** As `public.deployment_facts` answers. */
export interface Facts {
  readonly clock: string;
  readonly postgres: string;
  readonly functionsUrl: string | null;
  readonly jobs: ReadonlyArray<{
    readonly name: string;
    readonly active: boolean;
    readonly lastStatus: string | null;
    readonly secondsAgo: number | null;
  }>;
  readonly connections: Readonly<Record<string, number>>;
  readonly throttled: Readonly<Record<string, number>>;
  readonly channelsRefused: number;
}

/** Milliseconds by which a clock is before this machine's, and how much of that the way there may account for. */
export interface ClockReading {
  readonly ahead: number;
  readonly doubt: number;
}

export type FunctionAnswer =
  | { readonly kind: 'report'; readonly report: SelfReport; readonly clock: ClockReading }
  /** `absent`: no such function is deployed; `older`: one that does not know this question. */
  | { readonly kind: 'absent' | 'older' | 'refused' | 'keyless' | 'broken' };

export class Unreachable extends Error {
  constructor(readonly status: number | null) {
    super('The deployment does not answer');
  }
}

const TIMEOUT_MS = 20_000;

export class Deployment {
  /** @param url of the project, without a slash at its end */
  constructor(readonly url: string, private readonly secretKey: string) {}

  /** @throws {Unreachable} */
  async call<T>(name: string, body: unknown = {}): Promise<T> {
    const answer = await fetch(`${this.url}/rest/v1/rpc/${name}`, {
      method: 'POST',
      headers: { apikey: this.secretKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null);
    if (answer === null) throw new Unreachable(null);
    if (answer.ok) return await answer.json() as T;
    await answer.body?.cancel();
    throw new Unreachable(answer.status);
  }

  /** The database's facts, and its clock. */
  async facts(): Promise<{ facts: Facts; clock: ClockReading }> {
    const [facts, clock] = await timed(async () => {
      const facts = await this.call<Facts>('deployment_facts');
      return [facts, facts.clock] as const;
    });
    return { facts, clock };
  }

  async ask(name: string): Promise<FunctionAnswer> {
    try {
      const [answer, clock] = await timed(async () => {
        const response = await fetch(`${this.url}/functions/v1/${name}/health`, {
          headers: { apikey: this.secretKey },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const body = await response.json().catch(() => null) as Partial<SelfReport> & { error?: string } | null;
        return [{ status: response.status, body }, body?.at ?? new Date(0).toISOString()] as const;
      });
      const { status, body } = answer;
      if (status === 200 && Array.isArray(body?.variables)) {
        return { kind: 'report', report: body as SelfReport, clock };
      }
      if (status === 401) return { kind: 'refused' };
      if (status === 404) return { kind: body?.error === undefined ? 'absent' : 'older' };
      return { kind: body?.error === 'CONFIGURATION_ERROR' ? 'keyless' : 'broken' };
    } catch {
      return { kind: 'broken' };
    }
  }
}

async function timed<T>(ask: () => Promise<readonly [T, string]>): Promise<readonly [T, ClockReading]> {
  const before = Date.now();
  const [answer, at] = await ask();
  const after = Date.now();
  return [answer, { ahead: Date.parse(at) - (before + after) / 2, doubt: (after - before) / 2 }];
}
