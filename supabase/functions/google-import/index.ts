import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { importRoutes } from '../_shared/import_api/routes.ts';
import { googleConfig } from '../_shared/providers/google/config.ts';
import { googleProvider } from '../_shared/providers/google/provider.ts';

Deno.serve(edgeFunction({
  name: 'google-import',
  providerCodeField: 'googleCode',
  routes: (setup) => importRoutes({ provider: googleProvider(googleConfig(setup.environment), setup), setup }),
}, hostWorld(Deno.env.toObject())));
