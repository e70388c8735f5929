/** Text that Postgres can keep. What a caller sends and cannot be kept is refused here, never mended: it has no honest use. */

/** No NUL, and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/**
 * Where in `value`, as JSON gives it, a text or a name cannot be kept; null if all can. Without recursion: the depth of what
 * a caller sends has no bound.
 */
export function findUnstorable(value: unknown): ReadonlyArray<string | number> | null {
  const waiting: Array<{ path: ReadonlyArray<string | number>; value: unknown }> = [{ path: [], value }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { path, value } = next;
    if (typeof value === 'string' && !isStorable(value)) return path;
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      if (!isStorable(name)) return path;
      waiting.push({
        path: path.length < 8 ? [...path, Array.isArray(value) ? Number(name) : name] : path,
        value: inner,
      });
    }
  }
  return null;
}
