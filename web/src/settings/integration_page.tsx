/** One provider: its connection, what is sent, what is imported, what failed. The provider's callback returns here. */
import { useEffect, useState } from 'preact/hooks';
import type { IntegrationStatus } from '../backend/api.ts';
import { asFailure, Failure } from '../backend/failure.ts';
import { type Live, useLive } from '../backend/live.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { takeConsentSecret } from '../parts/consent_secret.ts';
import { Mark } from '../parts/fields.tsx';
import { lazy } from '../parts/lazy.tsx';
import { Link, navigate, usePlace } from '../parts/navigation.tsx';
import { FailureNote, Stale, tellDone } from '../parts/notices.tsx';
import { usePageTitle } from '../parts/page_title.ts';
import { type Provider, settingsPath } from '../providers.ts';
import { errorMessage, language, t } from '../words/i18n.ts';
import type { PresentationProps, RefusalProps } from './account/before_connecting.tsx';
import type { OtherProps } from './account/other_account.tsx';
import { useCalendars } from './calendars.ts';
import { ConnectButton } from './connect_button.tsx';
import { ConnectionCard } from './connection_card.tsx';
import type { FailuresProps } from './failures_card.tsx';
import { ImportCard } from './import_card.tsx';
import { SyncCard } from './sync_card.tsx';
import { words } from './words.ts';

const Refusal = lazy<RefusalProps>(async () => (await import('./account/before_connecting.tsx')).Refusal);
const Presentation = lazy<PresentationProps>(
  async () => (await import('./account/before_connecting.tsx')).Presentation,
);
const FailuresCard = lazy<FailuresProps>(async () => (await import('./failures_card.tsx')).FailuresCard);
const OtherAccount = lazy<OtherProps>(async () => (await import('./account/other_account.tsx')).OtherAccount);

const TABLES = ['calendar_integrations', 'appointment_external_links', 'sync_conflicts', 'rdv'] as const;

export function IntegrationPage({ provider }: { provider: Provider }) {
  const { member, api } = useWorkspace();
  const name = provider.calendar[language];
  const key = `${member.organisation.id} ${provider.id}`;
  const live = useLive(key, (signal) => api(provider.id).status(signal), { tables: TABLES });
  const landing = useLanding(provider, live.refresh);
  usePageTitle(name);
  return (
    <>
      <header class='page-header'>
        <Link to='/settings/integrations' class='back'>{words.connection.back}</Link>
        <div class='heading'>
          <Mark name={name} color={provider.color} />
          <h1>{name}</h1>
        </div>
      </header>
      {landing.refusal !== null && <Refusal provider={provider} failure={landing.refusal} onClose={landing.close} />}
      {landing.confirming && <p class='loading' role='status'>{words.connection.confirming}</p>}
      {!landing.confirming && <Status provider={provider} live={live} refused={landing.refusal !== null} />}
    </>
  );
}

interface StatusProps {
  readonly provider: Provider;
  readonly live: Live<IntegrationStatus>;
  /** The page already offers to start again. */
  readonly refused: boolean;
}

function Status({ provider, live, refused }: StatusProps) {
  const { data: status, failure, refresh } = live;
  if (status === null) {
    if (failure === null) return <p class='loading' role='status'>{t.app.loading}</p>;
    if (failure.code === 'NOT_FOUND' || failure.code === 'HTTP_404') {
      return <p class='card'>{words.connection.unavailable(provider.calendar[language])}</p>;
    }
    return (
      <div class='stack'>
        <FailureNote failure={failure} />
        <button type='button' onClick={() => void refresh()}>{t.app.retry}</button>
      </div>
    );
  }
  return (
    <>
      <Stale live={live}>{failure?.code === 'NETWORK' ? t.app.stale : failure?.message ?? t.app.stale}</Stale>
      {status.paused !== null && <Paused provider={provider} paused={status.paused} />}
      {status.removingEvents && (
        <p class='banner' role='status'>
          {status.pendingAccount === null
            ? words.connection.removing
            : words.connection.removingFirst(nameOf(status.account), nameOf(status.pendingAccount))}
        </p>
      )}
      {status.pendingAccount !== null && !status.removingEvents && (
        <OtherAccount {...{ provider, status, live }} pending={status.pendingAccount} />
      )}
      {!status.connected && !status.removingEvents && <Presentation provider={provider} secondary={refused} />}
      {status.connected && <Connected provider={provider} status={status} live={live} />}
    </>
  );
}

