import { edgeFunction } from '../_shared/http/edge_function.ts';
import { hostWorld } from '../_shared/http/host.ts';
import { feedRoutes } from '../_shared/routes/feed.ts';

Deno.serve(edgeFunction({ name: 'calendar-feed', routes: feedRoutes }, hostWorld(Deno.env.toObject())));
