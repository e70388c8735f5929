/** A native modal dialog: the browser keeps the focus inside, closes on Escape and gives the focus back. */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

export interface ModalProps {
  readonly title: string;
  /** While an action is under way, Escape does nothing. */
  readonly busy: boolean;
  readonly onClose: () => void;
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
}

export function Modal({ title, busy, onClose, onSubmit, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the browser paints: a key pressed at what is seen (Escape) reaches an open dialog.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    // The dialog leaves the page while open, so the focus is given back by hand.
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy) onSubmit();
  };
  const cancel = (event: Event) => {
    event.preventDefault();
    if (!busy) onClose();
  };
  // A second Escape closes it whatever was said to the first: it is there until its owner takes it away.
  const closed = () => {
    dialog.current?.showModal();
    if (!busy) onClose();
  };
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onCancel={cancel} onClose={closed}>
      <form onSubmit={submit}>
        <h2 id={titleId}>{title}</h2>
        {children}
      </form>
    </dialog>
  );
}
