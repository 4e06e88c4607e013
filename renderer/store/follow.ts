import { refreshInfo, refreshView } from './acts.ts';
import { changesAfter } from './rpc.ts';
import { useWindow } from './store.ts';

const RETRY_MS = 2000;

/** Asks core for changes for as long as the window lives, and shows each. */
export async function followChanges(): Promise<never> {
  let after = 0;
  for (;;) {
    const outcome = await changesAfter(after);
    if (outcome.ok) {
      const { gone, view } = useWindow.getState();
      if (gone || outcome.value.version !== after) {
        after = outcome.value.version;
        await (view ? refreshView(gone) : refreshInfo());
      }
    } else {
      after = 0;
      useWindow.setState({ gone: true });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
