import { language } from '../../words/i18n.ts';
import { typeset } from '../../words/typeset.ts';
import type { fr } from './fr.ts';

export type PracticeWords = typeof fr;

export const words: PracticeWords = language === 'fr'
  ? typeset((await import('./fr.ts')).fr)
  : (await import('./en.ts')).en;
