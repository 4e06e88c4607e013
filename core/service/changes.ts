/** How long a long poll waits before it answers that nothing has changed (milliseconds). */
const LONGEST_WAIT_MS = 25_000;

/** Counts changes, and lets a view wait for the next one. */
export class Changes {
  #version = 0;
  #waiting = new Set<() => void>();

  get version(): number {
    return this.#version;
  }

  announce(): void {
    this.#version += 1;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /** The version, as soon as it is not `after`. */
  async since(after: number): Promise<number> {
    if (this.#version === after) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, LONGEST_WAIT_MS);
        this.#waiting.add(wake);
      });
    }
    return this.#version;
  }
}
