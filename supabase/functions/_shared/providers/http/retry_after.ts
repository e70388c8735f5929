const LONGEST_SECONDS = 86_400;

/**
 * Seconds to wait from a `Retry-After` header: a number of seconds, which may have a fraction, or an HTTP date. Null
 * where there is none or it says nothing. Never negative, never more than a day: a broken header must not stop an
 * account for good.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterSeconds(header: string | null, nowMs: number): number | null {
  const value = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Math.min(Math.ceil(Number(value)), LONGEST_SECONDS);
  // Date.parse takes far more than HTTP dates, bare numbers with a sign among it.
  if (!/^[A-Za-z]{3},? /.test(value)) return null;
  const at = Date.parse(value);
  if (Number.isNaN(at)) return null;
  return Math.min(Math.max(Math.ceil((at - nowMs) / 1000), 0), LONGEST_SECONDS);
}
