import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { providerContext } from '../_shared/oauth/provider_context.ts';
import { microsoftConfig } from '../_shared/providers/microsoft/config.ts';
import { microsoftProvider } from '../_shared/providers/microsoft/provider.ts';
import { syncRoutes } from '../_shared/routes/sync.ts';

Deno.serve(edgeFunction({
  name: 'microsoft-sync',
  providerCodeField: 'microsoftCode',
  routes: (setup) => syncRoutes(providerContext(setup, microsoftProvider(microsoftConfig(setup.environment), setup))),
}, hostWorld(Deno.env.toObject())));
