/** What a bench gives back, and the few statistics that it needs. */
import type postgres from 'postgres';
import type { Stack } from '../local/stack.ts';
import type { Bound, ProviderStage } from './provider_stage.ts';

export interface BenchContext {
  readonly stack: Stack;
  readonly stage: ProviderStage;
  /** One connection as superuser: session settings stay. */
  readonly sql: postgres.Sql;
  /** Smaller sizes: shows that a bench works, proves no target. */
  readonly quick: boolean;
  /** Connected calendars where a bench is about many, instead of its own number. */
  readonly calendars: number | null;
  /** Quotas in real time. */
  readonly full: boolean;
  readonly say: (line: string) => void;
}

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}

/** A target of the product against what this run measured. */
export interface Claim {
  readonly what: string;
  readonly measured: number;
  readonly target: string;
  readonly met: boolean;
}

export interface BenchReport {
  readonly figures: readonly Figure[];
  readonly claims: readonly Claim[];
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  /** What is measured is between us and the provider: it is measured with each. */
  readonly perProvider: boolean;
  run(context: BenchContext): Promise<BenchReport>;
}

export function atMost(what: string, measured: number, limit: number): Claim {
  return { what, measured, target: `≤ ${limit}`, met: measured <= limit };
}

export function atLeast(what: string, measured: number, limit: number): Claim {
  return { what, measured, target: `≥ ${limit}`, met: measured >= limit };
}

/** At least what this provider's own limits allow, with the reason. */
export function atLeastFor(what: string, measured: number, { limit, because }: Bound): Claim {
  const claim = atLeast(what, measured, limit);
  return because === undefined ? claim : { ...claim, target: `${claim.target}: ${because}` };
}

/** At most what this provider's own limits allow, with the reason. */
export function atMostFor(what: string, measured: number, { limit, because }: Bound): Claim {
  const claim = atMost(what, measured, limit);
  return because === undefined ? claim : { ...claim, target: `${claim.target}: ${because}` };
}

export function exactly(what: string, measured: number, wanted: number): Claim {
  return { what, measured, target: `= ${wanted}`, met: measured === wanted };
}

/** The value below which a share of the values lies, by nearest rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Milliseconds that the work took. */
export async function timed(work: () => PromiseLike<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Looks again and again until the condition holds; throws after `limitMs`. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  { everyMs = 20, limitMs = 60_000 }: { everyMs?: number; limitMs?: number } = {},
): Promise<void> {
  const started = performance.now();
  while (!await holds()) {
    if (performance.now() - started > limitMs) throw new Error(`Wait for ${what}: not so after ${limitMs} ms`);
    if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
