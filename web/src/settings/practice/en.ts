import type { PracticeWords } from './words.ts';

export const en: PracticeWords = {
  profile: {
    intro: 'What your colleagues and exported events say of you.',
    name: 'Display name',
    nameHint: 'It stands on your appointments and in the description of their events.',
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
};
