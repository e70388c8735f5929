/** Times that tests use: whole hours, so many days from today. */
import type { Entry } from './provider_stage.ts';

const DAY = 86_400_000;

/** A whole hour so many days from today, UTC. */
export function day(days: number, hour: number): string {
  const at = new Date(Date.now() + days * DAY);
  at.setUTCHours(hour, 0, 0, 0);
  return at.toISOString();
}

/** The date so many days from today. */
export function date(days: number): string {
  return day(days, 0).slice(0, 10);
}

/** An hour of tomorrow, UTC. */
export function tomorrow(hour: number): string {
  return day(1, hour);
}

export function timed(days: number, from: number, to: number): Entry {
  return { start: day(days, from), end: day(days, to) };
}

/** `to` is exclusive. */
export function wholeDays(from: number, to: number): Entry {
  return { firstDay: date(from), endDay: date(to) };
}
