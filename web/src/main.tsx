import { createClient } from '@supabase/supabase-js';
import { render } from 'preact';
import { App } from './app.tsx';
import { readBackend } from './config.ts';
import { language, t } from './i18n.ts';

document.documentElement.lang = language;
document.title = t.app.name;

const root = document.getElementById('app');
if (root === null) throw new Error('Start the page: #app is missing');
const backend = readBackend();
if (backend === null) {
  render(
    <main class='page'>
      <p class='notice notice-failure' role='alert'>{t.app.notConfigured}</p>
    </main>,
    root,
  );
} else {
  render(<App backend={backend} client={createClient(backend.url, backend.publishableKey)} />, root);
}
