import { language } from '../../words/i18n.ts';
import { typeset } from '../../words/typeset.ts';
import type { fr } from './fr.ts';

export type SubscriptionWords = typeof fr;

export const words: SubscriptionWords = language === 'fr'
  ? typeset((await import('./fr.ts')).fr)
  : (await import('./en.ts')).en;
