/** The page to go to after signing in: a path of this origin, whatever the address claims. */
export function safeReturnPath(claimed: string | null, origin: string): string {
  if (claimed === null) return '/';
  try {
    const url = new URL(claimed, origin);
    return url.origin !== origin || url.pathname === '/login' ? '/' : url.pathname + url.search;
  } catch {
    return '/';
  }
}
