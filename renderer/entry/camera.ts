import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import readerAddress from 'zxing-wasm/reader/zxing_reader.wasm?url';
import { PREFIX } from '../../core/shares/share.ts';
import { say } from '../messages/say.ts';
import { asked, part, refuse } from './page.ts';

/** From the end of one look to the next. */
const REST_MS = 60;
/** As much as a code of 57 modules needs at arm's length, and a reader takes in its stride. */
const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 } };
/** A share sheet has two codes, a manifest sheet more. */
const MAX_CODES = 6;

// The reader would fetch its WebAssembly from a public server; the shell serves the installed file.
prepareZXingModule({ overrides: { locateFile: () => readerAddress } });

/**
 * The camera is open from a press to the share that core takes, or to another press. What it sees is decoded here; what is shown is a picture of 64 by 36 points,
 * in which a sheet can be aimed and no code of a share can be read: at best it has one point for one and a half of its modules.
 */
export function startCamera(offer: (text: string) => Promise<boolean>, begin: () => void) {
  const view = part(HTMLElement, '#view');
  const shown = part(HTMLCanvasElement, '#picture');
  const state = part(HTMLElement, '#camera-state');
  const button = part(HTMLButtonElement, '#camera-switch');
  let stream: MediaStream | null = null;
  /** A camera takes a moment to open: whoever has closed it meanwhile is not seen by it. */
  let stops = 0;

  function show(text: string): void {
    if (state.textContent !== text) state.textContent = text;
    button.textContent = say(stream ? 'scan.cameraClose' : 'scan.cameraOpen');
    view.toggleAttribute('data-open', stream !== null);
  }

  function stop(): void {
    stops += 1;
    if (stream) {
      for (const track of stream.getTracks()) track.stop();
      stream = null;
      void tellShell('close');
    }
    shown.getContext('2d')?.clearRect(0, 0, shown.width, shown.height);
    show(say('scan.cameraOff'));
  }

  async function open(): Promise<void> {
    begin();
    button.disabled = true;
    const before = stops;
    try {
      await tellShell('open');
      stream = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...(await chosenCamera()) } });
      for (const track of stream.getTracks()) track.addEventListener('ended', stop);
      if (stops === before) void look(stream).catch(failed);
      else stop();
    } catch (error) {
      failed(error);
    }
    button.disabled = false;
    show(say(stream ? 'scan.cameraLooking' : 'scan.cameraOff'));
  }

  function failed(error: unknown): void {
    stop();
    void tellShell('close');
    const missing = error instanceof DOMException && error.name === 'NotFoundError';
    refuse(say(missing ? 'scan.cameraNone' : 'scan.cameraFailed'), say('scan.cameraNext'));
  }

  /** Looks until this stream is closed. A text that core has refused is offered again only after another was seen. */
  async function look(from: MediaStream): Promise<void> {
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = from;
    await video.play();
    const { videoWidth: width, videoHeight: height } = video;
    const whole = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    const small = shown.getContext('2d');
    if (small) small.imageSmoothingQuality = 'high';
    let refused = '';
    while (stream === from && whole && small) {
      small.drawImage(video, 0, 0, shown.width, shown.height);
      whole.drawImage(video, 0, 0);
      const codes = await readBarcodes(whole.getImageData(0, 0, width, height), {
        formats: ['QRCode'],
        tryHarder: true,
        maxNumberOfSymbols: MAX_CODES,
      });
      const texts = [...new Set(codes.filter(({ isValid }) => isValid).map(({ text }) => text))];
      const shares = texts.filter((text) => text.startsWith(PREFIX));
      const [text = ''] = shares.length > 0 ? shares : texts;
      if (shares.length > 1) show(say('scan.cameraTwo'));
      else if (text !== '' && text !== refused) {
        show(say('scan.cameraRead'));
        refused = (await offer(text)) ? text : '';
      } else if (text === '') show(say('scan.cameraLooking'));
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
    whole?.clearRect(0, 0, width, height);
    video.srcObject = null;
  }

  button.addEventListener('click', () => {
    if (stream) stop();
    else void open();
  });
  show(say('scan.cameraOff'));
  return { stop };
}

/** The camera that Settings name, by its name; else the first. */
async function chosenCamera(): Promise<MediaTrackConstraints> {
  const wanted = asked('camera');
  if (wanted === '') return {};
  const devices = await navigator.mediaDevices.enumerateDevices();
  const chosen = devices.find(({ kind, label }) => kind === 'videoinput' && label === wanted);
  return chosen ? { deviceId: { exact: chosen.deviceId } } : {};
}

/** The shell grants the camera while a scan is open. */
async function tellShell(word: 'open' | 'close'): Promise<void> {
  await fetch(`/camera/${word}`, { method: 'POST' });
}
