import { useEffect } from 'preact/hooks';
import { t } from '../words/i18n.ts';

/** Names the page in the browser's tab and history. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} — ${t.app.name}`;
  }, [title]);
}
