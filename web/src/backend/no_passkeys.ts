/**
 * Replaces, in the build, the parts of the Auth client that sign in with passkeys or wallets: this page signs in with a password,
 * and those parts are a tenth of all its code. The names are those that the Auth client imports.
 */
function unused(): never {
  throw new Error('Sign in: only passwords are built into this page');
}

export const browserSupportsWebAuthn = () => false;
export const createCredential = unused;
export const getCredential = unused;
export const deserializeCredentialCreationOptions = unused;
export const deserializeCredentialRequestOptions = unused;
export const serializeCredentialCreationResponse = unused;
export const serializeCredentialRequestResponse = unused;
export const createSiweMessage = unused;
export const fromHex = unused;
export const getAddress = unused;
export const toHex = unused;
export const webAuthnAbortService = { createNewAbortSignal: unused, cancelCeremony: unused };
/** The Auth client makes one when it starts, and asks nothing of it. */
export class WebAuthnApi {}
