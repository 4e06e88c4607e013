import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type Database from 'better-sqlite3';

/** The log of a database in WAL mode (SQLite file format, section 4), beside what SQLite does with it: its room, and what was erased. */

/** A header, and then frames: each a header of its own, which begins with the number of its page, and the page (bytes). */
const HEADER = 32;
const FRAME_HEADER = 24;
/** How long it grows before SQLite moves it to the file (pages), 64 MiB: what changes often goes there once, and what many write at once waits for fewer syncs. The last of them may write some more. */
const PAGES = 16_384;
const BEYOND = 512;
/** Room is given in steps of what is there already, and of no more than this (bytes). */
const STEP = 8 * 1024 * 1024;
const ZEROS = new Uint8Array(1024 * 1024);

export class WriteAheadLog {
  readonly #database: Database.Database;
  readonly #frame: number;
  /** Open from the first commit on. */
  #file: number | null = null;
  /** Up to where it has room (bytes); Infinity: it is given no more. */
  #room = 0;

  constructor(database: Database.Database) {
    this.#database = database;
    database.pragma(`wal_autocheckpoint = ${PAGES}`);
    this.#frame = FRAME_HEADER + Number(database.pragma('page_size', { simple: true }));
  }

  /**
   * After a commit: where it has made the file longer, zeros are put behind it. A sync of a file that grows is a sync of the file system's journal too, and takes
   * twice as long as one of a file that has its size. Whatever comes of it, what was committed is: a disk without room for that may have room for SQLite.
   */
  keepRoom(): void {
    if (this.#room === Infinity) return;
    let size = Infinity;
    try {
      const file = this.#open();
      ({ size } = fstatSync(file));
      if (size <= this.#room) return;
      const limit = HEADER + (PAGES + BEYOND) * this.#frame;
      const room = Math.max(0, Math.min(size, STEP, limit - size));
      this.#room = Infinity;
      writeZeros(file, size, room);
      if (size + room < limit) this.#room = size + room;
    } catch {
      if (this.#file !== null && size !== Infinity) ftruncateSync(this.#file, size);
    }
  }

  /** Between two transactions: puts everything into the database, and zeros over it, so that nothing of it is left. */
  erase(): void {
    const [done] = this.#database.pragma('wal_checkpoint(RESTART)') as {
      busy: number;
      log: number;
      checkpointed: number;
    }[];
    if (done?.busy !== 0 || done.log !== done.checkpointed) throw new Error('the log is in use');
    const file = this.#open();
    const { size } = fstatSync(file);
    if (size <= HEADER) return;
    // Without its header it is no log. Durable first: after a loss of power a log without its end would be taken for what came last.
    writeZeros(file, 0, HEADER);
    fdatasyncSync(file);
    writeZeros(file, HEADER, Math.min(this.#written(file, size), size - HEADER));
    fdatasyncSync(file);
  }

  /** SQLite removes the file itself. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #open(): number {
    return (this.#file ??= openSync(`${this.#database.name}-wal`, 'r+'));
  }

  /** In how many bytes behind the header there may be anything: behind the last frame that was written are zeros, and no page has the number 0. One may have been begun. */
  #written(file: number, size: number): number {
    const number = new Uint8Array(4);
    let [from, to] = [0, Math.floor((size - HEADER) / this.#frame)];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      readSync(file, number, 0, number.length, HEADER + middle * this.#frame);
      if (number.some((byte) => byte !== 0)) from = middle + 1;
      else to = middle;
    }
    return (from + 1) * this.#frame;
  }
}

function writeZeros(file: number, from: number, length: number): void {
  for (let done = 0; done < length;) {
    done += writeSync(file, ZEROS, 0, Math.min(ZEROS.length, length - done), from + done);
  }
}
