import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { providerContext } from '../_shared/oauth/provider_context.ts';
import { importRoutes } from '../_shared/routes/import.ts';
import { microsoftConfig } from '../_shared/providers/microsoft/config.ts';
import { microsoftProvider } from '../_shared/providers/microsoft/provider.ts';

Deno.serve(edgeFunction({
  name: 'microsoft-import',
  providerCodeField: 'microsoftCode',
  routes: (setup) => importRoutes(providerContext(setup, microsoftProvider(microsoftConfig(setup.environment), setup))),
}, hostWorld(Deno.env.toObject())));
