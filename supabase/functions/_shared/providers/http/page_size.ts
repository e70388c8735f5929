/**
 * Pages that fit into memory. A page of too many bytes is given up on while it comes and asked for again with fewer entries;
 * the rest of that reading keeps to the smaller size, which its page tokens carry.
 */
import { AnswerTooLarge } from './exchange.ts';

/** A page takes its size in memory several times over, beside the one that is being stored. */
const PAGE_BYTES = 2 * 1024 * 1024;

export interface PageAsked {
  readonly size: number;
  /** As the provider gave it. */
  readonly token: string | null;
  /** Undefined for the smallest size: it has no other bound than any answer. */
  readonly mostBytes: number | undefined;
}

const SIZED = /^size=(\d{1,4});/;

/** `sizes` from the largest to the smallest. `nextToken` is the provider's; that of the answer is ours. */
export async function pageThatFits<Page extends { readonly nextToken: string | null }>(
  sizes: readonly number[],
  pageToken: string | null,
  ask: (asked: PageAsked) => Promise<Page>,
): Promise<Page> {
  const [prefix = '', given] = SIZED.exec(pageToken ?? '') ?? [];
  const token = pageToken === null ? null : pageToken.slice(prefix.length);
  const smaller = sizes.filter((size) => given === undefined || size <= Number(given));
  const left = smaller.length > 0 ? smaller : sizes.slice(-1);
  for (const [at, size] of left.entries()) {
    const isLast = at === left.length - 1;
    try {
      const page = await ask({ size, token, mostBytes: isLast ? undefined : PAGE_BYTES });
      const isFull = size === sizes[0] || page.nextToken === null;
      return isFull ? page : { ...page, nextToken: `size=${size};${page.nextToken}` };
    } catch (error) {
      if (!(error instanceof AnswerTooLarge) || isLast) throw error;
    }
  }
  throw new TypeError('Read a page: no page size is left');
}
