/** Private events, as those see them who may not look into them. */
import type { EventContent } from '../../providers/port/content.ts';

/**
 * What an event of ours shows. Where only its time is shown (its calendar may only be read any more, and it is private), its
 * text is what it was when we knew it last. Our own always says something. Null where nothing was known.
 */
export function asFarAsShown(content: EventContent, known: EventContent | null): EventContent | null {
  const { title, description, location, visibility } = content;
  if (visibility !== 'private' || title !== '' || description !== '' || location !== '') return content;
  return known && { ...content, title: known.title, description: known.description, location: known.location };
}
