/** The stretch of time that a person asks for. */
import * as z from 'zod/mini';

const LONGEST_MS = 366 * 86_400_000;

/** RFC 3339 with its offset, as an instant in UTC. */
export const instant = z.pipe(
  z.iso.datetime({ offset: true }),
  z.transform((text: string) => new Date(text).toISOString()),
);

interface Window {
  readonly timeMin?: string | undefined;
  readonly timeMax?: string | undefined;
}

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

/** `schema.check(validWindow)` */
export const validWindow = z.superRefine<Window>((value, context) => {
  const found = fault(value);
  if (found) context.addIssue({ code: 'custom', input: value, ...found });
});
