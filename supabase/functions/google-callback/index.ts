import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { connection } from '../_shared/oauth/connection.ts';
import { callbackRoutes } from '../_shared/oauth/routes.ts';
import { googleConfig } from '../_shared/providers/google/config.ts';
import { googleProvider } from '../_shared/providers/google/provider.ts';

Deno.serve(edgeFunction({
  name: 'google-callback',
  providerCodeField: 'googleCode',
  routes: (setup) => {
    const config = googleConfig(setup.environment);
    const provider = googleProvider(config, setup);
    return callbackRoutes(connection(setup, { provider, redirectUri: config.redirectUri }));
  },
}, hostWorld(Deno.env.toObject())));
