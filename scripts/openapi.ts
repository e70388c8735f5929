/**
 * `npm run openapi`: `docs/openapi.json`, made from the routes and the shapes of `_shared/contract`, for every provider.
 * `npm run check` fails where the file is another.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { ERROR_KINDS, type ErrorCode } from '../supabase/functions/_shared/errors.ts';
import * as conflicts from '../supabase/functions/_shared/contract/conflicts.ts';
import * as connecting from '../supabase/functions/_shared/contract/connection.ts';
import * as events from '../supabase/functions/_shared/contract/events.ts';
import * as explaining from '../supabase/functions/_shared/contract/explain.ts';
import * as imports from '../supabase/functions/_shared/contract/import.ts';
import * as refusals from '../supabase/functions/_shared/contract/refusal.ts';
import * as requests from '../supabase/functions/_shared/contract/requests.ts';
import * as syncing from '../supabase/functions/_shared/contract/sync.ts';
import { REFUSALS } from '../supabase/functions/_shared/contract/refusal.ts';
import type { Setup } from '../supabase/functions/_shared/http/edge_function.ts';
import type { Auth, Route, Schema } from '../supabase/functions/_shared/http/route.ts';
import { importRoutes } from '../supabase/functions/_shared/routes/import.ts';
import { connection } from '../supabase/functions/_shared/oauth/connection.ts';
import { providerContext } from '../supabase/functions/_shared/oauth/provider_context.ts';
import { callbackRoutes, connectRoutes } from '../supabase/functions/_shared/routes/connect.ts';
import type { OAuthProvider } from '../supabase/functions/_shared/providers/port/provider.ts';
import { feedRoutes } from '../supabase/functions/_shared/routes/feed.ts';
import { syncRoutes } from '../supabase/functions/_shared/routes/sync.ts';

export const OPENAPI = join(import.meta.dirname!, '..', 'docs', 'openapi.json');

// deno-lint-ignore no-explicit-any
type Json = any;

/** Routes are made without a world: only their declarations are read. */
function routesOf(name: string): Readonly<Record<string, readonly Route[]>> {
  const setup = {
    environment: { SUPABASE_URL: 'http://project.test', OAUTH_STATE_SECRET: '-'.repeat(32) },
    appBaseUrl: 'http://page.test',
    now: () => 0,
    onUnload: () => {},
  } as unknown as Setup;
  const context = providerContext(setup, { name, oauth: {}, calendar: {}, notices: {} } as OAuthProvider);
  const connected = connection(context, 'http://project.test');
  return {
    [`${name}-connect`]: connectRoutes(connected),
    [`${name}-callback`]: callbackRoutes(connected),
    [`${name}-sync`]: syncRoutes(context),
    [`${name}-import`]: importRoutes(context),
  };
}

const PROVIDERS = ['google', 'microsoft'];

/** Shapes with a name of their own, which is that of their export. */
function namedShapes(): z.core.$ZodRegistry<{ id: string }> {
  const registry = z.registry<{ id: string }>();
  for (const module of [conflicts, connecting, events, explaining, imports, refusals, requests, syncing]) {
    for (const [id, value] of Object.entries(module)) {
      if (value instanceof z.core.$ZodType) registry.add(value, { id });
    }
  }
  return registry;
}

/** What zod's own JSON schema says beyond what the shape means: the bounds of every integer, a pattern for what has a format. */
function plain({ jsonSchema }: { jsonSchema: Json }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

class Document {
  readonly schemas: Record<string, Json> = {};
  readonly responses: Record<string, Json> = {};
  readonly #metadata = namedShapes();

  /** In place, or a reference where the shape has a name. */
  shape(schema: Schema, io: 'input' | 'output'): Json {
    const { $schema: _, $defs = {}, ...made }: Json = z.toJSONSchema(schema, {
      io,
      metadata: this.#metadata,
      override: plain,
    });
    const moved = (value: unknown): Json =>
      JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));
    for (const [name, definition] of Object.entries($defs)) this.schemas[name] = moved(definition);
    return moved(made);
  }
}

const AUTHS: Readonly<Record<Auth, readonly Json[]>> = {
  user: [{ session: [], key: [] }],
  nudge: [{ signature: [] }],
  monitor: [{ monitor: [] }],
  none: [],
};

const json = (schema: Json) => ({ content: { 'application/json': { schema } } });

