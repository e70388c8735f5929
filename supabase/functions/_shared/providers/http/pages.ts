import { z } from 'zod';
import { unreadable } from './answer_json.ts';

/** Far above any real list: a server that pages in circles must end somewhere. */
const MOST_PAGES = 200;

export interface ListPage {
  /** Not looked at yet. */
  readonly entries: unknown[];
  /** Null on the last page. */
  readonly next: string | null;
}

/** Every page or an error, never a part. A page may be empty and still not be the last. */
export async function everyPage<Item>(
  operation: string,
  item: z.ZodType<Item>,
  read: (next: string | null) => Promise<ListPage>,
): Promise<Item[]> {
  const items: Item[] = [];
  const seen = new Set<string>();
  let next: string | null = null;
  do {
    const page: ListPage = await read(next);
    const entries = z.array(item).safeParse(page.entries);
    if (!entries.success) throw unreadable(operation, 'an entry of the list cannot be understood');
    items.push(...entries.data);
    next = page.next;
    if (next === null) return items;
    if (seen.has(next)) throw unreadable(operation, 'the same page came twice');
    seen.add(next);
  } while (seen.size < MOST_PAGES);
  throw unreadable(operation, `the list has more than ${MOST_PAGES} pages`);
}
