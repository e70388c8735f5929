/** The access tokens and refresh tokens of all accounts, for the one app of an emulator. */
import { addAll } from './kept.ts';

export interface AccessToken {
  readonly account: string;
  readonly scopes: readonly string[];
  expiresAt: number;
  /** `user`: the person at the provider's own calendar, not the app. */
  readonly actor: 'app' | 'user';
}

interface Owned {
  readonly account: string;
}

export abstract class Tokens<Code extends Owned, Access extends AccessToken, Refresh extends Owned> {
  protected readonly codes = new Map<string, Code>();
  protected readonly accessTokens = new Map<string, Access>();
  protected readonly refreshTokens = new Map<string, Refresh>();
  protected readonly random: () => string;
  #issued = 0;

  /** `random` gives at least 32 unguessable characters. */
  constructor(random: () => string) {
    this.random = random;
  }

  /** Keeps an access token; `lifetimes` are seconds, used in turn. */
  protected keepAccess(
    prefix: string,
    token: Omit<Access, 'expiresAt'>,
    lifetimes: readonly number[],
    now: number,
  ): { token: string; expiresIn: number } {
    const expiresIn = lifetimes[this.#issued++ % lifetimes.length] ?? 3599;
    const text = `${prefix}${this.random()}${this.random()}${this.random()}`;
    this.accessTokens.set(text, { ...token, expiresAt: now + expiresIn * 1000 } as Access);
    return { token: text, expiresIn };
  }

  /** The account behind a code or refresh token that is about to be used. */
  accountBehind(codeOrRefreshToken: string): string | null {
    return (this.codes.get(codeOrRefreshToken) ?? this.refreshTokens.get(codeOrRefreshToken))?.account ?? null;
  }

  /** The token whether or not it is still good. */
  peek(token: string): Access | null {
    return this.accessTokens.get(token) ?? null;
  }

  access(token: string, now: number): Access | null {
    const access = this.accessTokens.get(token);
    return access && access.expiresAt > now ? access : null;
  }

  expireAccessTokens(account: string | null): void {
    for (const access of this.accessTokens.values()) {
      if (access.actor === 'app' && (account === null || access.account === account)) access.expiresAt = 0;
    }
  }

  /** Tokens that the app could use now. */
  counts(account: string, now: number): { accessTokens: number; refreshTokens: number } {
    const access = [...this.accessTokens.values()].filter((token) =>
      token.account === account && token.actor === 'app' && token.expiresAt > now
    );
    const refresh = [...this.refreshTokens.values()].filter((token) => token.account === account && this.lives(token));
    return { accessTokens: access.length, refreshTokens: refresh.length };
  }

  protected keptTokens() {
    return { accessTokens: this.accessTokens, refreshTokens: this.refreshTokens };
  }

  protected recallTokens({ accessTokens, refreshTokens }: ReturnType<typeof this.keptTokens>): void {
    addAll(this.accessTokens, accessTokens);
    addAll(this.refreshTokens, refreshTokens);
  }

  protected abstract lives(token: Refresh): boolean;
}
