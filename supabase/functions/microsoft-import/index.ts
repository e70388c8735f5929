import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { importRoutes } from '../_shared/import_api/routes.ts';
import { microsoftConfig } from '../_shared/providers/microsoft/config.ts';
import { microsoftProvider } from '../_shared/providers/microsoft/provider.ts';

Deno.serve(edgeFunction({
  name: 'microsoft-import',
  providerCodeField: 'microsoftCode',
  routes: (setup) => importRoutes({ provider: microsoftProvider(microsoftConfig(setup.environment), setup), setup }),
}, hostWorld(Deno.env.toObject())));
