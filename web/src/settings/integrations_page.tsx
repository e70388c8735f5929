/** Every integration as a card: what it is, its state, and the way to its settings. */
import { useLive } from '../backend/live.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { useAgo } from '../parts/ago.ts';
import { Mark } from '../parts/fields.tsx';
import { Link } from '../parts/navigation.tsx';
import { FailureNote } from '../parts/notices.tsx';
import { usePageTitle } from '../parts/page_title.ts';
import { ANNOUNCED, type Provider, PROVIDERS, settingsPath } from '../providers.ts';
import { language, t } from '../words/i18n.ts';
import { type Integration, readIntegrations, stateOf } from './integrations.ts';
import { StateBadge } from './state_badge.tsx';
import { words } from './words.ts';

export function IntegrationsPage() {
  const { backend, member } = useWorkspace();
  usePageTitle(words.nav.integrations);
  const live = useLive(
    `integrations ${member.organisation.id}`,
    (signal) => readIntegrations(backend, member, signal),
    { tables: ['calendar_integrations'] },
  );
  const mine = live.data?.filter(({ user_id }) => user_id === member.userId);
  return (
    <>
      <header>
        <h1>{words.nav.integrations}</h1>
        <p class='lead'>{words.integrations.intro}</p>
      </header>
      {live.failure !== null && live.data === null && <FailureNote failure={live.failure} />}
      {live.failure !== null && live.data !== null && <p class='banner' role='status'>{t.app.stale}</p>}
      <ul class='cards'>
        {PROVIDERS.map((provider) => (
          <ProviderCard
            key={provider.id}
            provider={provider}
            known={mine !== undefined}
            integration={mine?.find((one) => one.provider === provider.id)}
          />
        ))}
        {member.role !== 'secretary' && <SubscriptionCard />}
        {ANNOUNCED.map(({ id, name, color, what }) => (
          <li key={id} class='card integration integration-soon' data-provider={id}>
            <Mark name={name} color={color} />
            <h2>{name}</h2>
            <p>
              <span class='badge'>{words.integrations.soon}</span>
            </p>
            <p class='hint'>{what[language]}</p>
            <p class='hint integration-foot'>{words.integrations.soonHint}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

function SubscriptionCard() {
  return (
    <li class='card integration' data-provider='subscription'>
      <Mark name='@' color='subscription' />
      <h2>{words.integrations.subscription}</h2>
      <p class='hint'>{words.integrations.subscriptionWhat}</p>
      <div class='integration-foot'>
        <Link
          to='/settings/integrations/subscription'
          class='button'
          label={words.integrations.configureNamed(words.integrations.subscription)}
        >
          {words.integrations.configure}
        </Link>
      </div>
    </li>
  );
}

interface CardProps {
  readonly provider: Provider;
  readonly known: boolean;
  readonly integration: Integration | undefined;
}

function ProviderCard({ provider, known, integration }: CardProps) {
  const name = provider.calendar[language];
  const state = stateOf(integration);
  const there = integration !== undefined && state !== 'none';
  return (
    <li class='card integration' data-provider={provider.id}>
      <Mark name={name} color={provider.color} />
      <h2>{name}</h2>
      <p>{known ? <StateBadge state={state} /> : <span class='badge'>…</span>}</p>
      <p class='hint'>{there && integration.account_email ? integration.account_email : words.integrations.what}</p>
      <div class='integration-foot'>
        <Link
          to={settingsPath(provider)}
          class={there ? 'button' : 'button primary'}
          label={there ? words.integrations.configureNamed(name) : words.integrations.connectNamed(provider.account)}
        >
          {there ? words.integrations.configure : words.integrations.connectNamed(provider.account)}
        </Link>
        {there && (
          <span class='hint'>
            {integration.last_sync_at === null
              ? words.integrations.lastSync(words.integrations.never)
              : <LastSync at={integration.last_sync_at} />}
          </span>
        )}
      </div>
    </li>
  );
}

function LastSync({ at }: { at: string }) {
  const { member } = useWorkspace();
  return <>{words.integrations.lastSync(useAgo(at, member.organisation.timezone))}</>;
}
