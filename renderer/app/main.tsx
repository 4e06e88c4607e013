import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { refuseEnter } from '../components/deliberate.ts';
import { applySettings, refreshInfo } from '../store/acts.ts';
import { ASKED } from '../store/ask.ts';
import { followChanges } from '../store/follow.ts';
import '../style/base.css';
import { App } from './app.tsx';

/** What core has not answered by then is said to be on its way (milliseconds). */
const PATIENCE_MS = 100;

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no root');
refuseEnter();
const answered = Promise.all([applySettings(ASKED.settings), refreshInfo(ASKED.info)]);
void Promise.race([answered, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]).then(() => {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  void followChanges();
});