function refusalsOf(document: Document, route: Route): Record<string, Json> {
  const codes = [...new Set<ErrorCode>([...REFUSALS[route.auth], ...route.errors])];
  const refusal = document.shape(refusals.refusal, 'output');
  const answers: Record<string, Json> = {};
  for (const status of [...new Set(codes.map((code) => ERROR_KINDS[code].status))].sort()) {
    const own = codes.filter((code) => ERROR_KINDS[code].status === status).sort();
    const name = own.join('.');
    document.responses[name] = {
      description: own.join(', '),
      ...json({ allOf: [refusal, { type: 'object', properties: { error: { type: 'string', enum: own } } }] }),
    };
    answers[status] = { $ref: `#/components/responses/${name}` };
  }
  return answers;
}

function parametersOf(document: Document, route: Route): Json[] {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'id' ? { type: 'string', format: 'uuid' } : { type: 'string' },
  }));
  const query: Json = route.query === null ? {} : document.shape(route.query, 'input');
  const { properties = {}, required = [] } = document.schemas[query.$ref?.split('/').at(-1)] ?? query;
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  const practice = route.auth === 'user' ? [{ $ref: '#/components/parameters/practice' }] : [];
  return [...inPath, ...inQuery, ...practice];
}

function operation(document: Document, route: Route): Json {
  const { summary, auth, answer, status } = route;
  const parameters = parametersOf(document, route);
  const told = typeof answer === 'string'
    ? { description: answer }
    : { description: summary, ...json(document.shape(answer, 'output')) };
  return {
    summary,
    security: AUTHS[auth],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === null ? {} : { requestBody: json(document.shape(route.body, 'input')) }),
    responses: { [status]: told, ...refusalsOf(document, route) },
  };
}

const sorted = (named: Record<string, Json>): Json =>
  Object.fromEntries(Object.entries(named).sort(([a], [b]) => a < b ? -1 : 1));

function openApi(): Json {
  const document = new Document();
  const paths: Record<string, Json> = {};
  const functions = [
    ...PROVIDERS.flatMap((provider) => Object.entries(routesOf(provider))),
    ['calendar-feed', feedRoutes({ appBaseUrl: 'http://page.test' })] as const,
  ];
  for (const [name, routes] of functions) {
    for (const route of routes) {
      const path = `/${name}${route.path === '/' ? '' : route.path}`.replaceAll(/:(\w+)/g, '{$1}');
      const method = route.method.toLowerCase();
      (paths[path] ??= {})[method] = { tags: [name], ...operation(document, route) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cassius Calendar',
      version: '1',
      description: 'Made from the routes by `npm run openapi`. What a schema cannot say is in api.md.',
    },
    servers: [{
      url: 'https://{project}.supabase.co/functions/v1',
      variables: { project: { default: 'project' } },
    }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a person' },
        key: { type: 'apiKey', in: 'header', name: 'apikey', description: 'The publishable key of the project' },
        monitor: { type: 'http', scheme: 'bearer', description: 'The METRICS_TOKEN that the functions were given' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'webhook-signature',
          description: 'Of our own database, in the manner of Standard Webhooks',
        },
      },
      parameters: {
        practice: {
          name: 'x-organisation-id',
          in: 'header',
          description: 'The practice, of a person who belongs to several',
          schema: { type: 'string', format: 'uuid' },
        },
      },
      responses: sorted(document.responses),
      schemas: sorted(document.schemas),
    },
  };
}

const LINE = 110;

/** What fits into a line is one. */
function printed(value: Json, indent = ''): string {
  const short = JSON.stringify(value, null, 1).replaceAll(/\n */g, ' ');
  if (value === null || typeof value !== 'object' || indent.length + short.length <= LINE) return short;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => printed(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${printed(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

/** As `npm run fix` leaves it. */
export async function openApiText(): Promise<string> {
  const formatter = new Deno.Command(Deno.execPath(), {
    args: ['fmt', '--ext', 'json', '-'],
    stdin: 'piped',
    stdout: 'piped',
  }).spawn();
  const writer = formatter.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${printed(openApi())}\n`));
  await writer.close();
  const { success, stdout } = await formatter.output();
  if (!success) throw new Error('Format the description: it failed');
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) await Deno.writeTextFile(OPENAPI, await openApiText());
