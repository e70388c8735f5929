/** The routes of a provider's two connection functions (`docs/api.md`). */
import {
  calendarList,
  confirmation,
  consentAddress,
  disconnection,
  integrationStatus,
} from '../contract/connection.ts';
import { ACCOUNT_REFUSALS } from '../contract/refusal.ts';
import {
  confirmRequest,
  connectRequest,
  disconnectRequest,
  settingsChange,
  switchRequest,
} from '../contract/requests.ts';
import { type Route, route } from '../http/route.ts';
import { acceptCallback } from '../oauth/callback.ts';
import { confirmConnect } from '../oauth/confirm.ts';
import { beginConnect } from '../oauth/connect.ts';
import type { Connection } from '../oauth/connection.ts';
import { connectedIntegration, openAccount } from '../oauth/provider_context.ts';
import { connectionStatus } from '../oauth/connection_status.ts';
import { disconnect } from '../oauth/disconnect.ts';
import { clearedFlowCookie, flowCookie, readFlowCookie } from '../oauth/flow_cookie.ts';
import { changeSettings } from '../oauth/settings.ts';

export function connectRoutes(deps: Connection): Route[] {
  return [
    route({
      method: 'POST',
      path: '/connect',
      auth: 'user',
      summary: 'Begins a consent: the address of the provider’s page',
      body: connectRequest,
      answer: consentAddress,
      async handle({ request, member, body, answerHeaders }) {
        const browser = request.headers.has('origin');
        const { url, flow } = await beginConnect(deps, member, { redirectTo: body.redirectTo ?? null, browser });
        if (browser) answerHeaders.set('set-cookie', flowCookie(flow, deps.redirectUri));
        return { url };
      },
    }),
    route({
      method: 'POST',
      path: '/confirm',
      auth: 'user',
      summary: 'Ends a consent whose browser could not be recognised',
      body: confirmRequest,
      answer: confirmation,
      errors: ['OAUTH_STATE_INVALID', 'CONSENT_REFUSED', ...ACCOUNT_REFUSALS],
      async handle(ctx) {
        const redirectTo = await confirmConnect(deps, ctx.member, ctx.body.secret, ctx);
        ctx.step('read_status');
        const status = connectionStatus(await deps.integrations.status(ctx.member), ctx.language);
        return { ...status, redirectTo };
      },
    }),
    route({
      method: 'POST',
      path: '/switch',
      auth: 'user',
      summary: 'Says what becomes of the account before, now that another one was consented to',
      body: switchRequest,
      answer: integrationStatus,
      errors: ['OAUTH_STATE_INVALID', ...ACCOUNT_REFUSALS],
      async handle(ctx) {
        ctx.step('switch_account');
        const integration = await deps.integrations.switchAccount(ctx.member, ctx.body.action);
        ctx.note({ integration, action: ctx.body.action });
        ctx.step('read_status');
        return connectionStatus(await deps.integrations.status(ctx.member), ctx.language);
      },
    }),
    route({
      method: 'GET',
      path: '/status',
      auth: 'user',
      summary: 'The connection of the person who asks, its settings and how it goes',
      answer: integrationStatus,
      async handle({ member, language }) {
        return connectionStatus(await deps.integrations.status(member), language);
      },
    }),
    route({
      method: 'GET',
      path: '/calendars',
      auth: 'user',
      summary: 'The calendars of the account, as the provider lists them now',
      answer: calendarList,
      errors: ACCOUNT_REFUSALS,
      async handle(ctx) {
        const integration = await connectedIntegration(deps, ctx.member);
        ctx.step('list_calendars');
        const calendars = await deps.calendar.listCalendars(openAccount(deps, integration));
        ctx.note({ integration: integration.integrationId, calendars: calendars.length });
        const shown = calendars.map(({ id, name, primary, canWrite, timeZone, color }) => (
          { id, name, primary, canWrite, timeZone, color }
        ));
        return { calendars: shown };
      },
    }),
    route({
      method: 'PATCH',
      path: '/settings',
      auth: 'user',
      summary: 'Changes any of the settings',
      body: settingsChange,
      answer: integrationStatus,
      errors: [
        'CALENDAR_NOT_FOUND',
        'CALENDAR_READ_ONLY',
        'NO_TARGET_CALENDAR',
        'NO_EVENT_DETAIL',
        ...ACCOUNT_REFUSALS,
      ],
      async handle(ctx) {
        const changed = await changeSettings(deps, ctx.member, ctx.body, ctx);
        if (changed.pending > 0) ctx.waitUntil(deps.wake(`${deps.name}-sync`), 'wake_sync');
        return connectionStatus(changed, ctx.language);
      },
    }),
    route({
      method: 'POST',
      path: '/disconnect',
      auth: 'user',
      summary: 'Ends the connection, and removes its events if that is wanted',
      body: disconnectRequest,
      answer: disconnection,
      errors: ['NOT_CONNECTED'],
      async handle(ctx) {
        const ended = await disconnect(deps, ctx.member, ctx.body.removeEvents, ctx);
        if (ended.removing > 0) ctx.waitUntil(deps.wake(`${deps.name}-sync`), 'wake_sync');
        return ended;
      },
    }),
  ];
}

export function callbackRoutes(deps: Connection): Route[] {
  return [
    route({
      method: 'GET',
      path: '/',
      auth: 'none',
      summary: 'Where the provider sends the browser after a consent',
      status: 303,
      answer: 'A page of the product; its address tells the outcome',
      async handle(ctx) {
        ctx.step('accept_callback');
        const { searchParams } = new URL(ctx.request.url);
        const { location, over } = await acceptCallback(deps, {
          state: searchParams.get('state'),
          code: searchParams.get('code'),
          error: searchParams.get('error'),
          flow: readFlowCookie(ctx.request, deps.redirectUri),
        }, ctx);
        const headers = new Headers({ location });
        if (over) headers.append('set-cookie', clearedFlowCookie(deps.redirectUri));
        return new Response(null, { status: 303, headers });
      },
    }),
  ];
}
