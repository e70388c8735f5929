import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { connection } from '../_shared/oauth/connection.ts';
import { providerContext } from '../_shared/oauth/provider_context.ts';
import { connectRoutes } from '../_shared/routes/connect.ts';
import { microsoftConfig } from '../_shared/providers/microsoft/config.ts';
import { microsoftProvider } from '../_shared/providers/microsoft/provider.ts';

Deno.serve(edgeFunction({
  name: 'microsoft-connect',
  providerCodeField: 'microsoftCode',
  routes: (setup) => {
    const config = microsoftConfig(setup.environment);
    const context = providerContext(setup, microsoftProvider(config, setup));
    return connectRoutes(connection(context, config.redirectUri));
  },
}, hostWorld(Deno.env.toObject())));
