/** What the connect, callback, settings and disconnect flows of one provider work with. */
import { z } from 'zod';
import { type ConnectFlows, connectFlows } from '../db/connect_flows.ts';
import { readEnvironment } from '../http/environment.ts';
import type { Context } from '../http/route.ts';
import type { OAuthAccess } from '../providers/port/account.ts';
import type { OAuthProvider } from '../providers/port/provider.ts';
import type { ProviderContext } from './provider_context.ts';
import { type StateSigner, stateSigner } from './state.ts';

export interface Connection extends ProviderContext {
  readonly oauth: OAuthAccess;
  /** The callback's address as registered with the provider. */
  readonly redirectUri: string;
  readonly states: StateSigner;
  readonly flows: ConnectFlows;
}

/** How a flow tells the log what it does. */
export type Trace = Pick<Context, 'step' | 'note' | 'fail'>;

export function connection(context: ProviderContext & OAuthProvider, redirectUri: string): Connection {
  const { environment, name, now, rpc } = context;
  const { OAUTH_STATE_SECRET } = readEnvironment(environment, { OAUTH_STATE_SECRET: z.string().min(32) });
  return {
    ...context,
    redirectUri,
    states: stateSigner({ secret: OAUTH_STATE_SECRET, provider: name, now }),
    flows: connectFlows(rpc, name),
  };
}
