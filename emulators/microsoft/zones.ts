/** The names of time zones that a mailbox knows: Windows' own and those of IANA. */
import { isZone } from '../core/times.ts';

/** Windows name → the IANA zone that it maps to. */
const WINDOWS_ZONES: Readonly<Record<string, string>> = {
  'Arabian Standard Time': 'Asia/Dubai',
  'Argentina Standard Time': 'America/Buenos_Aires',
  'Atlantic Standard Time': 'America/Halifax',
  'AUS Eastern Standard Time': 'Australia/Sydney',
  'Canada Central Standard Time': 'America/Regina',
  'Central Europe Standard Time': 'Europe/Budapest',
  'Central European Standard Time': 'Europe/Warsaw',
  'Central Standard Time': 'America/Chicago',
  'China Standard Time': 'Asia/Shanghai',
  'E. Africa Standard Time': 'Africa/Nairobi',
  'E. South America Standard Time': 'America/Sao_Paulo',
  'Eastern Standard Time': 'America/New_York',
  'Egypt Standard Time': 'Africa/Cairo',
  'FLE Standard Time': 'Europe/Kiev',
  'GMT Standard Time': 'Europe/London',
  'Greenwich Standard Time': 'Atlantic/Reykjavik',
  'GTB Standard Time': 'Europe/Bucharest',
  'Hawaiian Standard Time': 'Pacific/Honolulu',
  'India Standard Time': 'Asia/Calcutta',
  'Israel Standard Time': 'Asia/Jerusalem',
  'Mauritius Standard Time': 'Indian/Mauritius',
  'Morocco Standard Time': 'Africa/Casablanca',
  'Mountain Standard Time': 'America/Denver',
  'Nepal Standard Time': 'Asia/Katmandu',
  'New Zealand Standard Time': 'Pacific/Auckland',
  'Newfoundland Standard Time': 'America/St_Johns',
  'Pacific Standard Time': 'America/Los_Angeles',
  'Romance Standard Time': 'Europe/Paris',
  'Russian Standard Time': 'Europe/Moscow',
  'SA Western Standard Time': 'America/La_Paz',
  'Samoa Standard Time': 'Pacific/Apia',
  'Singapore Standard Time': 'Asia/Singapore',
  'South Africa Standard Time': 'Africa/Johannesburg',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'Turkey Standard Time': 'Europe/Istanbul',
  'US Mountain Standard Time': 'America/Phoenix',
  'UTC': 'UTC',
  'W. Central Africa Standard Time': 'Africa/Lagos',
  'W. Europe Standard Time': 'Europe/Berlin',
  'West Pacific Standard Time': 'Pacific/Port_Moresby',
};

/** The IANA zone of a name that the mailbox knows; null for any other. */
export function ianaZone(name: string): string | null {
  const windows = WINDOWS_ZONES[name];
  if (windows !== undefined) return windows;
  const looksIana = /^[A-Z][A-Za-z_]+(\/[A-Za-z0-9_+-]+)+$/.test(name) || name === 'Etc/UTC';
  return looksIana && isZone(name) ? name : null;
}

/** Answers `supportedTimeZones`, by Windows names unless asked for IANA's. */
export function supportedTimeZones(iana: boolean): { alias: string; displayName: string }[] {
  const names = iana ? Intl.supportedValuesOf('timeZone') : Object.keys(WINDOWS_ZONES);
  return names.map((alias) => ({ alias, displayName: alias }));
}
