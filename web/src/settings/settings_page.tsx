/** The settings: their navigation stays while the content beside it changes. */
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Link, navigate, usePlace } from '../parts/navigation.tsx';
import { lazy } from '../parts/lazy.tsx';
import { NotFound } from '../parts/not_found.tsx';
import { type Provider, PROVIDERS, settingsPath } from '../providers.ts';
import { words } from './words.ts';

const asked = (path: RegExp) => path.test(location.pathname);
const ProfilePage = lazy(async () => (await import('./practice/profile_page.tsx')).ProfilePage, asked(/profile$/));
const OrganisationPage = lazy(
  async () => (await import('./practice/organisation_page.tsx')).OrganisationPage,
  asked(/organisation$/),
);
const IntegrationsPage = lazy(
  async () => (await import('./integrations_page.tsx')).IntegrationsPage,
  asked(/(settings|integrations)$/),
);
const SecurityPage = lazy(async () => (await import('./journal/security_page.tsx')).SecurityPage, asked(/security$/));
const SUBSCRIPTION = '/settings/integrations/subscription';
const SubscriptionPage = lazy(
  async () => (await import('./subscription/subscription_page.tsx')).SubscriptionPage,
  asked(/\/subscription$/),
);
const IntegrationPage = lazy<{ provider: Provider }>(
  async () => (await import('./integration_page.tsx')).IntegrationPage,
  asked(/integrations\/[^/]+-calendar$/),
);
const ReportPage = lazy<{ provider: Provider; runId: string }>(
  async () => (await import('./journal/report_page.tsx')).ReportPage,
  asked(/\/report\//),
);

const SECTIONS: ReadonlyArray<{ path: string; label: string; page: ComponentType }> = [
  { path: '/settings/profile', label: words.nav.profile, page: ProfilePage },
  { path: '/settings/organisation', label: words.nav.organisation, page: OrganisationPage },
  { path: '/settings/integrations', label: words.nav.integrations, page: IntegrationsPage },
  { path: '/settings/security', label: words.nav.security, page: SecurityPage },
];

export function SettingsPage() {
  const { path } = usePlace();
  useEffect(() => {
    if (path === '/settings') navigate('/settings/integrations', { replace: true });
  }, [path]);
  // On a phone the navigation is a row that may be longer than the window.
  const side = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = side.current?.querySelector<HTMLElement>('[aria-current]');
    if (side.current && current) side.current.scrollLeft = current.offsetLeft - side.current.offsetWidth / 2;
  }, [path]);
  return (
    <div class='settings'>
      <nav ref={side} class='side' aria-label={words.nav.title}>
        {SECTIONS.map((section) => (
          <Link
            key={section.path}
            to={section.path}
            current={path === section.path || path.startsWith(`${section.path}/`)}
          >
            {section.label}
          </Link>
        ))}
      </nav>
      <div class='settings-content'>
        <Section path={path} />
      </div>
    </div>
  );
}

function Section({ path }: { path: string }) {
  const section = SECTIONS.find((one) => one.path === path);
  if (section !== undefined) return <section.page />;
  if (path === SUBSCRIPTION) return <SubscriptionPage />;
  const provider = PROVIDERS.find((one) => path === settingsPath(one) || path.startsWith(`${settingsPath(one)}/`));
  if (provider !== undefined) {
    if (path === settingsPath(provider)) return <IntegrationPage key={provider.id} provider={provider} />;
    const run = path.match(/\/report\/([0-9a-f-]{36})$/)?.[1];
    if (run !== undefined) return <ReportPage key={run} provider={provider} runId={run} />;
  }
  return path === '/settings' ? null : <NotFound />;
}
