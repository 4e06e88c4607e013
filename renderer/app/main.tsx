import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { refuseEnter } from '../components/deliberate.ts';
import { applySettings, refreshInfo } from '../store/acts.ts';
import { followChanges } from '../store/follow.ts';
import '../style/base.css';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no root');
refuseEnter();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
void applySettings();
void refreshInfo();
void followChanges();
