/** Names of those figures of a fleet that `scripts/capacity.ts` looks for in a run's JSON. */

/** What happens in a working day. */
export const MIX = ['booking', 'change', 'poll'] as const;
export type MixPart = typeof MIX[number];

const WORDS: Readonly<Record<MixPart, string>> = {
  booking: 'an appointment written here',
  change: 'a change in a calendar',
  poll: 'a poll that finds nothing',
};

export const MINUTE = {
  calendars: 'connected calendars',
  cpu: (part: MixPart) => `${WORDS[part]}: database CPU`,
  requests: (part: MixPart) => `${WORDS[part]}: requests to the provider`,
  units: (part: MixPart) => `${WORDS[part]}: quota units`,
  invocations: (part: MixPart) => `${WORDS[part]}: invocations of functions`,
  idleCpu: 'a minute in which nothing happens: database CPU',
  idleInvocations: 'a minute in which nothing happens: invocations',
} as const;

export const NEIGHBOUR = { bytes: 'an exported appointment on the disk, with its indexes' } as const;
