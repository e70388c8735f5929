/** The authorization endpoint: its checks, the consent page, and the way back to the app. */
import type { OAuthClient } from '../core/oauth_client.ts';
import { escape, page } from '../core/html.ts';
import type { Answer } from './answers.ts';
import type { Grants } from './grants.ts';
import { ISSUER } from './issuer.ts';
import { fullName, isSignIn, parseScopes, scopeText } from './scopes.ts';
import type { World } from './world.ts';

interface Request {
  readonly query: URLSearchParams;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly prompts: readonly string[];
}

/** Parameters that steer the emulator and are no part of the protocol. */
const CONTROLS = ['__approve', '__scopes', '__deny'];

/** Answers `GET /o/oauth2/v2/auth`. */
export function authorize(
  query: URLSearchParams,
  client: OAuthClient,
  world: World,
  grants: Grants,
  now: number,
): Answer {
  const request = checked(query, client);
  if (!('redirectUri' in request)) return request;
  if (query.get('__deny') === '1') return back(request, { error: 'access_denied' });
  const approve = query.get('__approve');
  if (approve !== null) {
    if (!world.accounts.has(approve)) return refusalPage('invalid_request', `Compte inconnu : ${approve}`);
    return approved(request, approve, query.get('__scopes')?.split(/\s+/).map(fullName) ?? null, grants, now);
  }
  if (request.prompts.includes('none')) {
    const account = [...world.accounts.values()].find(({ email, sub }) =>
      [email, sub].includes(query.get('login_hint') ?? '')
    );
    if (!account) return back(request, { error: 'login_required' });
    const consent = grants.consentOf(account.email);
    const covered = request.scopes.every((scope) => consent.has(scope));
    return covered ? approved(request, account.email, null, grants, now) : back(request, { error: 'consent_required' });
  }
  return consentPage(request, world);
}

/** Answers the consent page's form: the original query, an account, the scopes left ticked, and the decision. */
export function decide(form: URLSearchParams, client: OAuthClient, world: World, grants: Grants, now: number): Answer {
  const request = checked(new URLSearchParams(form.get('request') ?? ''), client);
  if (!('redirectUri' in request)) return request;
  const account = form.get('account') ?? '';
  if (form.get('decision') !== 'allow') return back(request, { error: 'access_denied' });
  if (!world.accounts.has(account)) return consentPage(request, world, 'Choisissez un compte.');
  return approved(request, account, form.getAll('scope'), grants, now);
}

/** These errors appear on Google's own page: the browser is never sent back. */
function checked(query: URLSearchParams, client: OAuthClient): Request | Answer {
  if (query.get('client_id') !== client.clientId) {
    return { ...refusalPage('invalid_client', 'The OAuth client was not found.'), status: 401 };
  }
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.redirectUris.includes(redirectUri)) {
    return refusalPage('redirect_uri_mismatch', `Cette adresse n’est pas enregistrée : ${redirectUri}`);
  }
  if (query.get('response_type') !== 'code') {
    return refusalPage('invalid_request', 'response_type=code est obligatoire.');
  }
  const scopes = parseScopes(query.get('scope') ?? '');
  if (!scopes || scopes.length === 0) {
    return refusalPage('invalid_scope', `Scope inconnu : ${query.get('scope') ?? ''}`);
  }
  const prompts = (query.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '');
  const allowed: Record<string, readonly string[]> = {
    access_type: ['online', 'offline'],
    code_challenge_method: ['S256', 'plain'],
    include_granted_scopes: ['true', 'false'],
  };
  for (const [name, values] of Object.entries(allowed)) {
    const value = query.get(name);
    if (value !== null && !values.includes(value)) return refusalPage('invalid_request', `${name}=${value}`);
  }
  const knownPrompts = prompts.every((prompt) => ['consent', 'select_account', 'none'].includes(prompt));
  if (!knownPrompts || (prompts.includes('none') && prompts.length > 1)) {
    return refusalPage('invalid_request', 'prompt');
  }
  return { query, redirectUri, scopes, prompts };
}

function refusalPage(error: string, text: string): Answer {
  const detail = `<p>${escape(text)}</p><p class="note">Erreur 400 : <code>${error}</code></p>`;
  return page(400, 'Accès bloqué : la demande de cette application n’est pas valide', detail);
}

function approved(
  request: Request,
  account: string,
  ticked: readonly string[] | null,
  grants: Grants,
  now: number,
): Answer {
  const { query } = request;
  const chosen = request.scopes.filter((scope) => isSignIn(scope) || ticked === null || ticked.includes(scope));
  if (chosen.length === 0) return back(request, { error: 'access_denied' });
  const earlier = query.get('include_granted_scopes') === 'true' ? [...grants.consentOf(account)] : [];
  const scopes = [...new Set([...chosen, ...earlier])];
  const code = grants.agree({
    account,
    scopes,
    redirectUri: request.redirectUri,
    offline: query.get('access_type') === 'offline',
    consented: request.prompts.includes('consent'),
    challenge: query.get('code_challenge'),
    challengeMethod: query.get('code_challenge_method') === 'S256' ? 'S256' : 'plain',
    nonce: query.get('nonce'),
  }, now);
  return back(request, {
    code,
    scope: scopes.join(' '),
    authuser: '0',
    prompt: request.prompts[0] ?? 'none',
    iss: ISSUER,
  });
}

function back(request: Request, parameters: Readonly<Record<string, string>>): Answer {
  const target = new URL(request.redirectUri);
  const state = request.query.get('state');
  if (state !== null) target.searchParams.set('state', state);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  return { status: 302, headers: { location: target.href, 'cache-control': 'no-store' } };
}

function consentPage(request: Request, world: World, problem?: string): Answer {
  const query = new URLSearchParams(request.query);
  for (const name of CONTROLS) query.delete(name);
  const hint = query.get('login_hint');
  const accounts = [...world.accounts.values()].map(({ email, name, sub }, index) => {
    const checked = hint === email || hint === sub || (hint === null && index === 0) ? ' checked' : '';
    return `<label><input type="radio" name="account" value="${escape(email)}"${checked}> ${escape(name)} (${
      escape(email)
    })</label>`;
  });
  // A single scope cannot be unticked: the user allows it or refuses.
  const choosable = request.scopes.filter((scope) => !isSignIn(scope));
  const scopes = choosable.map((scope) =>
    choosable.length === 1
      ? `<p>${escape(scopeText(scope))}<input type="hidden" name="scope" value="${escape(scope)}"></p>`
      : `<label><input type="checkbox" name="scope" value="${escape(scope)}" checked> ${
        escape(scopeText(scope))
      }</label>`
  );
  return page(
    200,
    'Se connecter avec Google (émulateur)',
    `${problem ? `<p role="alert">${escape(problem)}</p>` : ''}
<form method="post" action="/o/oauth2/v2/auth/decision">
<input type="hidden" name="request" value="${escape(query.toString())}">
<fieldset><legend>Compte</legend>${accounts.join('\n')}</fieldset>
${
      scopes.length > 0
        ? `<fieldset><legend>Cassius Calendar souhaite pouvoir</legend>${scopes.join('\n')}</fieldset>`
        : ''
    }
<button type="submit" name="decision" value="allow">Autoriser</button>
<button type="submit" name="decision" value="deny">Refuser</button>
</form>`,
  );
}
