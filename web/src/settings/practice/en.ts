import type { PracticeWords } from './words.ts';

const s = (count: number) => (count === 1 ? '' : 's');

export const en: PracticeWords = {
  profile: {
    intro: 'What your colleagues and exported events say of you.',
    name: 'Display name',
    nameHint: 'It stands on your appointments and in the description of their events.',
    initials: 'Initials',
    initialsHint: 'Three characters at most. Empty: those of the name.',
    color: 'Colour in the calendar',
    colorHint: 'Initials and colour mark your appointments, for the whole practice.',
    colors: {
      1: 'Pine',
      2: 'Blue',
      3: 'Violet',
      4: 'Pink',
      5: 'Orange',
      6: 'Green',
      7: 'Indigo',
      8: 'Red',
      9: 'Cyan',
      10: 'Olive',
    },
    email: 'E-mail address',
    role: 'Role in the practice',
    roles: { admin: 'Administrator', practitioner: 'Practitioner', secretary: 'Front desk' },
    language: 'Interface language',
    languages: { fr: 'Français', en: 'English' },
  },
  organisation: {
    intro: 'These settings hold for the whole practice.',
    readOnly: 'Only an administrator of the practice can change these settings.',
    name: 'Name of the practice',
    zone: 'Time zone',
    zoneHint: (time) => `All times are shown in this zone. It is ${time} there.`,
    zoneUnknown: 'This time zone does not exist: choose one from the list',
    duration: 'Default length',
    minutes: 'minutes',
    durationHint: 'For the event of an appointment that has no end.',
    titleHeading: 'Title of exported events',
    template: 'Title template',
    templateHint: 'Insert what you want; what an appointment lacks disappears together with its separator.',
    insert: (what) => `Insert: ${what}`,
    placeholders: {
      type: 'type',
      patient: 'patient',
      practitioner: 'practitioner',
      act: 'act',
      location: 'place',
    },
    unknownPlaceholder: (names) => `Unknown, left as it is: ${names}`,
    preview: 'Preview',
    rewrites: 'Events already sent will be updated.',
  },
  members: {
    heading: 'Members of the practice',
    you: 'you',
    noLogin: 'no access to Cassius',
    roleOf: (name) => `Role of ${name}`,
    change: 'Change the role',
    changed: (name, role) => `${name}: ${role}`,
    becomesAdmin: 'Will be able to change the practice’s settings and manage its members.',
    noLongerAdmin: 'Will no longer be able to change the practice’s settings or manage its members.',
    ownOnly:
      'Their own calendar will receive their own appointments only: if it received the whole practice’s, those of colleagues are removed from it.',
    roleChanges: 'The role changes at once.',
    yourself: 'This is you: only another administrator could take it back.',
    lastAdministrator:
      'The only administrator of the practice: name another before this role is changed or this person removed.',
    remove: 'Remove',
    removeNamed: (name) => `Remove ${name}`,
    removeTitle: (name) => `Remove ${name} from the practice?`,
    removeText:
      'This person loses access to the practice at once, and nothing more is sent to their calendars. The appointments stay in Cassius.',
    noConnections: 'No calendar is connected.',
    connection: (calendar, account, events) =>
      `${calendar}, ${account}: ${events === 0 ? 'no event' : `${events} event${s(events)}`} of Cassius`,
    unreachable: 'Cassius no longer has access to this account: these events will stay there.',
    removeEvents: (count) =>
      count === 1 ? 'Also remove the event from their calendar' : `Also remove the ${count} events from their calendar`,
    removeEventsHint:
      'Otherwise they stay there, with what they say of your patients, and Cassius can no longer remove them.',
    removed: (name) => `${name} no longer belongs to the practice`,
    removing: (name, count) => `${name} no longer belongs to the practice; ${count} event${s(count)} being removed`,
  },
};
