import { type TOTP, URI } from 'otpauth';
import { create } from 'qrcode';
import { say } from '../messages/say.ts';
import { done, noTrouble, part, refuse } from './page.ts';

/** ISO/IEC 18004 asks for four light modules around a code. */
const QUIET = 4;
const SVG = 'http://www.w3.org/2000/svg';
/** Of an authenticator whose clock is a little off (periods of 30 seconds). */
const PERIODS = 1;

/** Black on white in both themes: cameras read no other. */
function picture(uri: Uint8Array): SVGSVGElement {
  const { modules } = create([{ data: uri, mode: 'byte' }], { errorCorrectionLevel: 'M' });
  const size = modules.size + 2 * QUIET;
  const dark = Array.from(modules.data, (on, index) =>
    on ? `M${(index % modules.size) + QUIET} ${Math.floor(index / modules.size) + QUIET}h1v1h-1z` : '',
  );
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', dark.join(''));
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('shape-rendering', 'crispEdges');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', say('once.picture'));
  svg.append(path);
  return svg;
}

/**
 * The key of somebody's one-time codes (an otpauth URI, which is overwritten), as a picture and as text, until a code that the authenticator makes of it is typed: so it is there. It is tried here
 * and goes nowhere, and it ends with this process.
 */
export function showOnce(uri: Uint8Array): void {
  const totp = URI.parse(new TextDecoder().decode(uri)) as TOTP;
  const proof = part(HTMLInputElement, '#proof');
  const kept = part(HTMLButtonElement, '#kept');
  const hidden = ['#says', '#drawing', '#fields', '#give'];
  for (const selector of hidden) part(HTMLElement, selector).hidden = true;
  for (const [selector, text] of [
    ['#once-says', say('once.lead')],
    ['#once-name-label', say('once.name')],
    ['#once-name', `${totp.issuer}: ${totp.label}`],
    ['#once-key-label', say('once.key')],
    ['#once-key', totp.secret.base32.replace(/.{4}(?=.)/g, '$& ')],
    ['label[for=proof]', say('once.proof')],
    ['#proof-hint', say('once.proofHint')],
    ['#kept', say('once.done')],
  ] as const) {
    part(HTMLElement, selector).textContent = text;
  }
  part(HTMLElement, '#once-code').replaceChildren(picture(uri));
  uri.fill(0);
  part(HTMLElement, '#once').hidden = false;
  kept.hidden = false;
  proof.focus();
  const check = () => {
    noTrouble();
    const right = totp.validate({ token: proof.value, window: PERIODS }) !== null;
    proof.value = '';
    if (right) done(null);
    else refuse(say('once.wrong'), say('once.wrongNext'));
    proof.focus();
  };
  kept.addEventListener('click', check);
  proof.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') check();
  });
}
