import type { ErrorCode } from '../errors.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';

const MESSAGES = { fr, en };

/** What a person reads. */
export function errorMessage(code: ErrorCode, language: keyof typeof MESSAGES): string {
  return MESSAGES[language][code];
}
