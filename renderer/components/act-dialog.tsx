import type { ReactNode } from 'react';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Button } from './button.tsx';
import styles from './act-dialog.module.css';

type Props = {
  /** What its button says. */
  open: string;
  look?: 'primary' | 'secondary' | 'danger';
  title: string;
  children: (close: () => void) => ReactNode;
};

/** A button, and the form behind it. Nothing behind the form is reached until it is left. */
export function ActDialog({ open, look = 'secondary', title, children }: Props) {
  return (
    <DialogTrigger>
      <Button look={look}>{open}</Button>
      <ModalOverlay className={styles['overlay'] ?? ''}>
        <Modal className={styles['modal'] ?? ''}>
          <Dialog className={styles['dialog'] ?? ''} role={look === 'danger' ? 'alertdialog' : 'dialog'}>
            {({ close }) => (
              <>
                <Heading slot="title">{title}</Heading>
                {children(close)}
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
