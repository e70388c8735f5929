import { language } from '../../words/i18n.ts';
import { typeset } from '../../words/typeset.ts';
import type { fr } from './fr.ts';

export type JournalWords = typeof fr;

export const words: JournalWords = language === 'fr'
  ? typeset((await import('./fr.ts')).fr)
  : (await import('./en.ts')).en;
