/** Consents, authorization codes and tokens of all accounts, for the one client of the project. */
import { addAll, type Kept } from '../core/kept.ts';
import { type AccessToken as SharedAccessToken, Tokens } from '../core/tokens.ts';
import type { Settings } from './settings.ts';

const DAY = 86_400_000;
const CODE_LIFETIME = 10 * 60_000;
const UNUSED_LIFETIME = 180 * DAY;
const TESTING_LIFETIME = 7 * DAY;

export interface AuthorizationCode {
  readonly account: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly offline: boolean;
  /** `prompt=consent` was asked for: a refresh token comes again. */
  readonly consented: boolean;
  readonly challenge: string | null;
  readonly challengeMethod: 'S256' | 'plain';
  readonly nonce: string | null;
  readonly expiresAt: number;
}

export interface AccessToken extends SharedAccessToken {
  readonly offline: boolean;
}

interface RefreshToken {
  readonly account: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  usedAt: number;
}

interface Consent {
  scopes: Set<string>;
  gaveRefreshToken: boolean;
}

interface KeptGrants {
  readonly accessTokens: Map<string, AccessToken>;
  readonly refreshTokens: Map<string, RefreshToken>;
  readonly consents: Map<string, Consent>;
}

export class Grants extends Tokens<AuthorizationCode, AccessToken, RefreshToken> implements Kept<KeptGrants> {
  readonly #consents = new Map<string, Consent>();
  readonly #settings: Settings;

  /** `random` gives at least 32 unguessable characters. */
  constructor(settings: Settings, random: () => string) {
    super(random);
    this.#settings = settings;
  }

  kept() {
    return { ...this.keptTokens(), consents: this.#consents };
  }

  recall(value: KeptGrants): void {
    this.recallTokens(value);
    addAll(this.#consents, value.consents);
  }

  consentOf(account: string): ReadonlySet<string> {
    return this.#consents.get(account)?.scopes ?? new Set();
  }

  /** Records what the user agreed to and gives the code for it. */
  agree(code: Omit<AuthorizationCode, 'expiresAt'>, now: number): string {
    const consent = this.#consents.get(code.account) ?? { scopes: new Set(), gaveRefreshToken: false };
    for (const scope of code.scopes) consent.scopes.add(scope);
    this.#consents.set(code.account, consent);
    // Real codes contain a slash, which breaks clients that decode them twice.
    const text = `4/0A${this.random()}`;
    this.codes.set(text, { ...code, expiresAt: now + CODE_LIFETIME });
    return text;
  }

  /** A code works once, also for a caller that fails afterwards. */
  redeem(text: string, now: number): AuthorizationCode | null {
    const code = this.codes.get(text);
    this.codes.delete(text);
    return code && code.expiresAt > now ? code : null;
  }

  issueAccess(
    account: string,
    scopes: readonly string[],
    now: number,
    options: { actor: 'app' | 'user'; offline: boolean },
  ): {
    token: string;
    expiresIn: number;
  } {
    return this.keepAccess('ya29.a0', { account, scopes, ...options }, this.#settings.accessTokenSeconds, now);
  }

  /** Only on the first offline exchange of an account, or after `prompt=consent`. */
  issueRefreshFor(code: AuthorizationCode, now: number): string | null {
    const consent = this.#consents.get(code.account);
    if (!code.offline || !consent || (consent.gaveRefreshToken && !code.consented)) return null;
    consent.gaveRefreshToken = true;
    return this.#issueRefresh(code.account, code.scopes, now);
  }

  #issueRefresh(account: string, scopes: readonly string[], now: number): string {
    const token = `1//0${this.random()}`;
    this.refreshTokens.set(token, { account, scopes, createdAt: now, usedAt: now });
    const own = [...this.refreshTokens].filter(([, refresh]) => refresh.account === account);
    // The map keeps the order of issue: the oldest go first.
    for (const [oldest] of own.slice(0, Math.max(0, own.length - this.#settings.refreshTokenCap))) {
      this.refreshTokens.delete(oldest);
    }
    return token;
  }

  /** What a refresh token is good for; null if it is dead. A rotated one comes with its successor. */
  useRefresh(
    token: string,
    now: number,
  ): { account: string; scopes: readonly string[]; successor: string | null } | null {
    const refresh = this.refreshTokens.get(token);
    if (!refresh) return null;
    const testing = this.#settings.testingMode && refresh.scopes.some((scope) => scope.includes('/auth/calendar'));
    if (now - refresh.usedAt > UNUSED_LIFETIME || (testing && now - refresh.createdAt >= TESTING_LIFETIME)) {
      this.refreshTokens.delete(token);
      return null;
    }
    refresh.usedAt = now;
    if (!this.#settings.rotateRefreshTokens) {
      return { account: refresh.account, scopes: refresh.scopes, successor: null };
    }
    this.refreshTokens.delete(token);
    const successor = this.#issueRefresh(refresh.account, refresh.scopes, now);
    return { account: refresh.account, scopes: refresh.scopes, successor };
  }

  /** Revoking any token of an account ends its whole grant to the project. False if the token is unknown. */
  revoke(token: string): boolean {
    const account = this.accessTokens.get(token)?.account ?? this.refreshTokens.get(token)?.account;
    if (account === undefined) return false;
    this.revokeAccount(account);
    return true;
  }

  revokeAccount(account: string): void {
    for (const [token, access] of this.accessTokens) {
      if (access.account === account && access.actor === 'app') this.accessTokens.delete(token);
    }
    for (const [token, refresh] of this.refreshTokens) {
      if (refresh.account === account) this.refreshTokens.delete(token);
    }
    this.#consents.delete(account);
  }

  protected lives(): boolean {
    return true;
  }
}
