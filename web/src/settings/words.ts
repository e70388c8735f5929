import { language } from '../words/i18n.ts';
import { typeset } from '../words/typeset.ts';
import type { fr } from './fr.ts';

export type SettingsWords = typeof fr;

export const words: SettingsWords = language === 'fr'
  ? typeset((await import('./fr.ts')).fr)
  : (await import('./en.ts')).en;
