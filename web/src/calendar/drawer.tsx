/** A panel at the side: a native dialog, so that Escape closes it and the focus stays inside and comes back. */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Notices } from '../parts/notices.tsx';
import { words } from './words.ts';

interface DrawerProps {
  /** What kind of thing it shows, above its name. */
  readonly kind: ComponentChildren;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Drawer({ kind, title, onClose, children }: DrawerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the browser paints: a key pressed at what is seen (Escape) reaches an open dialog.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const key = opener?.closest('[data-entry]')?.getAttribute('data-entry');
    dialog.current?.showModal();
    return () => {
      // The calendar may have drawn its entries anew meanwhile.
      const again = opener?.isConnected ? opener : key && document.querySelector(`[data-entry="${CSS.escape(key)}"]`);
      if (again instanceof HTMLElement) again.focus();
    };
  }, []);
  const onClick = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose();
  };
  return (
    <dialog ref={dialog} class='drawer' aria-labelledby={titleId} onClose={onClose} onClick={onClick}>
      <div class='drawer-body'>
        <header class='drawer-head'>
          <div>
            <p class='drawer-kind'>{kind}</p>
            <h2 id={titleId}>{title}</h2>
          </div>
          <button type='button' class='quiet drawer-close' onClick={onClose}>{words.drawer.close}</button>
        </header>
        {children}
      </div>
      <Notices />
    </dialog>
  );
}
