/** The authorization endpoint: its checks, the consent page, and the way back to the app. */
import type { OAuthClient } from '../core/oauth_client.ts';
import type { Answer } from '../core/answers.ts';
import { escape, page } from '../core/html.ts';
import { aadParameters } from './aadsts.ts';
import type { Grants } from './grants.ts';
import { canonical, isSignIn, parseScopes, scopeText } from './scopes.ts';
import type { Settings } from './settings.ts';
import { isTenant, mayUse } from './tenants.ts';
import type { Account, World } from './world.ts';

export interface ConsentScene {
  readonly client: OAuthClient;
  readonly world: World;
  readonly grants: Grants;
  readonly settings: Settings;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Request {
  readonly tenant: string;
  readonly query: URLSearchParams;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
}

/** Parameters that steer the emulator and are no part of the protocol. */
const CONTROLS = ['__approve', '__scopes', '__deny'];
const KNOWN = new Set([
  ...CONTROLS,
  'client_id',
  'response_type',
  'redirect_uri',
  'scope',
  'response_mode',
  'state',
  'prompt',
  'login_hint',
  'domain_hint',
  'code_challenge',
  'code_challenge_method',
  'nonce',
]);

/** Answers `GET /{tenant}/oauth2/v2.0/authorize`. */
export function authorize(tenant: string, query: URLSearchParams, scene: ConsentScene): Answer {
  const request = checked(tenant, query, scene);
  if (!('redirectUri' in request)) return request;
  const deny = query.get('__deny');
  if (deny !== null) return refused(request, deny, scene);
  const approve = query.get('__approve');
  if (approve !== null) {
    const account = scene.world.accounts.get(approve);
    if (!account) return refusalPage(50034, `Compte inconnu : ${approve}`);
    if (!mayUse(account, tenant)) return wrongTenant(account);
    return approved(request, account, query.get('__scopes')?.split(/\s+/) ?? null, scene);
  }
  if (query.get('prompt') === 'none') return silent(request, scene);
  return consentPage(request, scene);
}

/** Answers the consent page's form: the original query, an account, and the decision. */
export function decide(tenant: string, form: URLSearchParams, scene: ConsentScene): Answer {
  const request = checked(tenant, new URLSearchParams(form.get('request') ?? ''), scene);
  if (!('redirectUri' in request)) return request;
  if (form.get('decision') !== 'allow') return refused(request, '1', scene);
  const account = scene.world.accounts.get(form.get('account') ?? '');
  if (!account) return consentPage(request, scene, 'Choisissez un compte.');
  return mayUse(account, tenant) ? approved(request, account, null, scene) : wrongTenant(account);
}

/** The first errors appear on Microsoft's own page: the browser is never sent back to an unregistered address. */
function checked(tenant: string, query: URLSearchParams, scene: ConsentScene): Request | Answer {
  const { client, now, settings } = scene;
  if (!isTenant(tenant, scene.world)) return refusalPage(90002, `Le locataire ${tenant} est inconnu.`);
  if (query.get('client_id') !== client.clientId) return refusalPage(700016, 'Application inconnue.');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.redirectUris.some((registered) => isSameRedirect(registered, redirectUri))) {
    return refusalPage(50011, `Cette adresse n’est pas enregistrée : ${redirectUri}`);
  }
  const scopes = parseScopes(query.get('scope') ?? '');
  const request = { tenant, query, redirectUri, scopes: scopes ?? [] };
  const mistaken = (number: number) => back(request, aadParameters(number, now));
  if (query.get('response_type') !== 'code') return back(request, { error: 'unsupported_response_type' });
  if (!['query', 'fragment', 'form_post', null].includes(query.get('response_mode'))) return mistaken(90014);
  if (!scopes || scopes.length === 0) return mistaken(70011);
  if (!['login', 'none', 'consent', 'select_account', null].includes(query.get('prompt'))) return mistaken(90014);
  const challenge = query.get('code_challenge');
  if (challenge !== null && (challenge.length < 43 || challenge.length > 128)) return mistaken(501491);
  if (!['S256', 'plain', null].includes(query.get('code_challenge_method'))) return mistaken(90014);
  if (!settings.strict) return request;
  const unknown = [...query.keys()].some((name) => !KNOWN.has(name));
  // An account picker and a named account contradict each other.
  return unknown || (query.get('prompt') === 'select_account' && query.has('login_hint')) ? mistaken(90014) : request;
}

/** Case counts; only on localhost the port does not. */
function isSameRedirect(registered: string, given: string): boolean {
  if (registered === given) return true;
  const known = URL.parse(registered);
  const asked = URL.parse(given);
  if (known?.hostname !== 'localhost' || asked?.hostname !== 'localhost') return false;
  return known.protocol === asked.protocol && known.pathname === asked.pathname && asked.search === '';
}

