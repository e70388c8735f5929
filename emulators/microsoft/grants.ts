/** Consents, authorization codes and tokens of all accounts, for the one app of the emulator. */
import { addAll, type Kept } from '../core/kept.ts';
import { type AccessToken, Tokens } from '../core/tokens.ts';
import type { Settings } from './settings.ts';

const DAY = 86_400_000;
const CODE_LIFETIME = 10 * 60_000;

export interface AuthorizationCode {
  readonly account: string;
  /** The tenant segment of the address: the code is good only there. */
  readonly tenant: string;
  /** What the app asked for, and what the person agreed to. */
  readonly requested: readonly string[];
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly challengeMethod: 'S256' | 'plain';
  readonly nonce: string | null;
  readonly expiresAt: number;
}

export type { AccessToken } from '../core/tokens.ts';

/** Whose grant it is, and how far it reaches. */
export type Grant = Pick<AuthorizationCode, 'account' | 'requested' | 'scopes'>;

interface RefreshToken {
  readonly account: string;
  readonly requested: readonly string[];
  readonly scopes: readonly string[];
  usedAt: number;
  /** When its successor was handed out. */
  replacedAt: number | null;
  /** AADSTS number of its end; null while it lives. */
  dead: number | null;
}

/** A number of {@link AADSTS} in place of what was asked for. */
export interface Refused {
  readonly refused: number;
}

interface KeptGrants {
  readonly accessTokens: Map<string, AccessToken>;
  readonly refreshTokens: Map<string, RefreshToken>;
  readonly consents: Map<string, Set<string>>;
}

export class Grants extends Tokens<AuthorizationCode & { used: boolean }, AccessToken, RefreshToken>
  implements Kept<KeptGrants> {
  readonly #consents = new Map<string, Set<string>>();
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
    return this.#consents.get(account) ?? new Set();
  }

  /** Records what the user agreed to and gives the code for it. */
  agree(code: Omit<AuthorizationCode, 'expiresAt'>, now: number): string {
    const consent = this.#consents.get(code.account) ?? new Set();
    for (const scope of code.scopes) consent.add(scope);
    this.#consents.set(code.account, consent);
    // Real codes contain characters that break clients which decode them twice.
    const text = `M.C5${this.random()}*${this.random()}!`;
    this.codes.set(text, { ...code, expiresAt: now + CODE_LIFETIME, used: false });
    return text;
  }

  /** A code works once, also for a caller that fails afterwards. */
  redeem(text: string, tenant: string, now: number): AuthorizationCode | Refused {
    const code = this.codes.get(text);
    if (!code) return { refused: 70000 };
    if (code.used) return { refused: 54005 };
    if (code.tenant !== tenant) return { refused: 700005 };
    code.used = true;
    return code.expiresAt > now ? code : { refused: 70008 };
  }

  issueAccess(
    account: string,
    scopes: readonly string[],
    now: number,
    actor: 'app' | 'user',
  ): { token: string; expiresIn: number } {
    return this.keepAccess('EwB', { account, scopes, actor }, this.#settings.accessTokenSeconds, now);
  }

  issueRefresh({ account, requested, scopes }: Grant, now: number): string {
    const token = `M.C5_BAY.0.U.-${this.random()}${this.random()}`;
    this.refreshTokens.set(token, { account, requested, scopes, usedAt: now, replacedAt: null, dead: null });
    return token;
  }

  /** Uses a refresh token; the caller hands out the successor. */
  useRefresh(text: string, now: number): Grant | Refused {
    const refresh = this.refreshTokens.get(text);
    if (!refresh) return { refused: 70000 };
    if (refresh.dead !== null) return { refused: refresh.dead };
    if (now - refresh.usedAt > this.#settings.refreshTokenDays * DAY) return { refused: 700082 };
    const grace = this.#settings.refreshReuseGraceSeconds;
    if (grace > 0 && refresh.replacedAt !== null && now - refresh.replacedAt > grace * 1000) return { refused: 70000 };
    refresh.usedAt = now;
    return refresh;
  }

  /** A successor of the token was handed out. */
  replaced(text: string, now: number): void {
    const refresh = this.refreshTokens.get(text);
    if (refresh) refresh.replacedAt ??= now;
  }

  /** Ends every refresh token of the account with that number, and its access tokens unless the settings spare them. */
  revokeAccount(account: string, aadsts = 50173): void {
    for (const refresh of this.refreshTokens.values()) {
      if (refresh.account === account) refresh.dead ??= aadsts;
    }
    this.#consents.delete(account);
    if (!this.#settings.accessOutlivesRevocation) this.expireAccessTokens(account);
  }

  protected lives({ dead }: RefreshToken): boolean {
    return dead === null;
  }
}
