/** The two forms of event ids, change keys, and what tells an id from anything else. */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The default form: it names the calendar folder, so that it changes when the event moves. */
export function restId(number: number): string {
  return `AAMkAGI2TGULAAA-${scattered(number, 'r')}AAA=`;
}

/** The form that survives moves. */
export function immutableId(number: number): string {
  return `AAkALgAAAAAAHYQDEapmEc2byACqAC-${scattered(number, 'i')}AAA=`;
}

/** Letters that differ in many places, some of them only in case: ids are case-sensitive. */
function scattered(number: number, salt: string): string {
  let state = (number * 2_654_435_761 + salt.charCodeAt(0) * 40_503) >>> 0;
  let text = '';
  for (let place = 0; place < 12; place++) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + place) >>> 0;
    text += LETTERS[(state >>> 8) % 64];
  }
  return `${text}${number.toString(36).padStart(6, '0')}`;
}

/** The id of one occurrence of a series, made from an id of its master. */
export function occurrenceId(masterId: string, originalStart: number): string {
  return `${masterId.replace(/=+$/, '')}.occ${(originalStart / 60_000).toString(36)}=`;
}

/** The master's id and the original start behind an occurrence's id; null for any other id. */
export function partsOfOccurrenceId(id: string): { masterId: string; originalStart: number } | null {
  const match = /^(.+)\.occ(-?[0-9a-z]+)=$/.exec(id);
  if (!match) return null;
  return { masterId: `${match[1]}=`, originalStart: Number.parseInt(match[2] ?? '', 36) * 60_000 };
}

export function isIdShaped(id: string): boolean {
  return /^AA[A-Za-z0-9_.-]{8,}=*$/.test(id);
}

/** With slash, plus and equals sign, which break clients that put it into a URL or compare it decoded. */
export function changeKey(version: number): string {
  return `EZ9r3czxY0m2jz8c45czkw/+${btoa(String(version).padStart(9, '0'))}==`;
}

export function etag(version: number): string {
  return `W/"${changeKey(version)}"`;
}
