import { useEffect, useState } from 'preact/hooks';
import { useWorkspace } from '../backend/workspace.ts';
import { tellFailure } from '../parts/notices.tsx';
import { type Provider, settingsPath } from '../providers.ts';
import { words } from './words.ts';

/** Leaves for the provider's consent page. */
export function ConnectButton({ provider, label }: { provider: Provider; label: string }) {
  const { api } = useWorkspace();
  const [busy, setBusy] = useState(false);
  const connect = async () => {
    setBusy(true);
    try {
      location.assign(await api(provider.id).connect(settingsPath(provider)));
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
      {busy ? words.connection.connecting : label}
    </button>
  );
}
