import { render } from 'preact';
import { App } from './app.tsx';
import { createBackend } from './backend/backend.ts';
import { readConfig } from './backend/config.ts';
import { holdConsentSecret } from './parts/consent_secret.ts';
import { holdRecovery } from './parts/recovery.ts';
import { language, t } from './words/i18n.ts';

// Before anything is asked of any server.
holdConsentSecret();
holdRecovery();
document.documentElement.lang = language;
document.title = t.app.name;

const root = document.getElementById('app');
if (root === null) throw new Error('Start the page: #app is missing');
const config = readConfig();
if (config === null) {
  render(
    <main class='page'>
      <p class='notice notice-failure' role='alert'>{t.app.notConfigured}</p>
    </main>,
    root,
  );
} else {
  render(<App backend={createBackend(config)} />, root);
}
