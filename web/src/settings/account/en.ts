import type { AccountWords } from './words.ts';

const s = (count: number) => (count === 1 ? '' : 's');

export const en: AccountWords = {
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
