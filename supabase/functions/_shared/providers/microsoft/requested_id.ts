/**
 * Whether an id is one that we asked for, not one that Graph gave: of lower-case letters and digits only. Graph's are
 * much longer and start with capitals.
 */
export function isRequested(eventId: string): boolean {
  return /^[0-9a-z]{1,64}$/.test(eventId);
}
