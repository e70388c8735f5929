import { language } from '../words/i18n.ts';
import type { fr } from './fr.ts';

export type ConflictWords = typeof fr;

export const words: ConflictWords = language === 'fr' ? (await import('./fr.ts')).fr : (await import('./en.ts')).en;
