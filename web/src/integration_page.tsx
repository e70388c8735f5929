/** One provider's connection: what it does, its account, its settings, its sync. The provider's callback returns here. */
import { useEffect, useState } from 'preact/hooks';
import type { Api, IntegrationStatus } from './api.ts';
import { asFailure, Failure } from './failure.ts';
import { errorMessage, formatMoment, language, t } from './i18n.ts';
import { IntegrationSettingsForm } from './integration_settings.tsx';
import { OFTEN, SELDOM, useLive } from './live.ts';
import { Modal } from './modal.tsx';
import { navigate, usePlace } from './navigation.tsx';
import { FailureNote, tellDone, tellFailure } from './notices.tsx';
import { type Provider, settingsPath } from './providers.ts';
import { SyncPanel } from './sync_panel.tsx';
import type { Membership, Tables } from './tables.ts';

interface PageProps {
  readonly api: Api;
  readonly provider: Provider;
  readonly tables: Tables;
  readonly member: Membership;
}

export function IntegrationPage({ api, provider, tables, member }: PageProps) {
  const calendar = provider.calendar[language];
  const live = useLive(
    `${member.organisation.id} ${provider.id}`,
    (signal) => api.status(signal),
    ({ pending, removingEvents }) => (pending ?? 0) > 0 || removingEvents ? OFTEN : SELDOM,
  );
  const status = live.data;
  const confirming = useLanding(api, provider, live.refresh);
  const connected = status?.connected === true;

  useEffect(() => {
    document.title = `${t.integration.title(calendar)} — ${t.app.name}`;
  }, [calendar]);

  return (
    <>
      <div class='title'>
        <h1>{t.integration.title(calendar)}</h1>
      </div>
      {status === null && live.failure !== null && (
        <>
          <FailureNote failure={live.failure} />
          <button type='button' onClick={() => void live.refresh()}>{t.app.retry}</button>
        </>
      )}
      {status !== null && live.failure !== null && <p class='banner' role='status'>{t.app.stale}</p>}
      {(confirming || status === null && live.failure === null) && <p class='loading' role='status'>{t.app.loading}</p>}
      {status?.removingEvents && <p class='banner' role='status'>{t.integration.removing}</p>}
      {status !== null && !connected && !status.removingEvents && !confirming && (
        <Presentation api={api} provider={provider} />
      )}
      {status !== null && connected && (
        <Connected {...{ api, provider, tables, member, status }} refresh={live.refresh} />
      )}
    </>
  );
}

/** Takes what the callback put in the address, once. True while a confirmation is under way. */
function useLanding(api: Api, provider: Provider, refresh: () => Promise<void>): boolean {
  const { query } = usePlace();
  const result = query.get('result');
  const [confirming, setConfirming] = useState(false);

  useEffect(() => {
    if (result === null) return;
    const code = query.get('code') ?? 'UNEXPECTED';
    const flow = query.get('flow');
    // First of all, so that a reload does not tell or confirm it again.
    navigate(settingsPath(provider), { replace: true });
    if (result === 'connected') {
      tellDone(t.integration.connectedNow(provider.account));
    } else if (result === 'error') {
      tellFailure(
        new Failure(errorMessage(code, t.failure.signIn), { code, step: `${provider.id}-callback` }),
        'callback',
      );
    } else if (result === 'confirm' && flow !== null) {
      setConfirming(true);
      api.confirm(flow)
        .then(() => tellDone(t.integration.connectedNow(provider.account)))
        .catch((error) => tellFailure(error, `${provider.id}-connect`))
        .then(refresh)
        .finally(() => setConfirming(false));
    }
  }, [result]);
  return confirming;
}

function ConnectButton({ api, provider, label }: { api: Api; provider: Provider; label: string }) {
  const [busy, setBusy] = useState(false);
  const connect = async () => {
    setBusy(true);
    try {
      location.assign(await api.connect());
    } catch (error) {
      tellFailure(error, `${provider.id}-connect`);
      setBusy(false);
    }
  };
  // Coming back with the browser's own button shows the page as it was left.
  useEffect(() => {
    const shown = () => setBusy(false);
    addEventListener('pageshow', shown);
    return () => removeEventListener('pageshow', shown);
  }, []);
  return (
    <button type='button' class='primary' disabled={busy} aria-busy={busy} onClick={connect}>
      {busy ? t.integration.connecting : label}
    </button>
  );
}

