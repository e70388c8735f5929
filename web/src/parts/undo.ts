/** What a person has done here and may take back: by the button of its notice, or by Ctrl+Z, the latest first. */

/** One thing that was done. Taken back once; a failure is told by the step itself. */
export interface Step {
  readonly undo: () => Promise<void>;
}

/** More than a person remembers having done. */
const MOST = 50;
const steps: Step[] = [];
const watchers = new Set<() => void>();

function changed(): void {
  for (const watcher of watchers) watcher();
}

/** @returns what stops the watching */
export function watchSteps(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

export function addStep(undo: () => Promise<void>): Step {
  const step = { undo };
  steps.push(step);
  if (steps.length > MOST) steps.shift();
  changed();
  return step;
}

export function isOpen(step: Step): boolean {
  return steps.includes(step);
}

/** Another practice, or another page: what was done is no longer in view, and no longer taken back from here. */
export function forgetSteps(): void {
  steps.length = 0;
  changed();
}

/** Nothing happens where it was taken back already. */
export function takeBack(step: Step): void {
  const at = steps.indexOf(step);
  if (at < 0) return;
  steps.splice(at, 1);
  changed();
  void step.undo();
}

/** Ctrl+Z, or Command+Z; not where it belongs to a text, and not behind an open question. */
export function undoByKey(event: KeyboardEvent): void {
  const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
  if (key.toLowerCase() !== 'z' || ctrlKey === metaKey || shiftKey || altKey) return;
  if (target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null) return;
  if (document.querySelector('dialog:modal:not(.drawer)') !== null) return;
  const last = steps.at(-1);
  if (last === undefined) return;
  event.preventDefault();
  takeBack(last);
}
