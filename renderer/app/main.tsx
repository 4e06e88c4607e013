import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { refreshInfo } from '../store/acts.ts';
import { followChanges } from '../store/follow.ts';
import '../style/base.css';
import { App } from './app.tsx';
import { guardAgainstScanners } from './scanner-guard.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no root');
guardAgainstScanners();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
void refreshInfo();
void followChanges();
