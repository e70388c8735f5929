/** What both engines need of a connection's tokens in the database. */
import type { ErrorCode } from '../../errors.ts';
import type { Credential } from '../../providers/port/account.ts';

export interface StoredCredential {
  readonly version: number;
  /** Null when it is not good for another minute. */
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
}

export interface CredentialStore {
  /**
   * Null if the connection has no credential (any more).
   *
   * @throws {SyncError} `CREDENTIAL_UNREADABLE` (its token does not open, and its person has been told);
   * `CONFIGURATION_ERROR` (no token opens: the key is another one)
   */
  open(integrationId: string): Promise<StoredCredential | null>;
  /** Stores if the version is still the expected one; otherwise gives the winner's token (null if the credential is gone). */
  renewed(
    integrationId: string,
    expectedVersion: number,
    credential: Credential,
  ): Promise<{ stored: boolean; version: number; accessToken: string | null }>;
  /** False, and no change, if the version is no longer the expected one. */
  reconnectRequired(integrationId: string, expectedVersion: number, code: ErrorCode, message: string): Promise<boolean>;
}
