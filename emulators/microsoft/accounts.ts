/** The people and calendars that exist after a reset. */
import type { AccountSeed, CalendarSeed } from './world.ts';

/** The tenant of every personal account. */
export const CONSUMER_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

export const ACCOUNTS: readonly AccountSeed[] = [
  {
    email: 'claire@outlook.test',
    name: 'Claire Lumière',
    kind: 'work',
    tenantId: '4f1d8a52-6a0c-4d6b-9b53-0d1c5a7e0001',
    objectId: '8c1f0a6e-3f0d-4a51-9d28-2f6f4b9a0001',
    timeZone: 'Romance Standard Time',
  },
  {
    email: 'marc@outlook.test',
    name: 'Marc Rivoli',
    kind: 'personal',
    tenantId: CONSUMER_TENANT,
    objectId: '00000000-0000-0000-5d2e-91c7b3f40002',
    timeZone: 'Romance Standard Time',
  },
];

/** Ids that tests and people can tell apart; real ones are longer. */
export const CALENDARS: readonly CalendarSeed[] = ACCOUNTS.flatMap(({ email, name }): CalendarSeed[] => {
  const user = email.slice(0, email.indexOf('@'));
  const id = (kind: string) => `AAMkAGViNDU7-${user}-${kind}_AAAAAAGtlAAA=`;
  return [
    { id: id('Calendar'), account: email, name: 'Calendrier', isDefault: true },
    { id: id('cabinet'), account: email, name: `Cabinet de ${name.split(' ')[0]}`, color: 'lightGreen' },
    {
      id: id('equipe'),
      account: email,
      name: 'Planning de l’équipe (lecture seule)',
      color: 'lightRed',
      canEdit: false,
      owner: { name: 'Équipe', address: `equipe-${user}@outlook.test` },
    },
  ];
});
