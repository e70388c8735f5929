import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { providerContext } from '../_shared/oauth/provider_context.ts';
import { googleConfig } from '../_shared/providers/google/config.ts';
import { googleProvider } from '../_shared/providers/google/provider.ts';
import { syncRoutes } from '../_shared/routes/sync.ts';

Deno.serve(edgeFunction({
  name: 'google-sync',
  providerCodeField: 'googleCode',
  routes: (setup) => syncRoutes(providerContext(setup, googleProvider(googleConfig(setup.environment), setup))),
}, hostWorld(Deno.env.toObject())));
