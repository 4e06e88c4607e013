/**
 * Whether the camera may be used now. The entry frame opens it for a scan and closes it afterwards; each page that the entry
 * origin is served closes it too, so that a frame which was removed in the middle of a scan leaves nothing to the next one.
 */
export class CameraGate {
  /** For a shell that grants ahead of the question, and takes back. */
  onChange: (open: boolean) => Promise<void> = () => Promise.resolve();
  #open = false;

  get open(): boolean {
    return this.#open;
  }

  async set(open: boolean): Promise<void> {
    if (this.#open === open) return;
    this.#open = open;
    await this.onChange(open);
  }
}
