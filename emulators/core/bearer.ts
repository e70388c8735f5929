/** Who is calling, by the bearer token. */

/** The tokens of one emulator. */
interface Tokens<Token> {
  /** The token whether or not it is still good. */
  peek(text: string): Token | null;
  access(text: string, now: number): Token | null;
}

interface People<Account> {
  readonly accounts: ReadonlyMap<string, Account>;
}

export interface Bearer<Token, Account> {
  readonly token: Token;
  readonly account: Account;
}

function bearer(headers: Headers): string | null {
  return /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? null;
}

/** Whose token it is, good or not; null if it is unknown. */
export function holderOf<Token extends { readonly account: string }, Account>(
  headers: Headers,
  grants: Tokens<Token>,
  world: People<Account>,
): Bearer<Token, Account> | null {
  return found(bearer(headers), (text) => grants.peek(text), world);
}

/** The caller of a good token; `refused` makes the error for any other, and for none. */
export function callerOf<Token extends { readonly account: string }, Account>(
  headers: Headers,
  grants: Tokens<Token>,
  world: People<Account>,
  now: number,
  refused: (sent: boolean) => Error,
): Bearer<Token, Account> {
  const text = bearer(headers);
  const caller = found(text, (sent) => grants.access(sent, now), world);
  if (caller === null) throw refused(text !== null);
  return caller;
}

function found<Token extends { readonly account: string }, Account>(
  text: string | null,
  look: (text: string) => Token | null,
  world: People<Account>,
): Bearer<Token, Account> | null {
  const token = text === null ? null : look(text);
  const account = token ? world.accounts.get(token.account) : undefined;
  return token && account !== undefined ? { token, account } : null;
}
