/** The stretch of time that a person asks for. */
import { z } from 'zod';

const LONGEST_MS = 366 * 86_400_000;

/** RFC 3339 with its offset, as an instant in UTC. */
export const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

/** What is wrong with a window, by field; null if nothing is. Half a window is none. */
function fault({ timeMin, timeMax }: Window): { path: string[]; message: string } | null {
  if ((timeMin === undefined) !== (timeMax === undefined)) {
    return { path: [timeMin === undefined ? 'timeMin' : 'timeMax'], message: 'required beside the other' };
  }
  if (timeMin === undefined || timeMax === undefined) return null;
  const length = Date.parse(timeMax) - Date.parse(timeMin);
  if (!(length > 0)) return { path: ['timeMax'], message: 'not after timeMin' };
  return length > LONGEST_MS ? { path: ['timeMax'], message: 'more than 366 days after timeMin' } : null;
}

interface Window {
  readonly timeMin?: string | undefined;
  readonly timeMax?: string | undefined;
}

/** `schema.superRefine(validWindow)` */
export function validWindow(value: Window, context: z.core.$RefinementCtx): void {
  const found = fault(value);
  if (found) context.addIssue({ code: 'custom', input: value, ...found });
}
