import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { microsoftConfig } from '../_shared/providers/microsoft/config.ts';
import { microsoftProvider } from '../_shared/providers/microsoft/provider.ts';
import { syncRoutes } from '../_shared/sync_api/routes.ts';

Deno.serve(edgeFunction({
  name: 'microsoft-sync',
  providerCodeField: 'microsoftCode',
  routes: (setup) => syncRoutes({ provider: microsoftProvider(microsoftConfig(setup.environment), setup), setup }),
}, hostWorld(Deno.env.toObject())));
