import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { connection } from '../_shared/oauth/connection.ts';
import { callbackRoutes } from '../_shared/oauth/routes.ts';
import { microsoftConfig } from '../_shared/providers/microsoft/config.ts';
import { microsoftProvider } from '../_shared/providers/microsoft/provider.ts';

Deno.serve(edgeFunction({
  name: 'microsoft-callback',
  providerCodeField: 'microsoftCode',
  routes: (setup) => {
    const config = microsoftConfig(setup.environment);
    const provider = microsoftProvider(config, setup);
    return callbackRoutes(connection(setup, { provider, redirectUri: config.redirectUri }));
  },
}, hostWorld(Deno.env.toObject())));
