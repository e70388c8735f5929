/** The words that the sync itself writes into an event, in the practice's language. */
import type { Language } from '../../vocabulary.ts';

interface EventWords {
  /** The title of an event that says nothing else. */
  readonly busy: string;
  /** The title where the template comes to nothing. */
  readonly appointment: string;
  /** Lines of ours begin with them. */
  readonly practitioner: string;
  readonly act: string;
}

export const EVENT_WORDS: Readonly<Record<Language, EventWords>> = {
  fr: { busy: 'Occupé', appointment: 'Rendez-vous', practitioner: 'Praticien : ', act: 'Acte : ' },
  en: { busy: 'Busy', appointment: 'Appointment', practitioner: 'Practitioner: ', act: 'Treatment: ' },
};