function refusalPage(number: number, text: string): Answer {
  const detail = `<p>${escape(text)}</p><p class="note">Erreur : <code>AADSTS${number}</code></p>`;
  return page(400, 'Connexion impossible', detail);
}

function wrongTenant(account: Account): Answer {
  const number = account.kind === 'personal' ? 500208 : 50020;
  return refusalPage(number, `Le compte ${account.email} n’est pas du type demandé.`);
}

/** `1` is the person pressing Cancel, `consent` a plain refusal, `admin` an administrator who must approve first. */
function refused(request: Request, how: string, { settings, now }: ConsentScene): Answer {
  if (how === 'admin') return back(request, aadParameters(90094, now));
  if (how === 'consent') return back(request, aadParameters(65004, now));
  return back(request, {
    error: 'access_denied',
    error_subcode: 'cancel',
    ...(settings.cancelDescription ? { error_description: 'the user canceled the authentication' } : {}),
  });
}

/** `prompt=none`: only for the account of `login_hint`, and only what it has agreed to already. */
function silent(request: Request, scene: ConsentScene): Answer {
  const account = scene.world.accounts.get(request.query.get('login_hint') ?? '');
  if (!account) return back(request, { error: 'login_required' });
  const consent = scene.grants.consentOf(account.email);
  const covered = request.scopes.every((scope) => consent.has(scope));
  return covered ? approved(request, account, null, scene) : back(request, { error: 'interaction_required' });
}

function approved(request: Request, account: Account, left: readonly string[] | null, scene: ConsentScene): Answer {
  const { query, tenant, redirectUri } = request;
  const kept = left?.map(canonical) ?? null;
  const scopes = request.scopes.filter((scope) => isSignIn(scope) || kept === null || kept.includes(scope));
  const code = scene.grants.agree({
    account: account.email,
    tenant,
    requested: request.scopes,
    scopes,
    redirectUri,
    challenge: query.get('code_challenge'),
    challengeMethod: query.get('code_challenge_method') === 'S256' ? 'S256' : 'plain',
    nonce: query.get('nonce'),
  }, scene.now);
  return back(request, { code, session_state: '6c1a3e0f-emulator' });
}

/** Back to the app, in the way that `response_mode` says. HTML in `state` does not survive. */
function back(request: Pick<Request, 'redirectUri' | 'query'>, parameters: Readonly<Record<string, string>>): Answer {
  const state = request.query.get('state')?.replaceAll(/<[^>]*>/g, '');
  const all = new URLSearchParams({ ...parameters, ...(state === undefined ? {} : { state }) });
  const target = new URL(request.redirectUri);
  const mode = request.query.get('response_mode');
  if (mode === 'form_post') return formPost(target, all);
  if (mode === 'fragment') target.hash = all.toString();
  else for (const [name, value] of all) target.searchParams.set(name, value);
  return { status: 302, headers: { location: target.href, 'cache-control': 'no-store' } };
}

function formPost(target: URL, parameters: URLSearchParams): Answer {
  const fields = [...parameters].map(([name, value]) =>
    `<input type="hidden" name="${name}" value="${escape(value)}">`
  );
  const form = `<form method="post" action="${escape(target.href)}">${
    fields.join('')
  }<button>Continuer</button></form>`;
  return page(200, 'Retour à l’application', form);
}

function consentPage(request: Request, { world }: ConsentScene, problem?: string): Answer {
  const query = new URLSearchParams(request.query);
  for (const name of CONTROLS) query.delete(name);
  const hint = query.get('login_hint');
  const accounts = [...world.accounts.values()].map(({ email, name, kind }, index) => {
    const checked = hint === email || (hint === null && index === 0) ? ' checked' : '';
    const sort = kind === 'work' ? 'professionnel ou scolaire' : 'personnel';
    return `<label><input type="radio" name="account" value="${escape(email)}"${checked}> ${escape(name)} (${
      escape(email)
    }, compte ${sort})</label>`;
  });
  const scopes = request.scopes.filter((scope) => !isSignIn(scope)).map((scope) =>
    `<li>${escape(scopeText(scope))}</li>`
  );
  return page(
    200,
    'Se connecter avec Microsoft (émulateur)',
    `${problem ? `<p role="alert">${escape(problem)}</p>` : ''}
<form method="post" action="/${escape(encodeURIComponent(request.tenant))}/oauth2/v2.0/authorize/decision">
<input type="hidden" name="request" value="${escape(query.toString())}">
<fieldset><legend>Compte</legend>${accounts.join('\n')}</fieldset>
<p>Cassius Calendar demande :</p>
<ul>${scopes.join('\n')}</ul>
<button type="submit" name="decision" value="allow">Accepter</button>
<button type="submit" name="decision" value="deny">Annuler</button>
</form>`,
  );
}
