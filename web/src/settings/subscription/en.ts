/** What the page of the subscription address says in English. */
import type { SubscriptionWords } from './words.ts';

export const en: SubscriptionWords = {
  title: 'Subscription',
  intro:
    'For a calendar that cannot be connected: a private, read-only address where it reads your appointments. It shows the last two weeks and the six months to come.',
  detail: 'What the address shows',
  detailHint: 'Anyone who has the address reads these appointments, without a password. “Busy” says the least.',
  heading: 'Your address',
  none: 'There is no address.',
  exists: (since) => `There has been an address since ${since}. It is not shown again: replace it if you need to.`,
  address: 'Subscription address',
  once: 'Copy it now: it is shown this once. In your calendar, choose “Subscribe to a calendar” and paste it.',
  copy: 'Copy',
  copied: 'Address copied',
  make: 'Create the address',
  replace: 'Replace the address',
  replaceTitle: 'Replace the address?',
  replaceText: 'The present address stops working at once: your calendars will have to subscribe to the new one.',
  end: 'End the subscription',
  endTitle: 'End the subscription?',
  endText: 'The address stops working at once. What a calendar has read already, it may keep for a while.',
  ended: 'The subscription has ended',
};
