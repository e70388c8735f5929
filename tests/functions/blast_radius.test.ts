/** Each poison where it tells most; `npm run blast` tries every cell, and in full. */
import { blastRadius } from './blast_radius.ts';

const everyCell = Deno.env.get('MODE') === 'every-cell';

blastRadius(
  everyCell ? { cells: () => true, scale: 1 } : { cells: ({ telling }, step) => telling.includes(step), scale: 0.1 },
);
