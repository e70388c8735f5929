import { language, t } from '../words/i18n.ts';
import { usePlace } from './navigation.tsx';

/** The same page in the other language. */
export function LanguageLink() {
  const { path, query } = usePlace();
  const other = language === 'fr' ? 'en' : 'fr';
  const address = new URLSearchParams(query);
  address.set('lang', other);
  return <a href={`${path}?${address}`} lang={other} hreflang={other}>{t.app.otherLanguage}</a>;
}
