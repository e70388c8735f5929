import type { AccountWords } from './words.ts';

const s = (count: number) => (count === 1 ? '' : 's');

export const en: AccountWords = {
  connect: {
    intro:
      'Your Cassius appointments appear in your calendar and stay up to date there. Connecting the account sends nothing yet: you then choose the calendar and what the events show.',
    sentTitle: 'What is synced:',
    sent: [
      'the date, time and place of your appointments;',
      'their type, act, notes, the patient’s name and the practitioner’s: less if you choose so, down to a plain “busy”;',
      'a link back to Cassius;',
      'your events towards Cassius, only if you switch the import on.',
    ],
    neverTitle: 'What is never sent:',
    neverSent: [
      'an e-mail or an invitation, to anybody;',
      'contact details or the record of a patient;',
      'anything into another calendar than the one that you choose;',
      'a change of an event that Cassius did not create.',
    ],
    refusedTitle: 'The connection was not made',
    refusals: {
      CONSENT_REFUSED: 'You refused access on the consent page. You can start again whenever you like.',
      INSUFFICIENT_SCOPE:
        'A box was left unticked on the consent page. Start again and tick every box: without them, Cassius can neither read nor write your appointments in the calendar.',
      NEED_RECONSENT: 'The earlier permission no longer holds. Start again to give a new one.',
      OAUTH_STATE_INVALID:
        'This attempt expired, was used already, or was begun by another person. Start again from this page.',
    },
  },
  disconnect: {
    title: (account) => `Disconnect ${account}?`,
    text: (account) =>
      `The sync stops and Cassius forgets its access to ${account}. Your appointments stay in Cassius.`,
    eventsStay: (count) =>
      count === 1
        ? 'One event of Cassius stays there, with what it says of your patient, unless you remove it now: without access, Cassius cannot do so later.'
        : `${count} events of Cassius stay there, with what they say of your patients, unless you remove them now: without access, Cassius cannot do so later.`,
    noEvents: 'It holds no event of Cassius.',
    removeEvents: (count) =>
      count === 1 ? 'Also remove this event from the calendar' : `Also remove these ${count} events from the calendar`,
    removeImpossible: 'Not possible: access to the account has ended. Reconnect it first to remove them.',
    disconnected: 'Account disconnected',
  },
  other: {
    title: 'Another account',
    text: (before, after) =>
      `You gave access to ${after}, but ${before} is the connected account. Nothing has changed yet.`,
    textEnded: (before, after, count) =>
      `You gave access to ${after}. ${before}, connected before, still holds ${count} event${
        s(count)
      } of Cassius. Nothing has changed yet.`,
    question: 'What do you want to do?',
    removeAndReplace: (before, count) =>
      `Replace, and first remove the ${count === 1 ? 'event' : `${count} events`} from ${before}`,
    removeAndReplaceHint: (after) => `Then ${after} is connected. Nothing is written there before you agree.`,
    removeImpossible: (before) =>
      `Not possible: Cassius no longer has access to ${before}. Reconnect that account first, or remove these events yourself.`,
    replace: (count) =>
      count === 0 ? 'Replace' : `Replace, and leave the ${count === 1 ? 'event' : `${count} events`} where they are`,
    replaceHint: (before, after, count) =>
      count === 0
        ? `${after} is connected instead of ${before}. Nothing is written there before you agree.`
        : `What stays in ${before}, with what it says of your patients, is no longer followed by Cassius.`,
    keep: (before) => `Keep ${before}`,
    keepHint: (after) => `The access to ${after} is forgotten.`,
    keepEnded: (after) => `Do not connect ${after}`,
    confirm: 'Confirm',
    later: 'Later',
    waiting: (after) => `${after} waits for your decision.`,
    decide: 'Decide',
    replaced: (after) => `${after} is connected`,
    kept: (before) => `${before} stays connected`,
    keptEnded: (after) => `${after} is not connected`,
  },
};