function nameOf(account: IntegrationStatus['account']): string {
  return account?.email ?? words.connection.unknownAccount;
}

/** Why nothing moves. */
function Paused({ provider, paused }: { provider: Provider; paused: NonNullable<IntegrationStatus['paused']> }) {
  const sentence = paused === 'provider' ? words.paused.provider(provider.calendar[language]) : words.paused[paused];
  return <p class='banner banner-warning' role='status'>{sentence}</p>;
}

interface Landing {
  readonly confirming: boolean;
  readonly refusal: Failure | null;
  close(): void;
}

/** Takes what the callback put in the address, once. */
function useLanding(provider: Provider, refresh: () => Promise<void>): Landing {
  const { api } = useWorkspace();
  const { query } = usePlace();
  const result = query.get('result');
  const [confirming, setConfirming] = useState(false);
  const [refusal, setRefusal] = useState<Failure | null>(null);

  useEffect(() => {
    if (result === null) return;
    const code = query.get('code') ?? 'UNEXPECTED';
    const secret = takeConsentSecret();
    // First of all, so that a reload does not tell or confirm it again.
    navigate(settingsPath(provider), { replace: true });
    const failed = (failure: Failure) => setRefusal(failure);
    if (result === 'connected') {
      tellDone(words.connection.connectedNow(provider.account));
    } else if (result === 'error') {
      const requestId = query.get('requestId');
      failed(new Failure(errorMessage(code, t.failure.signIn), { code, step: `${provider.id}-callback`, requestId }));
    } else if (result === 'confirm' && secret === null) {
      // The page was loaded anew before the secret could be used.
      const lost = 'OAUTH_STATE_INVALID';
      failed(new Failure(errorMessage(lost, t.failure.signIn), { code: lost, step: `${provider.id}-callback` }));
    } else if (result === 'confirm' && secret !== null) {
      setConfirming(true);
      api(provider.id).confirm(secret)
        .then(({ pendingAccount }) => {
          if (pendingAccount === null) tellDone(words.connection.connectedNow(provider.account));
        })
        .catch((error) => failed(asFailure(error, `${provider.id}-connect`)))
        .then(refresh)
        .finally(() => setConfirming(false));
    }
  }, [result]);
  return { confirming, refusal, close: () => setRefusal(null) };
}

interface ConnectedProps {
  readonly provider: Provider;
  readonly status: IntegrationStatus;
  readonly live: Live<IntegrationStatus>;
}

function Connected({ provider, status, live }: ConnectedProps) {
  const { api } = useWorkspace();
  const reconnect = status.status === 'reconnect_required';
  const calendars = useCalendars(api(provider.id), !reconnect && !status.removingEvents);
  const { settings } = status;
  return (
    <>
      {reconnect && (
        <div class='banner banner-warning' role='alert'>
          <p>
            {status.lastError?.code === 'CREDENTIAL_UNREADABLE'
              ? words.connection.unreadable(nameOf(status.account))
              : words.connection.reconnectNeeded(provider.account)}
          </p>
          <ConnectButton provider={provider} label={words.connection.reconnect(provider.account)} />
        </div>
      )}
      {status.status === 'error' && (
        <p class='banner banner-warning' role='alert'>
          {errorMessage(status.lastError?.code, status.lastError?.message ?? words.failures.unknown)}
        </p>
      )}
      {status.failed > 0 && !status.removingEvents && <FailuresCard {...{ provider, status, live }} />}
      <ConnectionCard provider={provider} status={status} live={live} />
      {settings !== null && !reconnect && !status.removingEvents && (
        <>
          <SyncCard {...{ provider, status, settings, live, calendars }} />
          <ImportCard {...{ provider, status, settings, live, calendars }} />
          {status.failed === 0 && <NoFailures />}
        </>
      )}
    </>
  );
}

function NoFailures() {
  return (
    <section class='card' aria-labelledby='failures-title'>
      <h2 id='failures-title'>{words.failures.heading}</h2>
      <p class='hint' role='status' data-fact='failed'>{words.failures.none}</p>
    </section>
  );
}
