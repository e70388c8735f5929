import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { connection } from '../_shared/oauth/connection.ts';
import { providerContext } from '../_shared/oauth/provider_context.ts';
import { callbackRoutes } from '../_shared/routes/connect.ts';
import { googleConfig } from '../_shared/providers/google/config.ts';
import { googleProvider } from '../_shared/providers/google/provider.ts';

Deno.serve(edgeFunction({
  name: 'google-callback',
  providerCodeField: 'googleCode',
  routes: (setup) => {
    const config = googleConfig(setup.environment);
    const context = providerContext(setup, googleProvider(config, setup));
    return callbackRoutes(connection(context, config.redirectUri));
  },
}, hostWorld(Deno.env.toObject())));
