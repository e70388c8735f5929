/** Consents under way: one row a state, found by hash, used once. */
import { z } from 'zod';
import type { Rpc } from './rpc.ts';

/** The person for whom something is done. Both come from the JWT and the membership table, never from a request. */
export interface Owner {
  readonly organisationId: string;
  readonly userId: string;
}

const redeemed = z.object({
  organisationId: z.guid(),
  userId: z.guid(),
  browser: z.boolean(),
  codeVerifier: z.string(),
  redirectTo: z.string().nullable(),
}).nullable();
export type RedeemedFlow = NonNullable<z.infer<typeof redeemed>>;

const held = z.object({ code: z.string(), codeVerifier: z.string(), redirectTo: z.string().nullable() }).nullable();
export type HeldFlow = NonNullable<z.infer<typeof held>>;

export interface NewFlow {
  readonly stateHash: string;
  /** The consent began in a browser, which was given a cookie. */
  readonly browser: boolean;
  readonly codeVerifier: string;
  readonly redirectTo: string | null;
  readonly ttlSeconds: number;
}

export interface NewHold {
  readonly code: string;
  /** Hash of the secret that the browser which consented is given. */
  readonly confirmHash: string;
  readonly ttlSeconds: number;
}

export interface ConnectFlows {
  begin(owner: Owner, flow: NewFlow): Promise<void>;
  /** Null for a state that is unknown, used or expired, or whose person has left the practice. */
  redeem(stateHash: string): Promise<RedeemedFlow | null>;
  /** Keeps the code of a redeemed state until the person confirms; false if that state no longer waits. */
  hold(stateHash: string, held: NewHold): Promise<boolean>;
  /** Null for a secret that is unknown, used, expired or another person's; the code is gone then too. */
  redeemHeld(owner: Owner, confirmHash: string): Promise<HeldFlow | null>;
}

export function connectFlows(rpc: Rpc, provider: string): ConnectFlows {
  return {
    async begin(owner, flow) {
      await rpc('connect_begin', {
        p_organisation: owner.organisationId,
        p_user: owner.userId,
        p_provider: provider,
        p_state_hash: flow.stateHash,
        p_browser: flow.browser,
        p_code_verifier: flow.codeVerifier,
        p_redirect_to: flow.redirectTo,
        p_ttl_seconds: flow.ttlSeconds,
      }, z.null());
    },
    redeem: (stateHash) => rpc('connect_redeem', { p_provider: provider, p_state_hash: stateHash }, redeemed),
    hold: (stateHash, { code, confirmHash, ttlSeconds }) =>
      rpc('connect_hold', {
        p_provider: provider,
        p_state_hash: stateHash,
        p_code: code,
        p_confirm_hash: confirmHash,
        p_ttl_seconds: ttlSeconds,
      }, z.boolean()),
    redeemHeld: (owner, confirmHash) =>
      rpc('connect_redeem_held', {
        p_provider: provider,
        p_confirm_hash: confirmHash,
        p_organisation: owner.organisationId,
        p_user: owner.userId,
      }, held),
  };
}
