import { useState } from 'preact/hooks';
import { lazy } from '../parts/lazy.tsx';
import type { DisconnectProps } from './account/disconnect_dialog.tsx';
import { words } from './words.ts';

const DisconnectDialog = lazy<DisconnectProps>(
  async () => (await import('./account/disconnect_dialog.tsx')).DisconnectDialog,
);

/** Asks first. */
export function DisconnectButton(props: Omit<DisconnectProps, 'onClose'>) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type='button' class='danger-quiet' onClick={() => setOpen(true)}>{words.connection.disconnect}</button>
      {open && <DisconnectDialog {...props} onClose={() => setOpen(false)} />}
    </>
  );
}
