/** The people and calendars that exist after a reset. */
import type { Account, CalendarSeed } from './world.ts';

export const ACCOUNTS: ReadonlyArray<Omit<Account, 'list'>> = [
  { email: 'claire@gmail.test', name: 'Claire Lumière', sub: '104815162342000000001' },
  { email: 'marc@gmail.test', name: 'Marc Rivoli', sub: '104815162342000000002' },
];

export const CALENDARS: readonly CalendarSeed[] = ACCOUNTS.flatMap(({ email, name }): CalendarSeed[] => {
  const user = email.slice(0, email.indexOf('@'));
  return [
    {
      id: email,
      summary: email,
      owner: email,
      access: { [email]: 'owner' },
      primary: true,
      color: { id: '14', background: '#9fe1e7' },
    },
    {
      id: `${user}-cabinet@group.calendar.google.com`,
      summary: `Cabinet de ${name.split(' ')[0]}`,
      owner: email,
      access: { [email]: 'owner' },
      color: { id: '9', background: '#7bd148' },
    },
    {
      id: `${user}-equipe@group.calendar.google.com`,
      summary: 'Planning de l’équipe (lecture seule)',
      owner: `equipe-${user}@gmail.test`,
      access: { [email]: 'reader' },
      color: { id: '2', background: '#d06b64' },
    },
  ];
});
