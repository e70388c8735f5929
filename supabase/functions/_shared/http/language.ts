/** Which of the two languages that people read. */
import type { Language } from '../vocabulary.ts';

export type { Language };

/** `fr` or `en`, by the q-values of an `Accept-Language` header; `fr` if neither is in it. */
export function languageOf(header: string | null): Language {
  let best: { language: Language; weight: number } = { language: 'fr', weight: 0 };
  for (const part of (header ?? '').split(',')) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
    const language = range.split('-')[0];
    if (language !== 'fr' && language !== 'en') continue;
    const quality = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    if (weight > best.weight) best = { language, weight };
  }
  return best.language;
}
