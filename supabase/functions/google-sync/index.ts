import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { googleConfig } from '../_shared/providers/google/config.ts';
import { googleProvider } from '../_shared/providers/google/provider.ts';
import { syncRoutes } from '../_shared/sync_api/routes.ts';

Deno.serve(edgeFunction({
  name: 'google-sync',
  providerCodeField: 'googleCode',
  routes: (setup) => syncRoutes({ provider: googleProvider(googleConfig(setup.environment), setup), setup }),
}, hostWorld(Deno.env.toObject())));