/** What a person should know before they connect. */
function Presentation({ api, provider }: { api: Api; provider: Provider }) {
  return (
    <section class='card'>
      <p>{t.integration.intro}</p>
      <div class='columns'>
        <div>
          <h2>{t.integration.sentTitle}</h2>
          <ul class='list'>{t.integration.sent.map((line) => <li key={line}>{line}</li>)}</ul>
        </div>
        <div>
          <h2>{t.integration.neverTitle}</h2>
          <ul class='list'>{t.integration.never.map((line) => <li key={line}>{line}</li>)}</ul>
        </div>
      </div>
      <div class='buttons'>
        <ConnectButton api={api} provider={provider} label={t.integration.connect(provider.account)} />
      </div>
    </section>
  );
}

interface ConnectedProps extends PageProps {
  readonly status: IntegrationStatus;
  readonly refresh: () => Promise<void>;
}

function Connected({ api, provider, tables, member, status, refresh }: ConnectedProps) {
  const reconnect = status.status === 'reconnect_required';
  const zone = member.organisation.timezone;
  return (
    <>
      {reconnect && (
        <div class='banner banner-warning' role='alert'>
          <p>{t.integration.reconnectNeeded(provider.account)}</p>
          <ConnectButton api={api} provider={provider} label={t.integration.reconnect(provider.account)} />
        </div>
      )}
      {status.status === 'error' && (
        <p class='banner banner-warning' role='alert'>
          {errorMessage(status.lastError?.code, status.lastError?.message ?? t.sync.unknownReason)}
        </p>
      )}
      <section class='card' aria-labelledby='account-title'>
        <div class='card-title'>
          <h2 id='account-title'>{t.integration.accountTitle}</h2>
          <DisconnectButton api={api} provider={provider} refresh={refresh} />
        </div>
        <dl class='facts'>
          <dt>{t.integration.account}</dt>
          <dd>{status.account?.email ?? t.integration.unknownAccount}</dd>
          <dt>{t.integration.status}</dt>
          <dd data-status={status.status}>{t.integration.statuses[status.status ?? ''] ?? status.status}</dd>
          <dt>{t.integration.lastSync}</dt>
          <dd>{status.lastSyncAt ? formatMoment(status.lastSyncAt, zone) : t.integration.never_synced}</dd>
        </dl>
      </section>
      {status.settings && !reconnect && !status.removingEvents && (
        <>
          <IntegrationSettingsForm
            api={api}
            settings={status.settings}
            target={status.targetCalendar ?? null}
            refresh={refresh}
          />
          <SyncPanel {...{ api, provider, tables, member, status, refresh }} />
        </>
      )}
    </>
  );
}

function DisconnectButton({ api, provider, refresh }: { api: Api; provider: Provider; refresh: () => Promise<void> }) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [removeEvents, setRemoveEvents] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  const disconnect = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await api.disconnect(removeEvents);
      setOpen(false);
      tellDone(removeEvents ? t.integration.removing : t.integration.disconnected);
      await refresh();
    } catch (error) {
      setFailure(asFailure(error, `${provider.id}-connect`));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <button type='button' class='quiet quiet-danger' onClick={() => setOpen(true)}>{t.integration.disconnect}</button>
      {open && (
        <Modal
          title={t.integration.disconnectTitle(provider.account)}
          busy={busy}
          onClose={() => setOpen(false)}
          onSubmit={disconnect}
        >
          <p>{t.integration.disconnectText}</p>
          <label class='check'>
            <input
              type='checkbox'
              name='removeEvents'
              checked={removeEvents}
              onChange={({ currentTarget: { checked } }) => setRemoveEvents(checked)}
            />
            {t.integration.removeEvents}
          </label>
          {failure !== null && <FailureNote failure={failure} />}
          <div class='buttons'>
            <button type='button' onClick={() => setOpen(false)} disabled={busy}>{t.app.cancel}</button>
            <button type='submit' class='danger' disabled={busy} aria-busy={busy}>{t.integration.disconnect}</button>
          </div>
        </Modal>
      )}
    </>
  );
}
