/** How an account is opened. A part that is missing is one that the provider does not have. */

export interface Credential {
  readonly accessToken: string;
  /** Seconds for which the access token is good, from when the answer arrived. */
  readonly expiresInSeconds: number;
  /** Missing where the provider sent none: the stored one stays. */
  readonly refreshToken?: string;
  /**
   * Normalised: lower case where the provider ignores case, sorted, no duplicates. Empty where a refresh named none:
   * the stored ones stay.
   */
  readonly scopes: readonly string[];
}

export interface AccountIdentity {
  /** Stable and never reused; never an e-mail address. */
  readonly subject: string;
  readonly email: string | null;
}

/**
 * Gives what a request proves itself with: an access token, or a password that the account's owner made for us. `renew` is
 * called once when the provider refused the current one.
 */
export interface ConnectionHandle {
  readonly accessToken: () => Promise<string>;
  readonly renew: () => Promise<string>;
}

export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly state: string;
  /** PKCE S256 challenge. */
  readonly codeChallenge: string;
  readonly loginHint?: string;
}

export interface AuthorizationAnswer {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

/** Accounts that are opened by a consent on the provider's own page (OAuth 2). */
export interface OAuthAccess {
  /** The address of the consent page. */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  /**
   * @throws {ProviderError} `OAUTH_STATE_INVALID` (restart the flow), `CONSENT_REFUSED`, `INSUFFICIENT_SCOPE`,
   * `CONFIGURATION_ERROR`, `PROVIDER_UNAVAILABLE`, `UNEXPECTED_RESPONSE`
   */
  completeAuthorization(answer: AuthorizationAnswer): Promise<{ credential: Credential; account: AccountIdentity }>;
  /** @throws {ProviderError} `NEED_RECONSENT` only on proof from the token endpoint */
  refresh(refreshToken: string): Promise<Credential>;
  /** Never throws for a token that is dead already. `unsupported` where the provider takes no grant back. */
  revoke(token: string): Promise<'revoked' | 'unsupported'>;
}
