import { oneLine, TEXT_LIMITS } from '../../text.ts';
import { cutForHtml } from '../html_text.ts';
import { type FieldRules, normalized, settled, wholeSeconds } from '../normal_content.ts';
import type { EventContent } from '../port/content.ts';

/** Begins and ends Google's own block about the video conference, in lines such as `-::~:~::~:~::~:~::-`. */
const CONFERENCE = '-::~:~::';

/** Google cuts descriptions at its bound without a word. */
const RULES: FieldRules = {
  title: (text) => settled(text, TEXT_LIMITS.title, oneLine),
  description: (text) => settled(text, TEXT_LIMITS.description, describable),
  location: (text) => settled(text, TEXT_LIMITS.location, (kept) => kept),
  time: wholeSeconds,
};

/**
 * The content, or the changed fields of it, as Google hands it back. Idempotent: what is sent, read and compared all went
 * through here, so Google's cuts and our own never look like a person's edit.
 */
export function normalContent<Fields extends Partial<EventContent>>(fields: Fields): Fields {
  return normalized(fields, RULES);
}

/** Descriptions are written as HTML, which may be longer than the text and is what Google bounds. */
function describable(text: string): string {
  return cutForHtml(withoutConference(text).trim(), TEXT_LIMITS.description);
}

function withoutConference(text: string): string {
  let kept = '';
  let from = 0;
  while (true) {
    const opening = text.indexOf(CONFERENCE, from);
    const closing = opening < 0 ? -1 : text.indexOf(CONFERENCE, lineEnd(text, opening));
    if (closing < 0) return kept + text.slice(from);
    kept += text.slice(from, opening);
    from = lineEnd(text, closing);
  }
}

/** Where a line of the block that begins here ends. */
function lineEnd(text: string, begins: number): number {
  let end = begins;
  while (end < text.length && '-:~'.includes(text.charAt(end))) end += 1;
  return end;
}
